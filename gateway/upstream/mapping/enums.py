"""Enums in all their forms: snake_case, PascalCase and numbers. Source: CONTRACT 6."""

from enum import Enum
from typing import Final, Generic, TypeVar

from gateway.upstream.wire.resource import Enumerated
from schema.billing import BillingCycle, BillingType
from schema.customer import CustomerPartnerRelationship
from schema.offer import LimitUnitOfMeasure
from schema.product_upgrade import ProductUpgradeState
from schema.provisioning import ProvisioningStatus
from schema.subscription_terms import ContractType, RefundType, SubscriptionStatus
from schema.transition import TransitionEventName, TransitionEventStatus, TransitionType
from schema.transition_eligibility import TargetSubscriptionErrorCode, TransitionErrorCode
from schema.upgrade import UpgradeErrorCode, UpgradeType

E = TypeVar("E", bound=Enum)

_SEPARATORS: Final = str.maketrans("", "", "_- ")


def raw_text(raw: Enumerated) -> str | None:
    """What came, as text; null for nothing."""
    return None if raw is None or raw == "" else str(raw)


class EnumReader(Generic[E]):
    """Finds an enum's member by name or number.

    Names are compared without case, underscores, hyphens and spaces. What is not found is the
    member UNKNOWN, never an error: a new status once broke clients that refused it.
    """

    def __init__(
        self,
        members: type[E],
        numbers: tuple[str, ...] = (),
        aliases: dict[str, str] | None = None,
    ) -> None:
        self._unknown = members["UNKNOWN"]
        self._by_number = {str(number): members[name] for number, name in enumerate(numbers)}
        self._by_name = {_folded(member.name): member for member in members}
        for alias, name in (aliases or {}).items():
            self._by_name[_folded(alias)] = members[name]
        # What usually comes, found without folding it.
        self._usual: dict[Enumerated, E] = {
            form: member for member in members for form in _usual_forms(member.name)
        }

    def required(self, raw: Enumerated) -> E:
        """Return UNKNOWN for nothing."""
        return self._usual.get(raw) or self._found(raw)

    def __call__(self, raw: Enumerated) -> E | None:
        """Return None for nothing."""
        return self._usual.get(raw) or (None if raw is None or raw == "" else self._found(raw))

    def _found(self, raw: Enumerated) -> E:
        text = "" if raw is None else str(raw).strip()
        return self._by_number.get(text) or self._by_name.get(_folded(text), self._unknown)


def _usual_forms(name: str) -> tuple[str, str]:
    """Spell a member in snake_case and in PascalCase."""
    return name.lower(), name.title().replace("_", "")


def _folded(name: str) -> str:
    return name.translate(_SEPARATORS).casefold()


UPGRADE_TYPE: Final = EnumReader(
    UpgradeType, ("NONE", "UPGRADE_ONLY", "UPGRADE_WITH_LICENSE_TRANSFER")
)
UPGRADE_ERROR_CODE: Final = EnumReader(
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
TRANSITION_ERROR_CODE: Final = EnumReader(
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
TARGET_SUBSCRIPTION_ERROR_CODE: Final = EnumReader(
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
SUBSCRIPTION_STATUS: Final = EnumReader(
    SubscriptionStatus,
    ("NONE", "ACTIVE", "SUSPENDED", "DELETED", "EXPIRED", "PENDING", "DISABLED"),
)
BILLING_TYPE: Final = EnumReader(BillingType, ("NONE", "USAGE", "LICENSE"))
BILLING_CYCLE: Final = EnumReader(
    BillingCycle,
    ("UNKNOWN", "MONTHLY", "ANNUAL", "NONE", "ONE_TIME", "TRIENNIAL", "BIENNIAL"),
)
CONTRACT_TYPE: Final = EnumReader(ContractType, ("SUBSCRIPTION", "PRODUCT_KEY", "REDEMPTION_CODE"))
PROVISIONING_STATUS: Final = EnumReader(
    ProvisioningStatus, ("NONE", "SUCCESS", "PENDING", "FAILED")
)
RELATIONSHIP: Final = EnumReader(
    CustomerPartnerRelationship,
    ("UNKNOWN", "RESELLER", "ADVISOR", "SYNDICATION", "MICROSOFT_SUPPORT", "NONE"),
)
LIMIT_UNIT_OF_MEASURE: Final = EnumReader(LimitUnitOfMeasure)
REFUND_TYPE: Final = EnumReader(RefundType)
PRODUCT_UPGRADE_STATE: Final = EnumReader(ProductUpgradeState)
TRANSITION_TYPE: Final = EnumReader(TransitionType)
TRANSITION_EVENT_NAME: Final = EnumReader(
    TransitionEventName, aliases={"SeatReassignment": "LICENSE_REASSIGNMENT"}
)
TRANSITION_EVENT_STATUS: Final = EnumReader(
    TransitionEventStatus, aliases={"Started": "IN_PROGRESS"}
)
