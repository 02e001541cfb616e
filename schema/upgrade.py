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


@strawberry.enum(description="Whether an upgrade also moves assigned licenses.")
class UpgradeType(Enum):
    NONE = strawberry.enum_value("NONE", description="Nothing. It cannot be ordered.")
    UPGRADE_ONLY = strawberry.enum_value(
        "UPGRADE_ONLY",
        description="The subscription, but not the licenses that are assigned to users.",
    )
    UPGRADE_WITH_LICENSE_TRANSFER = strawberry.enum_value(
        "UPGRADE_WITH_LICENSE_TRANSFER",
        description="The subscription and the licenses that are assigned to users.",
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description=(
            "A value that this version of the graph does not know. `rawUpgradeType` has it."
        ),
    )


@strawberry.enum(description="Whether an upgrade should also move assigned licenses.")
class UpgradeTypeInput(Enum):
    """The upgrade types that can be ordered."""

    UPGRADE_ONLY = strawberry.enum_value(
        "UPGRADE_ONLY",
        description="The subscription, but not the licenses that are assigned to users.",
    )
    UPGRADE_WITH_LICENSE_TRANSFER = strawberry.enum_value(
        "UPGRADE_WITH_LICENSE_TRANSFER",
        description="The subscription and the licenses that are assigned to users.",
    )


@strawberry.enum(description="Why an upgrade is not possible, and what to do about it.")
class UpgradeErrorCode(Enum):
    OTHER = strawberry.enum_value("OTHER", description="Another reason. `description` has it.")
    DELEGATED_ADMIN_PERMISSIONS_DISABLED = strawberry.enum_value(
        "DELEGATED_ADMIN_PERMISSIONS_DISABLED",
        description=(
            "The customer removed the partner's delegated administration. Ask the"
            " customer to restore it."
        ),
    )
    SUBSCRIPTION_STATUS_NOT_ACTIVE = strawberry.enum_value(
        "SUBSCRIPTION_STATUS_NOT_ACTIVE",
        description="The subscription is suspended or deleted. Reactivate it.",
    )
    CONFLICTING_SERVICE_TYPES = strawberry.enum_value(
        "CONFLICTING_SERVICE_TYPES",
        description=(
            "Another subscription of the customer has the same services. Choose"
            " `UPGRADE_ONLY` or another target."
        ),
    )
    CONCURRENCY_CONFLICTS = strawberry.enum_value(
        "CONCURRENCY_CONFLICTS",
        description=(
            "The customer has the maximum number of subscriptions to the target offer. Remove one."
        ),
    )
    USER_CONTEXT_REQUIRED = strawberry.enum_value(
        "USER_CONTEXT_REQUIRED",
        description="The gateway's token has no user. Use app+user authentication.",
    )
    SUBSCRIPTION_ADD_ONS_PRESENT = strawberry.enum_value(
        "SUBSCRIPTION_ADD_ONS_PRESENT", description="The subscription has add-ons. Remove them."
    )
    SUBSCRIPTION_DOES_NOT_HAVE_ANY_UPGRADE_PATHS = strawberry.enum_value(
        "SUBSCRIPTION_DOES_NOT_HAVE_ANY_UPGRADE_PATHS",
        description="The subscription cannot be upgraded to anything.",
    )
    SUBSCRIPTION_TARGET_OFFER_NOT_FOUND = strawberry.enum_value(
        "SUBSCRIPTION_TARGET_OFFER_NOT_FOUND",
        description=(
            "The subscription cannot be upgraded to this offer. Read its `upgrades` again."
        ),
    )
    SUBSCRIPTION_NOT_PROVISIONED = strawberry.enum_value(
        "SUBSCRIPTION_NOT_PROVISIONED",
        description="The subscription's order is still being processed. Try again later.",
    )
    OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE = strawberry.enum_value(
        "OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE",
        description=(
            "The target offer does not support the subscription's billing cycle."
            " Change the cycle first."
        ),
    )
    INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS = strawberry.enum_value(
        "INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS",
        description=(
            "The partner lacks a granular delegated admin role. Ask the customer to grant it."
        ),
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="A code that this version of the graph does not know. `rawCode` has it.",
    )


@strawberry.type(
    description="A reason, reported by Partner Center, why an upgrade is not possible."
)
class UpgradeError:
    code: UpgradeErrorCode = field(description="The reason.")
    raw_code: str = field(
        description="`code` as Partner Center sent it, a number or a name. Empty if it sent none."
    )
    description: str | None = field(
        default=None, description="Partner Center's description of the reason."
    )
    additional_details: str | None = field(
        default=None, description="Details of this case, such as the subscription's status."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )


@strawberry.type(
    description=(
        "A possible upgrade of a legacy license subscription: one for each pair"
        " of target offer and upgrade type, including those that are not eligible"
        " now. It has no id of its own."
    )
)
class Upgrade:
    target_offer: Offer = field(description="The offer to which the upgrade leads.")
    upgrade_type: UpgradeType = field(description="What the upgrade moves.")
    raw_upgrade_type: str | None = field(
        default=None, description="`upgradeType` as Partner Center sent it."
    )
    is_eligible: bool = field(description="Whether the upgrade is possible now.")
    quantity: int | None = field(
        default=None, description="The number of licenses that would be bought by default."
    )
    upgrade_errors: list[UpgradeError] = field(
        default_factory=list, description="Why the upgrade is not possible. Empty if it is."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
    source: strawberry.Private[SubscriptionKey]

    @strawberry.field(
        description=(
            "The subscription that would be upgraded. Costs no call if the document"
            " has read it already."
        ),
        directives=PER_SUBSCRIPTION,
    )
    async def source_subscription(self, info: Info) -> LazySubscription | None:
        return await info.context.loaders.subscription.load(self.source)


@strawberry.type(description="An error as Partner Center reports it.")
class ServiceFault:
    code: str | None = field(
        default=None, description="Partner Center's error code, digits as a string."
    )
    description: str | None = field(default=None, description="Partner Center's error message.")
    data: JSON | None = field(
        default=None, description="Further values, as Partner Center sent them."
    )
    source: str | None = field(
        default=None, description="The part of Partner Center that reports the error."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )


@strawberry.type(description="A user whose license an upgrade did not move.")
class UserLicenseError:
    user_object_id: strawberry.ID | None = field(
        default=None, description="The user's object id in the customer's directory, a GUID."
    )
    name: str | None = field(default=None, description="The user's name.")
    email: str | None = field(default=None, description="The user's email address.")
    errors: list[ServiceFault] = field(
        default_factory=list, description="Why the license was not moved."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )


@strawberry.type(
    description="Partner Center's result of a subscription upgrade. Null until it has responded."
)
class UpgradeResult:
    """The result of a license upgrade. CONTRACT 10.1 explains each combination of errors."""

    source_subscription_id: strawberry.ID | None = field(
        default=None, description="The id of the subscription that was upgraded, a GUID."
    )
    target_subscription_id: strawberry.ID | None = field(
        default=None,
        description="The id of the subscription that was bought, a GUID. Null if none was.",
    )
    upgrade_type: UpgradeType | None = field(
        default=None, description="Whether licenses were moved."
    )
    raw_upgrade_type: str | None = field(
        default=None, description="`upgradeType` as Partner Center sent it."
    )
    upgrade_errors: list[UpgradeError] = field(
        default_factory=list, description="Why nothing was bought. Empty if something was."
    )
    license_errors: list[UserLicenseError] = field(
        default_factory=list,
        description=(
            "The users whose licenses were not moved. The upgrade was bought all the same."
        ),
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
    customer_id: strawberry.Private[str]

    @strawberry.field(
        description=(
            "The subscription that was upgraded, as it is now. Costs one call unless"
            " the document has read it already."
        ),
        directives=PER_SUBSCRIPTION,
    )
    async def source_subscription(self, info: Info) -> LazySubscription | None:
        return await _load_subscription(self.customer_id, self.source_subscription_id, info)

    @strawberry.field(
        description="The subscription that was bought. Null if none was. Costs one call.",
        directives=ONE_CALL,
    )
    async def target_subscription(self, info: Info) -> LazySubscription | None:
        return await _load_subscription(self.customer_id, self.target_subscription_id, info)


async def _load_subscription(
    customer_id: str, subscription_id: str | None, info: Info
) -> LazySubscription | None:
    if subscription_id is None:
        return None
    key = SubscriptionKey(customer_id, subscription_id)
    return await info.context.loaders.subscription.load(key)
