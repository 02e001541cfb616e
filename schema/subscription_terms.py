"""What was agreed for a subscription: product, refunds, next term. Source: CONTRACT 5.5."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import field

from schema.billing import BillingCycle


@strawberry.enum(description="The state of a subscription. Legacy ones know only the first three.")
class SubscriptionStatus(Enum):
    """CONTRACT 6.5, SubscriptionStatus."""

    ACTIVE = strawberry.enum_value("ACTIVE", description="In use.")
    SUSPENDED = strawberry.enum_value("SUSPENDED", description="Closed to its users, kept.")
    DELETED = strawberry.enum_value("DELETED", description="Gone.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="Its term is over.")
    PENDING = strawberry.enum_value("PENDING", description="Being set up.")
    DISABLED = strawberry.enum_value("DISABLED", description="Expired, its data kept for a while.")
    NONE = strawberry.enum_value("NONE", description="The vendor's default.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value this graph does not know.")


@strawberry.enum(description="The states to select subscriptions by.")
class SubscriptionStatusInput(Enum):
    """`SubscriptionStatus` without the values that say nothing as an argument."""

    ACTIVE = strawberry.enum_value("ACTIVE", description="In use.")
    SUSPENDED = strawberry.enum_value("SUSPENDED", description="Closed to its users, kept.")
    DELETED = strawberry.enum_value("DELETED", description="Gone.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="Its term is over.")
    PENDING = strawberry.enum_value("PENDING", description="Being set up.")
    DISABLED = strawberry.enum_value("DISABLED", description="Expired, its data kept for a while.")


@strawberry.enum(description="How a subscription came to be.")
class ContractType(Enum):
    """CONTRACT 6.5, ContractType."""

    SUBSCRIPTION = strawberry.enum_value("SUBSCRIPTION", description="By subscribing.")
    PRODUCT_KEY = strawberry.enum_value("PRODUCT_KEY", description="By a product key.")
    REDEMPTION_CODE = strawberry.enum_value("REDEMPTION_CODE", description="By a code.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value this graph does not know.")


@strawberry.enum(description="Which of the vendor's three ways to upgrade applies.")
class CommerceFamily(Enum):
    """CONTRACT 4.0."""

    LEGACY_LICENSE = strawberry.enum_value(
        "LEGACY_LICENSE", description="`upgrades`; charged by license, the offer has a GUID."
    )
    LEGACY_AZURE = strawberry.enum_value(
        "LEGACY_AZURE", description="`productUpgradeEligibility` of the customer."
    )
    NEW_COMMERCE = strawberry.enum_value(
        "NEW_COMMERCE", description="`transitionEligibilities` and `transitions`."
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="Not recognised; each of the ways is tried when asked for."
    )


@strawberry.enum(description="How much is refunded.")
class RefundType(Enum):
    """CONTRACT 5.5, refundOptions."""

    FULL = strawberry.enum_value("FULL", description="Everything.")
    PARTIAL = strawberry.enum_value("PARTIAL", description="A part.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value this graph does not know.")


@strawberry.type(description="The vendor's kind of product.")
class ProductType:
    """CONTRACT 5.5, productType."""

    id: strawberry.ID | None = field(
        default=None, description="Such as `OnlineServicesNCE` or `Software`."
    )
    display_name: str | None = field(default=None, description="The kind's name.")
    sub_type: "ProductType | None" = field(default=None, description="A finer kind.")


@strawberry.type(description="A refund that can be had until a moment.")
class RefundOption:
    """CONTRACT 5.5, refundOptions; the vendor writes expiresAt or expiresAfter."""

    type: RefundType | None = field(default=None, description="How much.")
    raw_type: str | None = field(default=None, description="`type` as sent.")
    expires_at: datetime | None = field(default=None, description="Until when, UTC.")
    raw_expires_at: str | None = field(default=None, description="`expiresAt` as sent.")


@strawberry.type(description="Licenses that can be returned until a moment.")
class RefundableQuantityDetail:
    """CONTRACT 5.5, an element of refundableQuantity.details."""

    quantity: int | None = field(default=None, description="Licenses.")
    allowed_until_date_time: datetime | None = field(default=None, description="Until when, UTC.")
    raw_allowed_until_date_time: str | None = field(
        default=None, description="`allowedUntilDateTime` as sent."
    )


@strawberry.type(description="Licenses that can be returned.")
class RefundableQuantity:
    """CONTRACT 5.5, refundableQuantity."""

    total_quantity: int | None = field(default=None, description="Licenses in all.")
    details: list[RefundableQuantityDetail] = field(
        default_factory=list, description="How many until when."
    )


@strawberry.type(description="A new commerce product with its terms.")
class TermProduct:
    """CONTRACT 5.5, the product of scheduledNextTermInstructions."""

    product_id: strawberry.ID | None = field(default=None, description="The product.")
    sku_id: strawberry.ID | None = field(default=None, description="The SKU of the product.")
    availability_id: strawberry.ID | None = field(
        default=None, description="The availability of the SKU."
    )
    billing_cycle: BillingCycle | None = field(default=None, description="How often charged.")
    raw_billing_cycle: str | None = field(default=None, description="`billingCycle` as sent.")
    term_duration: str | None = field(default=None, description="ISO 8601, such as `P1Y`.")
    promotion_id: strawberry.ID | None = field(default=None, description="The promotion used.")


@strawberry.type(description="What becomes of a subscription at its next term or charge.")
class TermInstructions:
    """CONTRACT 5.5, scheduledNextTermInstructions and nextChargeInstructions."""

    product: TermProduct | None = field(default=None, description="The product and its terms.")
    quantity: int | None = field(default=None, description="Licenses.")
    custom_term_end_date: datetime | None = field(
        default=None, description="End of the term where it is not the usual one, UTC."
    )
    raw_custom_term_end_date: str | None = field(
        default=None, description="`customTermEndDate` as sent."
    )
