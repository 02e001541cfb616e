"""The vendor's throttling as the gateway sees it. Source: CONTRACT 9."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import field


@strawberry.enum(description="Calls that the vendor counts together.")
class ThrottleBucket(Enum):
    """CONTRACT 9: the buckets the sandbox chose, as the vendor publishes none."""

    CUSTOMERS = strawberry.enum_value(
        "CUSTOMERS", description="Reads of one customer and its subscriptions."
    )
    UPGRADES = strawberry.enum_value(
        "UPGRADES", description="Upgrades and transitions of one customer."
    )
    PRODUCT_UPGRADES = strawberry.enum_value(
        "PRODUCT_UPGRADES", description="Product upgrades of all customers."
    )
    CATALOG = strawberry.enum_value("CATALOG", description="Offers and categories.")
    DIRECTORY = strawberry.enum_value("DIRECTORY", description="The list of customers.")


@strawberry.type(
    description="Calls that are throttled together, as far as this process has seen them."
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
    paused_until: datetime | None = field(
        default=None, description="Until when the vendor asked for silence, UTC; null: not paused."
    )
