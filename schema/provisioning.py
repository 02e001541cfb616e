"""The provisioning status of a subscription. Source: CONTRACT 4.6, 5.5, 6.5."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import field

from schema.resource import ResourceAttributes


@strawberry.enum(description="Whether the latest change of licenses has been applied.")
class ProvisioningStatus(Enum):
    NONE = strawberry.enum_value("NONE", description="There is nothing to apply.")
    SUCCESS = strawberry.enum_value("SUCCESS", description="The change has been applied.")
    PENDING = strawberry.enum_value("PENDING", description="The change is being applied.")
    FAILED = strawberry.enum_value("FAILED", description="The change failed.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="A value that this version of the graph does not know. `rawStatus` has it.",
    )


@strawberry.type(
    description=(
        "Whether a subscription's licenses have been provisioned. Partner Center"
        " updates it every 15 minutes, and requires app+user authentication and"
        " delegated administration of the customer."
    )
)
class SubscriptionProvisioningStatus:
    sku_id: strawberry.ID | None = field(
        default=None, description="The id of the product SKU, a GUID."
    )
    status: ProvisioningStatus | None = field(default=None, description="The provisioning status.")
    raw_status: str | None = field(default=None, description="`status` as Partner Center sent it.")
    quantity: int | None = field(
        default=None, description="The number of licenses after provisioning."
    )
    end_date: datetime | None = field(default=None, description="When the subscription ends.")
    raw_end_date: str | None = field(
        default=None, description="`endDate` as Partner Center sent it."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
