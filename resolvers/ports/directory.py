"""Reads from Partner Center."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from schema.customer import Customer
from schema.customer_subscription import CustomerSubscription
from schema.keys import (
    Market,
    OfferKey,
    ProductUpgradeKey,
    ProductUpgradeStatusKey,
    SubscriptionKey,
    TransitionEligibilitiesKey,
)
from schema.offer import Offer, OfferCategory
from schema.product_upgrade import ProductUpgradesEligibility, ProductUpgradesStatus
from schema.provisioning import SubscriptionProvisioningStatus
from schema.throttle import ThrottleScope
from schema.transition import Transition
from schema.transition_eligibility import TransitionEligibility
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
    def normalized(self) -> "CustomersKey":
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
    def normalized(self) -> "OffersKey":
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
    What does not exist is a `schema.errors.NotFound`.
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
