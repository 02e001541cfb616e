"""The transitions a subscription could make. Source: CONTRACT 5.7, 6.3, 6.4."""

from enum import Enum

import strawberry
from strawberry import field

from schema.billing import BillingCycle
from schema.resource import ResourceAttributes
from schema.transition import TransitionType


@strawberry.enum(description="When a transition would take place.")
class EligibilityType(Enum):
    """CONTRACT 4.16."""

    IMMEDIATE = strawberry.enum_value("IMMEDIATE", description="Now.")
    SCHEDULED = strawberry.enum_value("SCHEDULED", description="At the next term.")


@strawberry.enum(
    description="Why a transition is not possible. Number 11 differs from UpgradeErrorCode."
)
class TransitionErrorCode(Enum):
    """CONTRACT 6.3."""

    OTHER = strawberry.enum_value("OTHER", description="General; look at `description`.")
    DELEGATED_ADMIN_PERMISSIONS_DISABLED = strawberry.enum_value(
        "DELEGATED_ADMIN_PERMISSIONS_DISABLED",
        description="The customer removed delegated administration: restore it.",
    )
    SUBSCRIPTION_STATUS_NOT_ACTIVE = strawberry.enum_value(
        "SUBSCRIPTION_STATUS_NOT_ACTIVE", description="The source is not active: reactivate it."
    )
    CONFLICTING_SERVICE_TYPES = strawberry.enum_value(
        "CONFLICTING_SERVICE_TYPES", description="Another subscription has its services."
    )
    CONCURRENCY_CONFLICTS = strawberry.enum_value(
        "CONCURRENCY_CONFLICTS", description="As many subscriptions as allowed: free one."
    )
    USER_CONTEXT_REQUIRED = strawberry.enum_value(
        "USER_CONTEXT_REQUIRED", description="The token has no user: use app+user."
    )
    SUBSCRIPTION_ADD_ONS_PRESENT = strawberry.enum_value(
        "SUBSCRIPTION_ADD_ONS_PRESENT", description="The source has add-ons: remove them."
    )
    SUBSCRIPTION_DOES_NOT_HAVE_ANY_TRANSITIONED_PATHS = strawberry.enum_value(
        "SUBSCRIPTION_DOES_NOT_HAVE_ANY_TRANSITIONED_PATHS", description="There is no path."
    )
    SUBSCRIPTION_TARGET_OFFER_NOT_FOUND = strawberry.enum_value(
        "SUBSCRIPTION_TARGET_OFFER_NOT_FOUND", description="The target is no path of the source."
    )
    SUBSCRIPTION_NOT_PROVISIONED = strawberry.enum_value(
        "SUBSCRIPTION_NOT_PROVISIONED", description="The order is still processed: wait."
    )
    OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE = strawberry.enum_value(
        "OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE", description="Change the billing cycle."
    )
    CONVERSIONS_NOT_FOUND = strawberry.enum_value(
        "CONVERSIONS_NOT_FOUND", description="There is no conversion from the source."
    )
    USER_LICENSE_ERROR = strawberry.enum_value(
        "USER_LICENSE_ERROR", description="Users' licenses cannot be moved."
    )
    INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS = strawberry.enum_value(
        "INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS", description="A delegated role is missing."
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="A code this graph does not know; see `rawCode`."
    )


@strawberry.enum(description="Why an existing subscription cannot receive the seats.")
class TargetSubscriptionErrorCode(Enum):
    """CONTRACT 6.4; the vendor names no word for 4."""

    SUBSCRIPTION_NOT_ACTIVE = strawberry.enum_value(
        "SUBSCRIPTION_NOT_ACTIVE", description="It is not active."
    )
    SUBSCRIPTION_IN_CANCELLATION_WINDOW = strawberry.enum_value(
        "SUBSCRIPTION_IN_CANCELLATION_WINDOW", description="It can still be cancelled: wait."
    )
    SUBSCRIPTION_TERM_DURATION_SHORTER_THAN_SOURCE_TERM_DURATION = strawberry.enum_value(
        "SUBSCRIPTION_TERM_DURATION_SHORTER_THAN_SOURCE_TERM_DURATION",
        description="Its term is shorter than the source's.",
    )
    SUBSCRIPTION_TERM_END_BEFORE_SOURCE_TERM_END = strawberry.enum_value(
        "SUBSCRIPTION_TERM_END_BEFORE_SOURCE_TERM_END",
        description="Its term ends before the source's.",
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="A code this graph does not know; see `rawCode`."
    )


@strawberry.type(description="One reason why a transition is not possible.")
class TransitionError:
    """CONTRACT 5.7, TransitionError."""

    code: TransitionErrorCode = field(description="The reason.")
    raw_code: str = field(description="`code` as sent; empty if absent.")
    description: str | None = field(default=None, description="The vendor's text.")


@strawberry.type(description="One reason why an existing subscription cannot receive seats.")
class TargetSubscriptionError:
    """CONTRACT 5.7, TargetSubscriptionError."""

    code: TargetSubscriptionErrorCode = field(description="The reason.")
    raw_code: str = field(description="`code` as sent; empty if absent.")
    description: str | None = field(default=None, description="The vendor's text.")


@strawberry.type(description="Whether one type of transition is possible.")
class TransitionEligibilityDetail:
    """CONTRACT 5.7, TransitionEligibilityDetail."""

    is_eligible: bool = field(description="Whether it can be made.")
    transition_type: TransitionType | None = field(default=None, description="What it moves.")
    raw_transition_type: str | None = field(default=None, description="As sent.")
    errors: list[TransitionError] = field(default_factory=list, description="Why not.")


@strawberry.type(description="Whether an existing subscription could receive the seats.")
class TargetSubscriptionEligibilityDetail:
    """CONTRACT 5.7, TargetSubscriptionEligibilityDetail."""

    is_eligible: bool = field(description="Whether it can receive them.")
    subscription_id: strawberry.ID | None = field(default=None, description="Its id, a GUID.")
    subscription_friendly_name: str | None = field(default=None, description="Its name.")
    subscription_term_duration: str | None = field(
        default=None, description="Its term, ISO 8601, such as `P1Y`."
    )
    subscription_billing_cycle: BillingCycle | None = field(
        default=None, description="How often it is charged."
    )
    raw_subscription_billing_cycle: str | None = field(default=None, description="As sent.")
    errors: list[TargetSubscriptionError] = field(default_factory=list, description="Why not.")


@strawberry.type(description="A catalog item that a subscription could become.")
class TransitionEligibility:
    """CONTRACT 5.7, TransitionEligibility."""

    catalog_item_id: strawberry.ID | None = field(
        default=None, description="`product:sku:availability` of the target."
    )
    title: str | None = field(default=None, description="The target's name.")
    description: str | None = field(default=None, description="The target's description.")
    quantity: int | None = field(default=None, description="Licenses that can be moved.")
    eligibilities: list[TransitionEligibilityDetail] = field(
        default_factory=list, description="One for each type of transition."
    )
    subscription_eligibilities: list[TargetSubscriptionEligibilityDetail] = field(
        default_factory=list, description="Existing subscriptions that could receive the seats."
    )
    operation_id: strawberry.ID | None = field(
        default=None, description="The vendor's operation; not on every answer."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )
