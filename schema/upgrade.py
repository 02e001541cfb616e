"""Upgrades of legacy license subscriptions. Source: CONTRACT 5.2, 6.1, 6.2."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import field
from strawberry.scalars import JSON

from schema.context import Info
from schema.directives import ONE_CALL, PER_SUBSCRIPTION
from schema.keys import SubscriptionKey
from schema.offer import Offer
from schema.resource import ResourceAttributes

if TYPE_CHECKING:
    from schema.customer_subscription import CustomerSubscription

LazySubscription = Annotated[
    "CustomerSubscription", strawberry.lazy("schema.customer_subscription")
]


@strawberry.enum(description="What an upgrade moves.")
class UpgradeType(Enum):
    """CONTRACT 6.1."""

    NONE = strawberry.enum_value("NONE", description="Nothing; the vendor's default.")
    UPGRADE_ONLY = strawberry.enum_value(
        "UPGRADE_ONLY", description="The subscription, not the licenses assigned to users."
    )
    UPGRADE_WITH_LICENSE_TRANSFER = strawberry.enum_value(
        "UPGRADE_WITH_LICENSE_TRANSFER",
        description="The subscription, and each user's license with it.",
    )
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value this graph does not know.")


@strawberry.enum(description="What an upgrade should move.")
class UpgradeTypeInput(Enum):
    """The values of `UpgradeType` that can be ordered."""

    UPGRADE_ONLY = strawberry.enum_value(
        "UPGRADE_ONLY", description="The subscription, not the licenses assigned to users."
    )
    UPGRADE_WITH_LICENSE_TRANSFER = strawberry.enum_value(
        "UPGRADE_WITH_LICENSE_TRANSFER",
        description="The subscription, and each user's license with it.",
    )


@strawberry.enum(description="Why an upgrade is not possible. Each value says the cure.")
class UpgradeErrorCode(Enum):
    """CONTRACT 6.2."""

    OTHER = strawberry.enum_value("OTHER", description="General; look at `description`.")
    DELEGATED_ADMIN_PERMISSIONS_DISABLED = strawberry.enum_value(
        "DELEGATED_ADMIN_PERMISSIONS_DISABLED",
        description="The customer removed delegated administration: restore it.",
    )
    SUBSCRIPTION_STATUS_NOT_ACTIVE = strawberry.enum_value(
        "SUBSCRIPTION_STATUS_NOT_ACTIVE",
        description="The source is suspended or deleted: reactivate it.",
    )
    CONFLICTING_SERVICE_TYPES = strawberry.enum_value(
        "CONFLICTING_SERVICE_TYPES",
        description="Another subscription has its services: choose UPGRADE_ONLY or another target.",
    )
    CONCURRENCY_CONFLICTS = strawberry.enum_value(
        "CONCURRENCY_CONFLICTS",
        description="The customer has as many subscriptions of the offer as allowed: free one.",
    )
    USER_CONTEXT_REQUIRED = strawberry.enum_value(
        "USER_CONTEXT_REQUIRED",
        description="The gateway's token has no user: use app+user authentication.",
    )
    SUBSCRIPTION_ADD_ONS_PRESENT = strawberry.enum_value(
        "SUBSCRIPTION_ADD_ONS_PRESENT", description="The source has add-ons: remove them."
    )
    SUBSCRIPTION_DOES_NOT_HAVE_ANY_UPGRADE_PATHS = strawberry.enum_value(
        "SUBSCRIPTION_DOES_NOT_HAVE_ANY_UPGRADE_PATHS", description="There is no path: no cure."
    )
    SUBSCRIPTION_TARGET_OFFER_NOT_FOUND = strawberry.enum_value(
        "SUBSCRIPTION_TARGET_OFFER_NOT_FOUND",
        description="The target is no path of the source: read the upgrades again.",
    )
    SUBSCRIPTION_NOT_PROVISIONED = strawberry.enum_value(
        "SUBSCRIPTION_NOT_PROVISIONED",
        description="The source's order is still being processed: wait, then read again.",
    )
    OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE = strawberry.enum_value(
        "OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE",
        description="The target lacks the source's billing cycle: change the cycle.",
    )
    INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS = strawberry.enum_value(
        "INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS",
        description="A granular delegated role is missing: have the customer grant it.",
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="A code this graph does not know; see `rawCode`."
    )


@strawberry.type(description="One reason why an upgrade is not possible.")
class UpgradeError:
    """CONTRACT 5.2, UpgradeError."""

    code: UpgradeErrorCode = field(description="The reason.")
    raw_code: str = field(description="`code` as sent, a number or a name; empty if absent.")
    description: str | None = field(default=None, description="The vendor's text.")
    additional_details: str | None = field(
        default=None, description="More about this case, such as the source's status."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )


@strawberry.type(
    description=(
        "A way to upgrade a subscription: one for each pair of target offer and upgrade type, "
        "also when it is not possible now. It has no id of its own."
    )
)
class Upgrade:
    """CONTRACT 5.2, Upgrade."""

    target_offer: Offer = field(description="The offer of the subscription it leads to.")
    upgrade_type: UpgradeType = field(description="What it moves.")
    raw_upgrade_type: str | None = field(default=None, description="`upgradeType` as sent.")
    is_eligible: bool = field(description="Whether it can be performed now.")
    quantity: int | None = field(
        default=None, description="Licenses to buy; the source's quantity unless changed."
    )
    upgrade_errors: list[UpgradeError] = field(
        default_factory=list, description="Why it is not possible; empty when it is."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )
    source: strawberry.Private[SubscriptionKey]

    @strawberry.field(description="The subscription to be upgraded.", directives=PER_SUBSCRIPTION)
    async def source_subscription(self, info: Info) -> LazySubscription | None:
        """Follow back; no further call where the subscription was read in this request."""
        return await info.context.loaders.subscription.load(self.source)


@strawberry.type(description="A fault as the vendor reports it.")
class ServiceFault:
    """CONTRACT 5.2, ServiceFault."""

    code: str | None = field(default=None, description="The vendor's code, digits as a string.")
    description: str | None = field(default=None, description="The vendor's text.")
    data: JSON | None = field(default=None, description="A list of further values, as sent.")
    source: str | None = field(default=None, description="The vendor's part that reports it.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )


@strawberry.type(description="A user whose license was not moved by an upgrade.")
class UserLicenseError:
    """CONTRACT 5.2, UserLicenseError."""

    user_object_id: strawberry.ID | None = field(
        default=None, description="The user's directory object id, a GUID."
    )
    name: str | None = field(default=None, description="The user's name.")
    email: str | None = field(default=None, description="The user's address.")
    errors: list[ServiceFault] = field(default_factory=list, description="The causes.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )


@strawberry.type(description="How a performed upgrade ended.")
class UpgradeResult:
    """CONTRACT 5.2, UpgradeResult; 10.1 says which of its errors mean what."""

    source_subscription_id: strawberry.ID | None = field(
        default=None, description="The subscription that was upgraded, a GUID."
    )
    target_subscription_id: strawberry.ID | None = field(
        default=None, description="The subscription that was bought; null if none was."
    )
    upgrade_type: UpgradeType | None = field(default=None, description="What was moved.")
    raw_upgrade_type: str | None = field(default=None, description="`upgradeType` as sent.")
    upgrade_errors: list[UpgradeError] = field(
        default_factory=list, description="Why nothing was bought; empty if something was."
    )
    license_errors: list[UserLicenseError] = field(
        default_factory=list, description="Users whose licenses were not moved."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )
    customer_id: strawberry.Private[str]

    @strawberry.field(
        description="The subscription that was upgraded.", directives=PER_SUBSCRIPTION
    )
    async def source_subscription(self, info: Info) -> LazySubscription | None:
        """Follow `sourceSubscriptionId`."""
        return await _load_subscription(self.customer_id, self.source_subscription_id, info)

    @strawberry.field(description="The subscription that was bought.", directives=ONE_CALL)
    async def target_subscription(self, info: Info) -> LazySubscription | None:
        """Follow `targetSubscriptionId`."""
        return await _load_subscription(self.customer_id, self.target_subscription_id, info)


async def _load_subscription(
    customer_id: str, subscription_id: str | None, info: Info
) -> LazySubscription | None:
    if subscription_id is None:
        return None
    key = SubscriptionKey(customer_id, subscription_id)
    return await info.context.loaders.subscription.load(key)
