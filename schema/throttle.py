"""The vendor's throttling as the gateway sees it. Source: CONTRACT 9."""

from enum import Enum

import strawberry
from strawberry import field


@strawberry.enum(description="Calls that the vendor counts together.")
class ThrottleBucket(Enum):
    """CONTRACT 9: the buckets the sandbox chose, as the vendor publishes none."""

    CUSTOMER_LIST = strawberry.enum_value("CUSTOMER_LIST", description="The list of customers.")
    CUSTOMER_READS = strawberry.enum_value(
        "CUSTOMER_READS", description="Reads of one customer and its subscriptions."
    )
    UPGRADES = strawberry.enum_value("UPGRADES", description="Upgrades of one customer.")
    TRANSITIONS = strawberry.enum_value("TRANSITIONS", description="Transitions of one customer.")
    PRODUCT_UPGRADES = strawberry.enum_value(
        "PRODUCT_UPGRADES", description="Product upgrades of all customers."
    )
    CATALOG = strawberry.enum_value("CATALOG", description="Offers and categories.")


@strawberry.type(
    description=(
        "Calls that are throttled together, as this process sees them: shown while calls are in "
        "flight, a pause lasts or a limit is in use."
    )
)
class ThrottleScope:
    """One bucket, of one customer where the vendor counts by customer."""

    bucket: ThrottleBucket = field(description="The calls.")
    customer_id: strawberry.ID | None = field(
        default=None, description="The customer; null where the partner is counted."
    )
    in_flight: int = field(description="Calls under way.")
    sent_in_window: int = field(description="Calls sent within the window of `limit`.")
    limit: int | None = field(
        default=None, description="Calls in 60 seconds beyond which none is sent; null: no budget."
    )
    retry_after_seconds: float | None = field(
        default=None,
        description="Seconds for which the vendor asked for silence; null: not paused.",
    )
