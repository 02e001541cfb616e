"""Reads from Partner Center."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from schema.audit_record import AuditRecord
from schema.availability import Availability
from schema.custom_term_end_date import CustomTermEndDate
from schema.customer import Customer
from schema.customer_subscription import CustomerSubscription
from schema.keys import (
    AuditDayKey,
    AvailabilitiesKey,
    AvailabilityKey,
    CustomTermEndDatesKey,
    Market,
    OfferKey,
    ProductKey,
    ProductUpgradeKey,
    ProductUpgradeStatusKey,
    PromotionsKey,
    SkuKey,
    SubscriptionKey,
    TransitionEligibilitiesKey,
)
from schema.offer import Offer
from schema.offer_details import OfferCategory
from schema.product import Product, Sku
from schema.product_upgrade import ProductUpgradesEligibility, ProductUpgradesStatus
from schema.promotion import PromotionEligibility
from schema.provisioning import SubscriptionProvisioningStatus
from schema.throttle import ThrottleScope
from schema.transition import Transition
from schema.transition_eligibility import TransitionEligibility
from schema.upgrade import Upgrade
from schema.webhook import WebhookRegistration, WebhookValidationEvent


@dataclass(frozen=True, slots=True)
class Continuation:
    """The link to the next page in Partner Center's list of customers, and its headers."""

    uri: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CustomersKey:
    """A page of customers: the first `size`, or the page that a continuation leads to."""

    size: int
    company_name_starts_with: str | None = None
    continuation: Continuation | None = None

    @property
    def normalized(self) -> "CustomersKey":
        """The key itself, because it has only one spelling."""
        return self


@dataclass(frozen=True, slots=True)
class CustomersPage:
    """A page of customers in Partner Center's order, and the link to the next one.

    Customers in lists lack some members.
    """

    customers: Sequence[Customer]
    continuation: Continuation | None


@dataclass(frozen=True, slots=True)
class OffersKey:
    """A page of offers in one market."""

    market: Market
    category_id: str | None
    offset: int
    size: int

    @property
    def normalized(self) -> "OffersKey":
        """The key itself, because it has only one spelling."""
        return self


@dataclass(frozen=True)
class OffersPage:
    """A page of offers in Partner Center's order."""

    offers: Sequence[Offer]
    has_next: bool

    @cached_property
    def by_id(self) -> Mapping[str, Offer]:
        """The offers by their id in lower case."""
        return {offer.id.lower(): offer for offer in self.offers}


class Directory(Protocol):
    """Reads from Partner Center for one request.

    Each method starts its call at once, even if the awaitable is not awaited yet. It fails with the
    error of the call; with `schema.errors.NotFound` for an object that does not exist.
    """

    def customers(self, key: CustomersKey) -> Awaitable[CustomersPage]:
        """Read a page of customers (CONTRACT 4.1)."""
        ...

    def customer(self, customer_id: str) -> Awaitable[Customer]:
        """Read a customer with all members (CONTRACT 4.2)."""
        ...

    def subscriptions(self, customer_id: str) -> Awaitable[Sequence[CustomerSubscription]]:
        """Read all subscriptions of a customer, including add-ons (CONTRACT 4.3)."""
        ...

    def subscription(self, key: SubscriptionKey) -> Awaitable[CustomerSubscription]:
        """Read a subscription (CONTRACT 4.4)."""
        ...

    def provisioning_status(
        self, key: SubscriptionKey
    ) -> Awaitable[SubscriptionProvisioningStatus]:
        """Read the provisioning status of a subscription (CONTRACT 4.6)."""
        ...

    def upgrades(self, key: SubscriptionKey) -> Awaitable[Sequence[Upgrade]]:
        """Read the possible upgrades of a subscription (CONTRACT 4.7)."""
        ...

    def product_upgrade_eligibility(
        self, key: ProductUpgradeKey
    ) -> Awaitable[ProductUpgradesEligibility]:
        """Read whether a customer's products can be upgraded (CONTRACT 4.9)."""
        ...

    def product_upgrade_status(
        self, key: ProductUpgradeStatusKey
    ) -> Awaitable[ProductUpgradesStatus]:
        """Read the progress of a product upgrade (CONTRACT 4.11)."""
        ...

    def offers_page(self, key: OffersKey) -> Awaitable[OffersPage]:
        """Read a page of a catalog (CONTRACT 4.12)."""
        ...

    def offers(
        self, market: Market, offer_ids: Sequence[str]
    ) -> Awaitable[Sequence[Offer | BaseException]]:
        """Read offers with as few calls as possible (CONTRACT 13).

        Returns an offer or an error for each id, in their order.
        """
        ...

    def offer_add_ons(self, key: OfferKey) -> Awaitable[Sequence[Offer]]:
        """Read the add-ons of an offer (CONTRACT 4.14)."""
        ...

    def offer_categories(self, market: Market) -> Awaitable[Sequence[OfferCategory]]:
        """Read the categories of a catalog (CONTRACT 4.15)."""
        ...

    def transition_eligibilities(
        self, key: TransitionEligibilitiesKey
    ) -> Awaitable[Sequence[TransitionEligibility]]:
        """Read the possible transitions of a subscription (CONTRACT 4.16)."""
        ...

    def transitions(self, key: SubscriptionKey) -> Awaitable[Sequence[Transition]]:
        """Read the transitions of a subscription (CONTRACT 4.17)."""
        ...

    def audit_records(self, key: AuditDayKey) -> Awaitable[Sequence[AuditRecord]]:
        """Read all audit records of a customer and day (CONTRACT 4.22). Some may be missing."""
        ...

    def custom_term_end_dates(
        self, key: CustomTermEndDatesKey
    ) -> Awaitable[Sequence[CustomTermEndDate]]:
        """Read the dates on which a term may end (CONTRACT 4.20)."""
        ...

    def promotions(
        self, keys: Sequence[PromotionsKey]
    ) -> Awaitable[Sequence[Sequence[PromotionEligibility]]]:
        """Read the promotions of several purchases of a customer with one call (CONTRACT 4.21)."""
        ...

    def product(self, key: ProductKey) -> Awaitable[Product]:
        """Read a product of new commerce (CONTRACT 4.28). The data may be hours old."""
        ...

    def sku(self, key: SkuKey) -> Awaitable[Sku]:
        """Read a SKU (CONTRACT 4.29). The data may be hours old."""
        ...

    def availabilities(self, key: AvailabilitiesKey) -> Awaitable[Sequence[Availability]]:
        """Read the availabilities of a SKU (CONTRACT 4.31).

        There are none if it is no longer sold.
        """
        ...

    def availability(self, key: AvailabilityKey) -> Awaitable[Availability]:
        """Read an availability; if the vendor has replaced its id, the new one (CONTRACT 4.30)."""
        ...

    def webhook_event_names(self) -> Awaitable[Sequence[str]]:
        """Read the names of the events that can be registered for (CONTRACT 4.24)."""
        ...

    def webhook_registration(self) -> Awaitable[WebhookRegistration]:
        """Read the partner's registration for events (CONTRACT 4.25)."""
        ...

    def webhook_validation_event(self, correlation_id: str) -> Awaitable[WebhookValidationEvent]:
        """Read the state of a test event (CONTRACT 4.27)."""
        ...

    def throttle(self) -> Sequence[ThrottleScope]:
        """Return the rate limits that apply to this caller. Makes no call."""
        ...
