"""Customers with their subscriptions, product upgrades and transitions."""

from dataclasses import dataclass, field
from enum import Enum, Flag, auto

from gateway.sandbox.enums import BillingCycle, SubscriptionStatus


class CommerceFamily(Enum):
    """The commerce family of a subscription, which decides how it is upgraded (CONTRACT 4.0)."""

    LEGACY_LICENSE = "legacy"
    LEGACY_AZURE = "azure"
    AZURE_PLAN = "plan"
    NEW_COMMERCE = "modern"


class Trait(Flag):
    """Marks a subscription for which the sandbox simulates a special case."""

    NONE = 0
    UPGRADE_REJECTED = auto()
    USERS_CANNOT_MOVE = auto()
    CONVERSION_FAILS = auto()
    REASSIGNMENT_FAILS = auto()
    RENEWAL_NEVER_ENDS = auto()
    SCHEDULED_CHANGE_NOT_APPLIED = auto()


@dataclass(frozen=True, slots=True)
class ScheduledChange:
    """Instructions for the next term (CONTRACT 5.8). `item` is a key of the catalog.

    Texts are stored as they were sent.
    """

    item: str
    availability_id: str
    cycle: str
    term: str
    quantity: int
    promotion_id: str | None = None
    custom_end_date: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduledAction:
    """A scheduled change in the newer form. It takes precedence over `ScheduledChange` (4.19)."""

    schedule_type: str
    action_type: str
    effective_date: str | None = None
    change: ScheduledChange | None = None


@dataclass(slots=True)
class Subscription:
    """A subscription. Times are seconds since 1970. `item` is a key of the catalog."""

    id: str
    order_id: str
    commerce_family: CommerceFamily
    item: str
    friendly_name: str
    quantity: int
    created_s: float
    ends_s: float
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE
    cycle: BillingCycle = BillingCycle.MONTHLY
    term: str = ""
    parent_id: str | None = None
    entitlement_id: str | None = None
    provisioned_s: float = 0.0
    auto_renew: bool = True
    trait: Trait = Trait.NONE
    version: int = 1
    is_trial: bool = False
    availability_id: str = ""
    """The availability of a product at its purchase; empty for the first one of the product."""
    window_opened_s: float | None = None
    """The start of the latest cancellation window, if it is not that of the subscription."""
    custom_end_date: str | None = None
    """The end date of the running term, if it was chosen at the latest renewal."""
    scheduled_change: ScheduledChange | None = None
    scheduled_actions: tuple[ScheduledAction, ...] = ()

    @property
    def is_active(self) -> bool:
        return self.status is SubscriptionStatus.ACTIVE

    @property
    def cancellable_from_s(self) -> float:
        """When the time begins in which it can be cancelled and its quantity reduced."""
        return self.created_s if self.window_opened_s is None else self.window_opened_s

    def remove_schedule(self) -> None:
        self.scheduled_change, self.scheduled_actions = None, ()


class ProductUpgradeState(Enum):
    """The state of a product upgrade, as the sandbox sends it (CONTRACT 6.6)."""

    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"


@dataclass(slots=True)
class ProductUpgrade:
    """An upgrade of a customer's legacy Azure subscriptions to an Azure plan."""

    id: str
    created_s: float
    plan_id: str
    source_ids: tuple[str, ...]
    fails: bool = False
    fixed_state: ProductUpgradeState | None = None
    """If set, the state does not depend on the time."""
    is_applied: bool = False


@dataclass(slots=True)
class Transition:
    """A transition to a new commerce product."""

    id: str
    created_s: float
    from_item: str
    to_item: str
    from_id: str
    to_id: str | None
    quantity: int
    term: str
    cycle: BillingCycle
    moves_licenses: bool
    conversion_fails: bool = False
    reassignment_fails: bool = False
    from_availability_id: str = ""
    to_availability_id: str = ""
    never_ends: bool = False
    """Whether the conversion stays in progress."""
    is_applied: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """The data of a customer in the customer list. Needs no knowledge of subscriptions."""

    index: int
    id: str
    company_name: str
    domain: str
    country: str
    culture: str
    first_name: str
    last_name: str
    street: str
    city: str
    region: str
    postal_code: str
    phone: str

    @property
    def email(self) -> str:
        return f"{self.first_name}.{self.last_name}@{self.domain}".lower().replace(" ", "")


@dataclass(slots=True)
class Customer:
    """A customer with its subscriptions, product upgrades and transitions."""

    profile: Profile
    allows_delegated_access: bool = True
    has_granular_admin: bool = True
    has_accepted_agreement: bool = True
    next_upgrade_fails: bool = False
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    product_upgrades: list[ProductUpgrade] = field(default_factory=list)
    transitions: dict[str, list[Transition]] = field(default_factory=dict)

    def list_add_ons(self, subscription: Subscription) -> list[Subscription]:
        return [each for each in self.subscriptions.values() if each.parent_id == subscription.id]

    def has_active(self, commerce_family: CommerceFamily, item: str) -> bool:
        """Whether the customer has an active subscription to the catalog item."""
        return any(
            each.is_active and each.commerce_family is commerce_family and each.item == item
            for each in self.subscriptions.values()
        )

    def list_legacy_azure(self) -> list[Subscription]:
        """List the legacy Azure subscriptions that are not deleted."""
        return [
            each
            for each in self.subscriptions.values()
            if each.commerce_family is CommerceFamily.LEGACY_AZURE
            and each.status is not SubscriptionStatus.DELETED
        ]
