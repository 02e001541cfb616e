"""The vendor's enumerations with their numbers (CONTRACT 6)."""

from enum import Enum


class WireEnum(Enum):
    """An enumeration whose values are snake_case names. `number` is the vendor's number."""

    number: int

    def __new__(cls, text: str, number: int) -> "WireEnum":
        member = object.__new__(cls)
        member._value_ = text
        member.number = number
        return member

    @property
    def pascal(self) -> str:
        """The PascalCase name, which the vendor's SDK uses."""
        return "".join(word.capitalize() for word in str(self.value).split("_"))


class EnumNumber:
    """An enum member that is sent as its number, as in the vendor's samples.

    Some quirks send it differently.
    """

    __slots__ = ("member",)

    def __init__(self, member: WireEnum) -> None:
        self.member = member


class UpgradeType(WireEnum):
    """Whether an upgrade moves the users' licenses to the target subscription."""

    NONE = "none", 0
    UPGRADE_ONLY = "upgrade_only", 1
    UPGRADE_WITH_LICENSE_TRANSFER = "upgrade_with_license_transfer", 2


class UpgradeErrorCode(WireEnum):
    """Why a legacy subscription cannot be upgraded."""

    OTHER = "other", 0
    DELEGATED_ADMIN_PERMISSIONS_DISABLED = "delegated_admin_permissions_disabled", 1
    SUBSCRIPTION_STATUS_NOT_ACTIVE = "subscription_status_not_active", 2
    CONFLICTING_SERVICE_TYPES = "conflicting_service_types", 3
    CONCURRENCY_CONFLICTS = "concurrency_conflicts", 4
    USER_CONTEXT_REQUIRED = "user_context_required", 5
    SUBSCRIPTION_ADD_ONS_PRESENT = "subscription_add_ons_present", 6
    NO_UPGRADE_PATHS = "subscription_does_not_have_any_upgrade_paths", 7
    SUBSCRIPTION_TARGET_OFFER_NOT_FOUND = "subscription_target_offer_not_found", 8
    SUBSCRIPTION_NOT_PROVISIONED = "subscription_not_provisioned", 9
    OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE = "offer_does_not_support_billing_cycle", 10
    INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS = "insufficient_granular_admin_permissions", 11


class TransitionErrorCode(WireEnum):
    """Why a transition is not possible. Numbers 7 and 11 differ from `UpgradeErrorCode` (Q24)."""

    OTHER = "other", 0
    DELEGATED_ADMIN_PERMISSIONS_DISABLED = "delegated_admin_permissions_disabled", 1
    SUBSCRIPTION_STATUS_NOT_ACTIVE = "subscription_status_not_active", 2
    CONFLICTING_SERVICE_TYPES = "conflicting_service_types", 3
    CONCURRENCY_CONFLICTS = "concurrency_conflicts", 4
    USER_CONTEXT_REQUIRED = "user_context_required", 5
    SUBSCRIPTION_ADD_ONS_PRESENT = "subscription_add_ons_present", 6
    NO_TRANSITION_PATHS = "subscription_does_not_have_any_transitioned_paths", 7
    SUBSCRIPTION_TARGET_OFFER_NOT_FOUND = "subscription_target_offer_not_found", 8
    SUBSCRIPTION_NOT_PROVISIONED = "subscription_not_provisioned", 9
    OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE = "offer_does_not_support_billing_cycle", 10
    CONVERSIONS_NOT_FOUND = "conversions_not_found", 11
    USER_LICENSE_ERROR = "user_license_error", 12
    INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS = "insufficient_granular_admin_permissions", 13


class TargetSubscriptionErrorCode(WireEnum):
    """Why an existing subscription cannot receive the licenses of a transition."""

    SUBSCRIPTION_NOT_ACTIVE = "subscription_not_active", 1
    SUBSCRIPTION_IN_CANCELLATION_WINDOW = "subscription_in_cancellation_window", 2
    TERM_DURATION_SHORTER = (
        "subscription_term_duration_shorter_than_source_term_duration",
        3,
    )
    TERM_END_EARLIER = "subscription_term_end_date_before_source_term_end_date", 4


class SubscriptionStatus(WireEnum):
    """The status of a subscription. Legacy ones are active, suspended or deleted."""

    NONE = "none", 0
    ACTIVE = "active", 1
    SUSPENDED = "suspended", 2
    DELETED = "deleted", 3
    EXPIRED = "expired", 4
    PENDING = "pending", 5
    DISABLED = "disabled", 6


class BillingType(WireEnum):
    """Whether usage or licenses are billed."""

    NONE = "none", 0
    USAGE = "usage", 1
    LICENSE = "license", 2


class BillingCycle(WireEnum):
    UNKNOWN = "unknown", 0
    MONTHLY = "monthly", 1
    ANNUAL = "annual", 2
    NONE = "none", 3
    ONE_TIME = "one_time", 4
    TRIENNIAL = "triennial", 5


class ContractType(WireEnum):
    SUBSCRIPTION = "subscription", 0


class ProvisioningStatus(WireEnum):
    """Whether the latest change of licenses has been provisioned."""

    NONE = "none", 0
    SUCCESS = "success", 1
    PENDING = "pending", 2
    FAILED = "failed", 3


class Relationship(WireEnum):
    """The relationship of a customer to the partner."""

    UNKNOWN = "unknown", 0
    RESELLER = "reseller", 1
