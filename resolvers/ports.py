"""What resolvers need from outside, as Protocols."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from resolvers.orders import Order, UpgradeOrder
from schema.batch import BatchLinesPage, UpgradeBatch
from schema.customer import Customer
from schema.customer_subscription import CustomerSubscription
from schema.keys import (
    BatchLinesKey,
    Market,
    OfferKey,
    ProductUpgradeKey,
    ProductUpgradeStatusKey,
    SubscriptionKey,
    TransitionEligibilitiesKey,
)
from schema.offer import Offer, OfferCategory
from schema.operation import OperationState, UpgradeOperation
from schema.product_upgrade import ProductUpgradesEligibility, ProductUpgradesStatus
from schema.provisioning import SubscriptionProvisioningStatus
from schema.throttle import ThrottleScope
from schema.transition import Transition, TransitionEligibility
from schema.upgrade import Upgrade


@dataclass(frozen=True, slots=True)
class Continuation:
    """Where the vendor's list of customers goes on: a link and the headers it wants."""

    uri: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CustomersKey:
    """One page of customers: the first of a size, or the one a continuation leads to."""

    size: int
    company_name_starts_with: str | None = None
    continuation: Continuation | None = None

    @property
    def folded(self) -> "CustomersKey":
        """Pages have no second spelling."""
        return self


@dataclass(frozen=True, slots=True)
class CustomersPage:
    """Thin customers in the vendor's order, and where they go on."""

    customers: Sequence[Customer]
    continuation: Continuation | None


@dataclass(frozen=True, slots=True)
class OffersKey:
    """One page of a catalog."""

    market: Market
    category_id: str | None
    offset: int
    size: int

    @property
    def folded(self) -> "OffersKey":
        """Pages have no second spelling."""
        return self


@dataclass(frozen=True)
class OffersPage:
    """Offers in the vendor's order, and whether more follow."""

    offers: Sequence[Offer]
    has_next: bool

    @cached_property
    def by_id(self) -> Mapping[str, Offer]:
        """The offers by their ids in lower case; made when the first is looked up."""
        return {offer.id.lower(): offer for offer in self.offers}


class Directory(Protocol):
    """Reads from Partner Center on behalf of one request.

    Every method raises what the upstream refused with; a refusal never concerns another call.
    What does not exist is a `schema.problems.NotFound`.
    """

    async def customers(self, key: CustomersKey) -> CustomersPage:
        """Read one page of customers (CONTRACT 4.1)."""
        ...

    async def customer(self, customer_id: str) -> Customer:
        """Read one whole customer (CONTRACT 4.2)."""
        ...

    async def subscriptions(self, customer_id: str) -> Sequence[CustomerSubscription]:
        """Read all subscriptions of a customer, add-ons included (CONTRACT 4.3)."""
        ...

    async def subscription(self, key: SubscriptionKey) -> CustomerSubscription:
        """Read one subscription (CONTRACT 4.4)."""
        ...

    async def provisioning_status(self, key: SubscriptionKey) -> SubscriptionProvisioningStatus:
        """Read how far a subscription is set up (CONTRACT 4.6)."""
        ...

    async def upgrades(self, key: SubscriptionKey) -> Sequence[Upgrade]:
        """Read the upgrade paths of a subscription (CONTRACT 4.7)."""
        ...

    async def product_upgrade_eligibility(
        self, key: ProductUpgradeKey
    ) -> ProductUpgradesEligibility:
        """Read whether a customer's products can be upgraded (CONTRACT 4.9)."""
        ...

    async def product_upgrade_status(self, key: ProductUpgradeStatusKey) -> ProductUpgradesStatus:
        """Read how far a product upgrade is (CONTRACT 4.11)."""
        ...

    async def offers_page(self, key: OffersKey) -> OffersPage:
        """Read one page of a catalog (CONTRACT 4.12)."""
        ...

    async def offers(
        self, market: Market, offer_ids: Sequence[str]
    ) -> Sequence[Offer | BaseException]:
        """Answer n ids with n offers or refusals, in order, in the fewest calls (CONTRACT 13)."""
        ...

    async def offer_add_ons(self, key: OfferKey) -> Sequence[Offer]:
        """Read the add-ons of an offer (CONTRACT 4.14)."""
        ...

    async def offer_categories(self, market: Market) -> Sequence[OfferCategory]:
        """Read the shelves of a catalog (CONTRACT 4.15)."""
        ...

    async def transition_eligibilities(
        self, key: TransitionEligibilitiesKey
    ) -> Sequence[TransitionEligibility]:
        """Read what a subscription could become (CONTRACT 4.16)."""
        ...

    async def transitions(self, key: SubscriptionKey) -> Sequence[Transition]:
        """Read the transitions a subscription made (CONTRACT 4.17)."""
        ...

    def throttle(self) -> Sequence[ThrottleScope]:
        """Tell how the vendor's throttling stands for this caller; no call."""
        ...


