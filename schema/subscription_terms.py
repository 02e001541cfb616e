"""Terms of a subscription: state, product, refunds, next term. Source: CONTRACT 5.5, 6.5."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import field

from schema.billing import BillingCycle


@strawberry.enum(
    description=(
        "The state of a subscription. Legacy subscriptions have only the first three states."
    )
)
class SubscriptionStatus(Enum):
    ACTIVE = strawberry.enum_value("ACTIVE", description="The subscription is in use.")
    SUSPENDED = strawberry.enum_value(
        "SUSPENDED", description="Users have no access. The data is kept."
    )
    DELETED = strawberry.enum_value("DELETED", description="The subscription was deleted.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="The term has ended.")
    PENDING = strawberry.enum_value("PENDING", description="The subscription is being set up.")
    DISABLED = strawberry.enum_value(
        "DISABLED", description="Expired. The data is kept for a limited time."
    )
    NONE = strawberry.enum_value("NONE", description="Partner Center has not set a state.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="A value that this version of the graph does not know. `rawStatus` has it.",
    )


@strawberry.enum(description="The states to filter subscriptions by.")
class SubscriptionStatusInput(Enum):
    """The states to filter by: those of `SubscriptionStatus` without NONE and UNKNOWN."""

    ACTIVE = strawberry.enum_value("ACTIVE", description="The subscription is in use.")
    SUSPENDED = strawberry.enum_value(
        "SUSPENDED", description="Users have no access. The data is kept."
    )
    DELETED = strawberry.enum_value("DELETED", description="The subscription was deleted.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="The term has ended.")
    PENDING = strawberry.enum_value("PENDING", description="The subscription is being set up.")
    DISABLED = strawberry.enum_value(
        "DISABLED", description="Expired. The data is kept for a limited time."
    )


@strawberry.enum(description="How a subscription was acquired.")
class ContractType(Enum):
    SUBSCRIPTION = strawberry.enum_value("SUBSCRIPTION", description="By an order.")
    PRODUCT_KEY = strawberry.enum_value("PRODUCT_KEY", description="With a product key.")
    REDEMPTION_CODE = strawberry.enum_value(
        "REDEMPTION_CODE", description="With a redemption code."
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description=(
            "A value that this version of the graph does not know. `rawContractType` has it."
        ),
    )


@strawberry.enum(description="The family of upgrades that applies to a subscription.")
class CommerceFamily(Enum):
    """The kinds of subscriptions, each of which is upgraded in its own way (CONTRACT 4.0)."""

    LEGACY_LICENSE = strawberry.enum_value(
        "LEGACY_LICENSE",
        description="Legacy, charged by license. Use `upgrades` and `upgradeSubscription`.",
    )
    LEGACY_AZURE = strawberry.enum_value(
        "LEGACY_AZURE",
        description=(
            "Legacy Azure. Use the customer's `productUpgradeEligibility` and"
            " `requestProductUpgrade`."
        ),
    )
    NEW_COMMERCE = strawberry.enum_value(
        "NEW_COMMERCE",
        description="New commerce. Use `transitionEligibilities` and `transitionSubscription`.",
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description=(
            "The gateway does not recognize the family. The fields of all families call"
            " Partner Center."
        ),
    )


@strawberry.enum(description="How much is refunded.")
class RefundType(Enum):
    FULL = strawberry.enum_value("FULL", description="The whole price.")
    PARTIAL = strawberry.enum_value("PARTIAL", description="A part of the price.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="A value that this version of the graph does not know. `rawType` has it.",
    )


@strawberry.type(description="Partner Center's kind of product. Null if it sent none.")
class ProductType:
    id: strawberry.ID | None = field(
        default=None, description="The id of the kind, such as `OnlineServicesNCE` or `Software`."
    )
    display_name: str | None = field(default=None, description="The name of the kind.")
    sub_type: "ProductType | None" = field(
        default=None, description="A more specific kind. Null if there is none."
    )


@strawberry.type(description="A refund that is available until a time.")
class RefundOption:
    """A refund. Partner Center sends its end as `expiresAt` or as `expiresAfter`."""

    type: RefundType | None = field(default=None, description="How much is refunded.")
    raw_type: str | None = field(default=None, description="`type` as Partner Center sent it.")
    expires_at: datetime | None = field(
        default=None, description="Until when the refund is available."
    )
    raw_expires_at: str | None = field(
        default=None, description="`expiresAt` as Partner Center sent it."
    )


@strawberry.type(description="Licenses that can be returned until a time.")
class RefundableQuantityDetail:
    quantity: int | None = field(default=None, description="The number of licenses.")
    allowed_until_date_time: datetime | None = field(
        default=None, description="Until when they can be returned."
    )
    raw_allowed_until_date_time: str | None = field(
        default=None, description="`allowedUntilDateTime` as Partner Center sent it."
    )


@strawberry.type(
    description=(
        "The licenses of a new commerce subscription that can be returned. Null"
        " if Partner Center sent none."
    )
)
class RefundableQuantity:
    total_quantity: int | None = field(default=None, description="The total number of licenses.")
    details: list[RefundableQuantityDetail] = field(
        default_factory=list,
        description=(
            "The numbers of licenses, each with the time until which they can be returned."
        ),
    )


@strawberry.type(description="A new commerce product with its terms.")
class TermProduct:
    product_id: strawberry.ID | None = field(default=None, description="The id of the product.")
    sku_id: strawberry.ID | None = field(default=None, description="The id of the product's SKU.")
    availability_id: strawberry.ID | None = field(
        default=None, description="The id of the SKU's availability."
    )
    billing_cycle: BillingCycle | None = field(
        default=None, description="How often the product is charged."
    )
    raw_billing_cycle: str | None = field(
        default=None, description="`billingCycle` as Partner Center sent it."
    )
    term_duration: str | None = field(
        default=None, description="The term, an ISO 8601 duration such as `P1Y`."
    )
    promotion_id: strawberry.ID | None = field(
        default=None, description="The id of the promotion that is applied."
    )


@strawberry.type(
    description=(
        "Changes that are scheduled for a subscription's next term or charge. Null if none are."
    )
)
class TermInstructions:
    product: TermProduct | None = field(default=None, description="The product and its terms.")
    quantity: int | None = field(default=None, description="The number of licenses.")
    custom_term_end_date: datetime | None = field(
        default=None, description="When the term ends, if it does not end at the usual time."
    )
    raw_custom_term_end_date: str | None = field(
        default=None, description="`customTermEndDate` as Partner Center sent it."
    )
