"""Partner Center's rate limits, as the gateway knows them. Source: CONTRACT 9."""

from enum import Enum

import strawberry
from strawberry import field


@strawberry.enum(description="A group of calls that share a rate limit in Partner Center.")
class ThrottleBucket(Enum):
    """The groups of calls that share a rate limit, as the sandbox defines them.

    Microsoft publishes none.
    """

    CUSTOMER_LIST = strawberry.enum_value("CUSTOMER_LIST", description="The list of customers.")
    CUSTOMER_READS = strawberry.enum_value(
        "CUSTOMER_READS", description="Reads of one customer and its subscriptions."
    )
    UPGRADES = strawberry.enum_value(
        "UPGRADES", description="Reads and purchases of one customer's upgrades."
    )
    TRANSITIONS = strawberry.enum_value(
        "TRANSITIONS", description="Reads and purchases of one customer's transitions."
    )
    PRODUCT_UPGRADES = strawberry.enum_value(
        "PRODUCT_UPGRADES", description="Product upgrades of all customers."
    )
    CATALOG = strawberry.enum_value("CATALOG", description="Offers, categories and products.")
    AUDIT = strawberry.enum_value("AUDIT", description="Audit records.")
    WEBHOOKS = strawberry.enum_value("WEBHOOKS", description="The registration for events.")


@strawberry.type(
    description=(
        "The calls that share a rate limit, as this process knows them. Listed"
        " while calls are in flight, while Partner Center throttles the gateway or"
        " fails its calls, or while a limit is in use. Kept by this gateway."
    )
)
class ThrottleScope:
    """One rate limit: of a bucket, and of one customer if Partner Center counts by customer."""

    bucket: ThrottleBucket = field(description="The group of calls.")
    customer_id: strawberry.ID | None = field(
        default=None,
        description="The customer's tenant id. Null if the limit applies to the whole partner.",
    )
    in_flight: int = field(description="The number of calls in flight.")
    sent_in_window: int = field(description="The number of calls sent in the last 60 seconds.")
    limit: int | None = field(
        default=None,
        description=(
            "The maximum number of calls in 60 seconds by this process. Null if the gateway applies"
            " no limit."
        ),
    )
    retry_after_seconds: float | None = field(
        default=None,
        description=(
            "Seconds until calls resume, from `Retry-After`; if `isCircuitOpen`, until the gateway"
            " tries the next call. Null if calls are not paused."
        ),
    )
    is_circuit_open: bool = field(
        default=False,
        description=(
            "Whether calls of this bucket fail at once, because the last ones all ended with 5xx or"
            " without a response. One call every few seconds finds out whether they succeed again."
        ),
    )
