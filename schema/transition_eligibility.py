"""The transitions that a subscription could make. Source: CONTRACT 4.16, 5.7, 6.3, 6.4."""

from enum import Enum

import strawberry
from strawberry import field

from schema.billing import BillingCycle
from schema.resource import ResourceAttributes
from schema.transition import TransitionType


@strawberry.enum(description="When a transition would take effect.")
class EligibilityType(Enum):
    IMMEDIATE = strawberry.enum_value("IMMEDIATE", description="Now.")
    SCHEDULED = strawberry.enum_value("SCHEDULED", description="At the beginning of the next term.")


@strawberry.enum(
    description=(
        "Why a transition is not possible. Partner Center numbers these codes"
        " differently from `UpgradeErrorCode`."
    )
)
class TransitionErrorCode(Enum):
    """Why a transition is not possible (CONTRACT 6.3)."""

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
        description="The subscription is not active. Reactivate it.",
    )
    CONFLICTING_SERVICE_TYPES = strawberry.enum_value(
        "CONFLICTING_SERVICE_TYPES",
        description="Another subscription of the customer has the same services.",
    )
    CONCURRENCY_CONFLICTS = strawberry.enum_value(
        "CONCURRENCY_CONFLICTS",
        description=(
            "The customer has the maximum number of subscriptions to the offer. Remove one."
        ),
    )
    USER_CONTEXT_REQUIRED = strawberry.enum_value(
        "USER_CONTEXT_REQUIRED",
        description="The gateway's token has no user. Use app+user authentication.",
    )
    SUBSCRIPTION_ADD_ONS_PRESENT = strawberry.enum_value(
        "SUBSCRIPTION_ADD_ONS_PRESENT", description="The subscription has add-ons. Remove them."
    )
    SUBSCRIPTION_DOES_NOT_HAVE_ANY_TRANSITIONED_PATHS = strawberry.enum_value(
        "SUBSCRIPTION_DOES_NOT_HAVE_ANY_TRANSITIONED_PATHS",
        description="The subscription has no available transitions.",
    )
    SUBSCRIPTION_TARGET_OFFER_NOT_FOUND = strawberry.enum_value(
        "SUBSCRIPTION_TARGET_OFFER_NOT_FOUND",
        description="The subscription cannot transition to this catalog item.",
    )
    SUBSCRIPTION_NOT_PROVISIONED = strawberry.enum_value(
        "SUBSCRIPTION_NOT_PROVISIONED",
        description="The subscription's order is still being processed. Try again later.",
    )
    OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE = strawberry.enum_value(
        "OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE",
        description="The target does not support the billing cycle. Choose another one.",
    )
    CONVERSIONS_NOT_FOUND = strawberry.enum_value(
        "CONVERSIONS_NOT_FOUND", description="There is no conversion from the subscription's offer."
    )
    USER_LICENSE_ERROR = strawberry.enum_value(
        "USER_LICENSE_ERROR", description="The users' licenses cannot be moved."
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


@strawberry.enum(
    description="Why an existing subscription cannot receive the licenses of a transition."
)
class TargetSubscriptionErrorCode(Enum):
    """Why a subscription cannot receive licenses (CONTRACT 6.4, without a name for number 4)."""

    SUBSCRIPTION_NOT_ACTIVE = strawberry.enum_value(
        "SUBSCRIPTION_NOT_ACTIVE", description="The subscription is not active."
    )
    SUBSCRIPTION_IN_CANCELLATION_WINDOW = strawberry.enum_value(
        "SUBSCRIPTION_IN_CANCELLATION_WINDOW",
        description="The subscription can still be cancelled. Try again when it no longer can.",
    )
    SUBSCRIPTION_TERM_DURATION_SHORTER_THAN_SOURCE_TERM_DURATION = strawberry.enum_value(
        "SUBSCRIPTION_TERM_DURATION_SHORTER_THAN_SOURCE_TERM_DURATION",
        description="The subscription's term is shorter than that of the source.",
    )
    SUBSCRIPTION_TERM_END_BEFORE_SOURCE_TERM_END = strawberry.enum_value(
        "SUBSCRIPTION_TERM_END_BEFORE_SOURCE_TERM_END",
        description="The subscription's term ends before that of the source.",
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="A code that this version of the graph does not know. `rawCode` has it.",
    )


@strawberry.type(description="One reason why a transition is not possible.")
class TransitionError:
    code: TransitionErrorCode = field(description="The reason.")
    raw_code: str = field(description="`code` as Partner Center sent it. Empty if it sent none.")
    description: str | None = field(
        default=None, description="Partner Center's description of the reason."
    )


@strawberry.type(
    description=(
        "One reason why an existing subscription cannot receive the licenses of a transition."
    )
)
class TargetSubscriptionError:
    code: TargetSubscriptionErrorCode = field(description="The reason.")
    raw_code: str = field(description="`code` as Partner Center sent it. Empty if it sent none.")
    description: str | None = field(
        default=None, description="Partner Center's description of the reason."
    )


@strawberry.type(description="Whether one type of transition to the catalog item is possible.")
class TransitionEligibilityDetail:
    is_eligible: bool = field(description="Whether it is possible now.")
    transition_type: TransitionType | None = field(
        default=None, description="The type of transition."
    )
    raw_transition_type: str | None = field(
        default=None, description="`transitionType` as Partner Center sent it."
    )
    errors: list[TransitionError] = field(
        default_factory=list, description="Why it is not possible. Empty if it is."
    )


@strawberry.type(description="Whether an existing subscription can receive the licenses.")
class TargetSubscriptionEligibilityDetail:
    is_eligible: bool = field(description="Whether it can receive them now.")
    subscription_id: strawberry.ID | None = field(
        default=None, description="The subscription's id, a GUID."
    )
    subscription_friendly_name: str | None = field(
        default=None, description="The name that a user gave to the subscription."
    )
    subscription_term_duration: str | None = field(
        default=None, description="The subscription's term, an ISO 8601 duration such as `P1Y`."
    )
    subscription_billing_cycle: BillingCycle | None = field(
        default=None, description="How often the subscription is charged."
    )
    raw_subscription_billing_cycle: str | None = field(
        default=None, description="`subscriptionBillingCycle` as Partner Center sent it."
    )
    errors: list[TargetSubscriptionError] = field(
        default_factory=list, description="Why it cannot receive them. Empty if it can."
    )


@strawberry.type(
    description="A catalog item to which a subscription can transition, and whether it can now."
)
class TransitionEligibility:
    catalog_item_id: strawberry.ID | None = field(
        default=None, description="The id of the catalog item: `product:sku:availability`."
    )
    title: str | None = field(default=None, description="The catalog item's name.")
    description: str | None = field(default=None, description="The catalog item's description.")
    quantity: int | None = field(
        default=None, description="The number of licenses that can be moved."
    )
    eligibilities: list[TransitionEligibilityDetail] = field(
        default_factory=list,
        description="Whether the transition is possible, for each type of transition.",
    )
    subscription_eligibilities: list[TargetSubscriptionEligibilityDetail] = field(
        default_factory=list,
        description="The existing subscriptions that could receive the licenses.",
    )
    operation_id: strawberry.ID | None = field(
        default=None,
        description="The id of the check in Partner Center. Only some responses contain it.",
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
