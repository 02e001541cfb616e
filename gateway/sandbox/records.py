"""What the sandbox knows of customers and their subscriptions; slotted, there are many of them."""

from dataclasses import dataclass, field
from enum import Enum, Flag, auto

from gateway.sandbox.enums import BillingCycle, SubscriptionStatus


class CommerceFamily(Enum):
    """The commerce generation of a subscription, which decides how it is upgraded."""

    LEGACY_LICENSE = "legacy"
    LEGACY_AZURE = "azure"
    AZURE_PLAN = "plan"
    NEW_COMMERCE = "modern"


class Trait(Flag):
    """What a subscription will do when it is upgraded, where nothing else decides it."""

    NONE = 0
    UPGRADE_REFUSED = auto()
    USERS_CANNOT_MOVE = auto()
    CONVERSION_FAILS = auto()
    REASSIGNMENT_FAILS = auto()


@dataclass(slots=True)
class Subscription:
    """One subscription; times are seconds since 1970, `item` is a key of the catalog."""

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

    @property
    def is_active(self) -> bool:
        """Whether its services run."""
        return self.status is SubscriptionStatus.ACTIVE


class ProductUpgradeState(Enum):
    """The states of a product upgrade, as the sandbox writes them (CONTRACT 6.6)."""

    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"


@dataclass(slots=True)
class ProductUpgrade:
    """A move of a customer's Azure subscriptions to an Azure plan."""

    id: str
    created_s: float
    plan_id: str
    source_ids: tuple[str, ...]
    fails: bool = False
    fixed_state: ProductUpgradeState | None = None
    """The state it stays in whatever the clock says."""
    is_applied: bool = False


@dataclass(slots=True)
class Transition:
    """A new commerce conversion that was asked for."""

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
    never_ends: bool = False
    """Whether its conversion never ends."""
    is_applied: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """Who a customer is; cheap to derive, all that the customer list shows."""

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
        """The address of the contact."""
        return f"{self.first_name}.{self.last_name}@{self.domain}".lower().replace(" ", "")


@dataclass(slots=True)
class Customer:
    """A customer with everything it owns."""

    profile: Profile
    allows_delegated_access: bool = True
    has_granular_admin: bool = True
    has_accepted_agreement: bool = True
    next_upgrade_fails: bool = False
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    product_upgrades: list[ProductUpgrade] = field(default_factory=list)
    transitions: dict[str, list[Transition]] = field(default_factory=dict)

    def list_add_ons(self, subscription: Subscription) -> list[Subscription]:
        """The subscriptions whose parent this is."""
        return [each for each in self.subscriptions.values() if each.parent_id == subscription.id]

    def has_active(self, commerce_family: CommerceFamily, item: str) -> bool:
        """Whether the customer already has a running subscription to the catalog item."""
        return any(
            each.is_active and each.commerce_family is commerce_family and each.item == item
            for each in self.subscriptions.values()
        )

    def list_legacy_azure(self) -> list[Subscription]:
        """The legacy Azure subscriptions, in any status but deleted."""
        return [
            each
            for each in self.subscriptions.values()
            if each.commerce_family is CommerceFamily.LEGACY_AZURE
            and each.status is not SubscriptionStatus.DELETED
        ]
