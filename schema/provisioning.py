"""Provisioning of a subscription. Source: CONTRACT 4.6, 5.5, 6.5."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import field

from schema.resource import ResourceAttributes


@strawberry.enum(description="How far a subscription is set up.")
class ProvisioningStatus(Enum):
    """CONTRACT 6.5, ProvisioningStatus."""

    NONE = strawberry.enum_value("NONE", description="Nothing to set up.")
    SUCCESS = strawberry.enum_value("SUCCESS", description="Set up.")
    PENDING = strawberry.enum_value("PENDING", description="A change is being applied.")
    FAILED = strawberry.enum_value("FAILED", description="The last change failed.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value this graph does not know.")


@strawberry.type(
    description=(
        "How far a subscription is set up; the vendor renews it every 15 minutes. "
        "Needs app+user authentication and delegated administration of the customer."
    )
)
class SubscriptionProvisioningStatus:
    """CONTRACT 5.5, SubscriptionProvisioningStatus."""

    sku_id: strawberry.ID | None = field(default=None, description="The product SKU, a GUID.")
    status: ProvisioningStatus | None = field(default=None, description="How far it is.")
    raw_status: str | None = field(default=None, description="`status` as sent.")
    quantity: int | None = field(default=None, description="Licenses after provisioning.")
    end_date: datetime | None = field(default=None, description="End of the subscription, UTC.")
    raw_end_date: str | None = field(default=None, description="`endDate` as sent.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )
