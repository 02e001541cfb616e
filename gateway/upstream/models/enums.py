"""Enums, which the vendor sends in snake_case, PascalCase or as numbers. Source: CONTRACT 6."""

from enum import Enum
from typing import Final, Generic, TypeVar

from gateway.upstream.models.base import WireEnum
from schema.audit_record import AuditOperationStatus
from schema.billing import BillingCycle, BillingType
from schema.custom_term_end_date import CustomTermEndDateType
from schema.customer import CustomerPartnerRelationship
from schema.offer_details import LimitUnitOfMeasure
from schema.product_upgrade import ProductUpgradeState
from schema.provisioning import ProvisioningStatus
from schema.scheduled_change import ScheduledActionType, ScheduleType
from schema.subscription_terms import ContractType, RefundType, SubscriptionStatus
from schema.transition import TransitionEventName, TransitionEventStatus, TransitionType
from schema.transition_eligibility import TargetSubscriptionErrorCode, TransitionErrorCode
from schema.upgrade import UpgradeErrorCode, UpgradeType

E = TypeVar("E", bound=Enum)

_SEPARATORS: Final = str.maketrans("", "", "_- ")


def raw_enum(raw: WireEnum) -> str | None:
    """Return an enum's value as the vendor sent it, as text."""
    return None if raw is None or raw == "" else str(raw)


class EnumDecoder(Generic[E]):
    """Finds the member of an enum by its name or number.

    Letter case, underscores, hyphens and spaces in names do not matter. An unknown value becomes
    the member UNKNOWN and never an error, because the vendor adds values.
    """

    def __init__(
        self,
        members: type[E],
        numbers: tuple[str, ...] = (),
        aliases: dict[str, str] | None = None,
    ) -> None:
        self._unknown = members["UNKNOWN"]
        self._by_number = {str(number): members[name] for number, name in enumerate(numbers)}
        self._by_name = {_normalize(member.name): member for member in members}
        for alias, name in (aliases or {}).items():
            self._by_name[_normalize(alias)] = members[name]
        # The common spellings are found without normalizing the value.
        self._by_spelling: dict[WireEnum, E] = {
            form: member for member in members for form in _common_spellings(member.name)
        }

    def required(self, raw: WireEnum) -> E:
        """Find the member. Returns UNKNOWN if the value is missing."""
        return self._by_spelling.get(raw) or self._find(raw)

    def __call__(self, raw: WireEnum) -> E | None:
        """Find the member; None where the value is absent."""
        return self._by_spelling.get(raw) or (None if raw is None or raw == "" else self._find(raw))

    def _find(self, raw: WireEnum) -> E:
        text = "" if raw is None else str(raw).strip()
        return self._by_number.get(text) or self._by_name.get(_normalize(text), self._unknown)


def _common_spellings(name: str) -> tuple[str, str]:
    """Return a member's name in snake_case and in PascalCase."""
    return name.lower(), name.title().replace("_", "")


def _normalize(name: str) -> str:
    return name.translate(_SEPARATORS).casefold()


UPGRADE_TYPE: Final = EnumDecoder(
    UpgradeType, ("NONE", "UPGRADE_ONLY", "UPGRADE_WITH_LICENSE_TRANSFER")
)
UPGRADE_ERROR_CODE: Final = EnumDecoder(
    UpgradeErrorCode,
    (
        "OTHER",
        "DELEGATED_ADMIN_PERMISSIONS_DISABLED",
        "SUBSCRIPTION_STATUS_NOT_ACTIVE",
        "CONFLICTING_SERVICE_TYPES",
        "CONCURRENCY_CONFLICTS",
        "USER_CONTEXT_REQUIRED",
        "SUBSCRIPTION_ADD_ONS_PRESENT",
        "SUBSCRIPTION_DOES_NOT_HAVE_ANY_UPGRADE_PATHS",
        "SUBSCRIPTION_TARGET_OFFER_NOT_FOUND",
        "SUBSCRIPTION_NOT_PROVISIONED",
        "OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE",
        "INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS",
    ),
)
TRANSITION_ERROR_CODE: Final = EnumDecoder(
    TransitionErrorCode,
    (
        "OTHER",
        "DELEGATED_ADMIN_PERMISSIONS_DISABLED",
        "SUBSCRIPTION_STATUS_NOT_ACTIVE",
        "CONFLICTING_SERVICE_TYPES",
        "CONCURRENCY_CONFLICTS",
        "USER_CONTEXT_REQUIRED",
        "SUBSCRIPTION_ADD_ONS_PRESENT",
        "SUBSCRIPTION_DOES_NOT_HAVE_ANY_TRANSITIONED_PATHS",
        "SUBSCRIPTION_TARGET_OFFER_NOT_FOUND",
        "SUBSCRIPTION_NOT_PROVISIONED",
        "OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE",
        "CONVERSIONS_NOT_FOUND",
        "USER_LICENSE_ERROR",
        "INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS",
    ),
)
TARGET_SUBSCRIPTION_ERROR_CODE: Final = EnumDecoder(
    TargetSubscriptionErrorCode,
    (
        "UNKNOWN",  # the vendor's numbers begin at 1
        "SUBSCRIPTION_NOT_ACTIVE",
        "SUBSCRIPTION_IN_CANCELLATION_WINDOW",
        "SUBSCRIPTION_TERM_DURATION_SHORTER_THAN_SOURCE_TERM_DURATION",
        "SUBSCRIPTION_TERM_END_BEFORE_SOURCE_TERM_END",
    ),
    # No document names number 4; this is what the names of the others suggest.
    aliases={
        "SubscriptionTermEndDateBeforeSourceTermEndDate": (
            "SUBSCRIPTION_TERM_END_BEFORE_SOURCE_TERM_END"
        )
    },
)
SUBSCRIPTION_STATUS: Final = EnumDecoder(
    SubscriptionStatus,
    ("NONE", "ACTIVE", "SUSPENDED", "DELETED", "EXPIRED", "PENDING", "DISABLED"),
)
BILLING_TYPE: Final = EnumDecoder(BillingType, ("NONE", "USAGE", "LICENSE"))
BILLING_CYCLE: Final = EnumDecoder(
    BillingCycle,
    ("UNKNOWN", "MONTHLY", "ANNUAL", "NONE", "ONE_TIME", "TRIENNIAL", "BIENNIAL"),
)
CONTRACT_TYPE: Final = EnumDecoder(ContractType, ("SUBSCRIPTION", "PRODUCT_KEY", "REDEMPTION_CODE"))
PROVISIONING_STATUS: Final = EnumDecoder(
    ProvisioningStatus, ("NONE", "SUCCESS", "PENDING", "FAILED")
)
RELATIONSHIP: Final = EnumDecoder(
    CustomerPartnerRelationship,
    ("UNKNOWN", "RESELLER", "ADVISOR", "SYNDICATION", "MICROSOFT_SUPPORT", "NONE"),
)
LIMIT_UNIT_OF_MEASURE: Final = EnumDecoder(LimitUnitOfMeasure)
REFUND_TYPE: Final = EnumDecoder(RefundType)
AUDIT_OPERATION_STATUS: Final = EnumDecoder(
    AuditOperationStatus, ("SUCCEEDED", "FAILED", "PROGRESS", "DECLINE")
)
CUSTOM_TERM_END_DATE_TYPE: Final = EnumDecoder(CustomTermEndDateType)
SCHEDULE_TYPE: Final = EnumDecoder(ScheduleType)
SCHEDULED_ACTION_TYPE: Final = EnumDecoder(ScheduledActionType)
PRODUCT_UPGRADE_STATE: Final = EnumDecoder(ProductUpgradeState)
TRANSITION_TYPE: Final = EnumDecoder(TransitionType)
TRANSITION_EVENT_NAME: Final = EnumDecoder(
    TransitionEventName, aliases={"SeatReassignment": "LICENSE_REASSIGNMENT"}
)
TRANSITION_EVENT_STATUS: Final = EnumDecoder(
    TransitionEventStatus, aliases={"Started": "IN_PROGRESS"}
)