class KeyReused(Exception):
    """The idempotency key stands for another payload of the same principal."""


class NotInDoubt(Exception):
    """The operation has an end that is known, or none yet; the text says which."""


class BatchEnded(Exception):
    """Every line of the batch has ended, so that nothing is left to cancel."""


class OrderForbidden(Exception):
    """The operator of this gateway does not allow an order now; the text says what and why."""


class OperationsUnavailable(Exception):
    """An operation cannot be recorded now, so nothing is sent; the text says why."""


@dataclass(frozen=True, slots=True)
class OperationsKey:
    """A page of operations: up to `first` of them that fit, from an offset into all, newest first.

    Attributes:
        states: those wanted; empty for all.
    """

    first: int
    offset: int = 0
    states: Collection[OperationState] = ()
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class OperationsPage:
    """Operations with the offset behind each of them, and whether more may follow."""

    operations: Sequence[UpgradeOperation]
    offsets: Sequence[int]
    has_next: bool


class Operations(Protocol):
    """Durable writes in the name of one principal, who sees no other's."""

    async def submit(self, order: Order, idempotency_key: str) -> UpgradeOperation:
        """Record an order, unless this key stands for it already, and return its operation.

        It is carried out whatever becomes of the request that submitted it.

        Raises:
            KeyReused: the key stands for another order.
            OrderForbidden: the operator does not allow it; nothing was recorded.
            OperationsUnavailable: it cannot be recorded; nothing was or will be sent.
        """
        ...

    async def outcome(self, operation_id: str, within_s: float) -> UpgradeOperation:
        """Return an operation when it has ended, or as it stands when the time is up."""
        ...

    async def operation(self, operation_id: str) -> UpgradeOperation | None:
        """Find an operation; None for another principal's."""
        ...

    async def by_key(self, idempotency_key: str) -> UpgradeOperation | None:
        """Find the operation of a key."""
        ...

    def watch(self, operation_id: str) -> AsyncGenerator[UpgradeOperation, None]:
        """Yield an operation as it stands and after changes, several at once; its end is the last.

        Yields nothing for another principal's.
        """
        ...

    async def settle(
        self, operation_id: str, *, is_done: bool, note: str
    ) -> UpgradeOperation | None:
        """Give an operation in doubt its end; None for another principal's.

        Raises:
            NotInDoubt: it is not in doubt, or was settled otherwise.
            OperationsUnavailable: it cannot be recorded.
        """
        ...

    async def page(self, key: OperationsKey) -> OperationsPage:
        """Read a page of operations."""
        ...

    async def of_subscription(self, key: SubscriptionKey) -> Sequence[UpgradeOperation]:
        """Read the operations on a subscription, newest first."""
        ...


class Batches(Protocol):
    """Many durable writes at once in the name of one principal, who sees no other's."""

    async def submit(self, orders: Sequence[UpgradeOrder], idempotency_key: str) -> UpgradeBatch:
        """Record orders as one batch, unless this key stands for it already.

        All of them are recorded or none is; they are carried out whatever becomes of the request.

        Raises:
            KeyReused: the key stands for another batch, or for an operation.
            OperationsUnavailable: it cannot be recorded; nothing was or will be sent.
        """
        ...

    async def outcome(self, batch_id: str, within_s: float) -> UpgradeBatch:
        """Return a batch when every line has ended, or as it stands when the time is up."""
        ...

    async def batch(self, batch_id: str) -> UpgradeBatch | None:
        """Find a batch; None for another principal's."""
        ...

    async def lines(self, key: BatchLinesKey) -> BatchLinesPage:
        """Read a page of lines. Raises LookupError for another principal's batch."""
        ...

    async def cancel(self, batch_id: str) -> UpgradeBatch | None:
        """Send nothing more of a batch; None for another principal's.

        Raises:
            BatchEnded: it has ended, and was not cancelled before.
            OperationsUnavailable: it cannot be recorded.
        """
        ...

    def watch(self, batch_id: str) -> AsyncGenerator[UpgradeBatch, None]:
        """Yield a batch as it stands and after changes, several at once; its end is the last.

        Yields nothing for another principal's.
        """
        ...


class ProductUpgrades(Protocol):
    """Product upgrades, whoever has requested them, followed in the name of one principal."""

    def watch(self, key: ProductUpgradeStatusKey) -> AsyncGenerator[ProductUpgradesStatus, None]:
        """Yield a status as it stands and after changes, several at once; its end is the last.

        Raises what the upstream refuses with.
        """
        ...
