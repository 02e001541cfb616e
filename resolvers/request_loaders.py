"""The data loaders of one request.

A key that needs a call of its own is loaded at once, so that no branch of a query waits for
another. Keys that can share a call are collected for one event loop tick: subscriptions by
customer, offers by market.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from resolvers.authorized.ports import RequestPorts
from resolvers.dataloaders import BatchingLoader, KeyLoader, LoaderCounts
from resolvers.lazy_loader import lazy_loader
from resolvers.ports.directory import CustomersKey, CustomersPage, Directory, OffersKey, OffersPage
from resolvers.promise import Promise, gather_results, promise_of
from schema.audit_record import AuditRecord
from schema.availability import Availability
from schema.batch import BatchLinesPage
from schema.custom_term_end_date import CustomTermEndDate
from schema.customer import Customer
from schema.customer_subscription import CustomerSubscription
from schema.errors import NotFound
from schema.keys import (
    AuditDayKey,
    AvailabilitiesKey,
    AvailabilityKey,
    BatchLinesKey,
    CustomerKey,
    CustomTermEndDatesKey,
    Market,
    OfferKey,
    PartnerKey,
    ProductKey,
    ProductUpgradeKey,
    ProductUpgradeStatusKey,
    PromotionsKey,
    SkuKey,
    SubscriptionKey,
    TransitionEligibilitiesKey,
    ValidationEventKey,
)
from schema.offer import Offer
from schema.offer_details import OfferCategory
from schema.operation import UpgradeOperation
from schema.product import Product, Sku
from schema.product_upgrade import ProductUpgradesEligibility, ProductUpgradesStatus
from schema.promotion import PromotionEligibility
from schema.provisioning import SubscriptionProvisioningStatus
from schema.transition import Transition
from schema.transition_eligibility import TransitionEligibility
from schema.upgrade import Upgrade
from schema.webhook import WebhookRegistration, WebhookValidationEvent


class RequestLoaders:
    """The data loaders of one request. Each is created at its first use."""

    def __init__(
        self,
        directory: Directory,
        ports: Callable[[], RequestPorts],
        counts: LoaderCounts | None = None,
    ) -> None:
        self._counts = counts or LoaderCounts()
        self._directory = directory
        self._ports = ports
        self.created: list[KeyLoader[Any, Any] | BatchingLoader[Any, Any]] = []
        self._pages: list[tuple[Market, OffersPage]] = []

    def reset(self, directory: Directory) -> None:
        """Drop all loaders with their caches. New ones read from this directory."""
        self.__dict__ = {
            "_counts": self._counts,
            "_directory": directory,
            "_ports": self._ports,
            "created": [],
            "_pages": [],
        }

    @lazy_loader
    def batch_lines(self) -> KeyLoader[BatchLinesKey, BatchLinesPage]:
        """Loads lines of the caller's batches, without upstream calls."""
        return KeyLoader(self._ports().batches.list_lines)

    @lazy_loader
    def operations(self) -> KeyLoader[SubscriptionKey, Sequence[UpgradeOperation]]:
        """Loads the caller's operations on a subscription, without upstream calls."""
        return KeyLoader(self._ports().operations.list_for_subscription)

    def close(self) -> None:
        """Cancel what is being loaded, and drop every loader at the end of the request.

        Loaders and this object refer to each other, so their data would otherwise stay in memory
        until the next garbage collection.
        """
        for loader in self.created:
            loader.cancel()
        self.reset(self._directory)

    @lazy_loader
    def customers(self) -> KeyLoader[CustomersKey, CustomersPage]:
        """Loads pages of customers. `customer` then finds these customers without a call."""
        return KeyLoader(self._customers)

    def _customers(self, key: CustomersKey) -> Promise[CustomersPage]:
        return promise_of(self._directory.customers(key)).then(self._prime_customers)

    def _prime_customers(self, page: CustomersPage) -> CustomersPage:
        for customer in page.customers:
            self.customer.prime(customer.key, customer)
        return page

    @lazy_loader
    def customer(self) -> KeyLoader[CustomerKey, Customer]:
        """Loads a customer. If a page has contained it, members that lists lack are missing."""
        return KeyLoader(self.full_customer.load)

    @lazy_loader
    def full_customer(self) -> KeyLoader[CustomerKey, Customer]:
        return KeyLoader(lambda key: self._directory.customer(key.customer_id))

    @lazy_loader
    def subscriptions(self) -> KeyLoader[CustomerKey, Sequence[CustomerSubscription]]:
        return KeyLoader(lambda key: self._directory.subscriptions(key.customer_id))

    @lazy_loader
    def subscription(self) -> BatchingLoader[SubscriptionKey, CustomerSubscription]:
        """Loads a subscription; for several of one customer, the customer's list in one call."""
        return BatchingLoader(
            lambda key: key.customer_id.lower(), self._counts.counted(self._subscriptions_by_id)
        )

    def _subscriptions_by_id(
        self, keys: list[SubscriptionKey]
    ) -> Promise[list[CustomerSubscription | BaseException]]:
        customer = CustomerKey(keys[0].customer_id)
        if len(keys) == 1 and not self.subscriptions.has(customer):
            return gather_results([promise_of(self._directory.subscription(keys[0]))])
        return self.subscriptions.load(customer).then(partial(_find_subscriptions, keys))

    @lazy_loader
    def upgrades(self) -> KeyLoader[SubscriptionKey, Sequence[Upgrade]]:
        return KeyLoader(self._directory.upgrades)

    @lazy_loader
    def provisioning_status(
        self,
    ) -> KeyLoader[SubscriptionKey, SubscriptionProvisioningStatus]:
        return KeyLoader(self._directory.provisioning_status)

    @lazy_loader
    def transition_eligibilities(
        self,
    ) -> KeyLoader[TransitionEligibilitiesKey, Sequence[TransitionEligibility]]:
        return KeyLoader(self._directory.transition_eligibilities)

    @lazy_loader
    def transitions(self) -> KeyLoader[SubscriptionKey, Sequence[Transition]]:
        return KeyLoader(self._directory.transitions)

    @lazy_loader
    def offers(self) -> KeyLoader[OffersKey, OffersPage]:
        """Loads pages of offers. `offer` then finds these offers without a call."""
        return KeyLoader(self._offers)

    def _offers(self, key: OffersKey) -> Promise[OffersPage]:
        page = promise_of(self._directory.offers_page(key))
        return page.then(partial(self._remember_page, key.market))

    def _remember_page(self, market: Market, page: OffersPage) -> OffersPage:
        self._pages.append((market, page))
        return page

    @lazy_loader
    def offer(self) -> BatchingLoader[OfferKey, Offer]:
        """Loads an offer. Offers of one market that are requested together share calls."""
        return BatchingLoader(
            lambda key: key.market.normalized, self._counts.counted(self._offers_by_id)
        )

    def _offers_by_id(self, keys: list[OfferKey]) -> Promise[Sequence[Offer | BaseException]]:
        """Find offers on the pages that were read, and read the others."""
        market = keys[0].market
        if not self._pages:
            return promise_of(self._directory.offers(market, [key.offer_id for key in keys]))
        found: dict[str, Offer | BaseException] = {
            key.offer_id: offer for key in keys if (offer := self._find_on_pages(key)) is not None
        }
        unknown = [key.offer_id for key in keys if key.offer_id not in found]

        def add_found(read: Sequence[Offer | BaseException]) -> list[Offer | BaseException]:
            found.update(zip(unknown, read, strict=True))
            return [found[key.offer_id] for key in keys]

        if not unknown:
            return Promise.resolved(add_found([]))
        return promise_of(self._directory.offers(market, unknown)).then(add_found)

    def _find_on_pages(self, key: OfferKey) -> Offer | None:
        pages = (page for market, page in self._pages if market.normalized == key.market.normalized)
        found = (page.by_id.get(key.offer_id.lower()) for page in pages)
        return next(filter(None, found), None)

    @lazy_loader
    def offer_add_ons(self) -> KeyLoader[OfferKey, Sequence[Offer]]:
        return KeyLoader(self._directory.offer_add_ons)

    @lazy_loader
    def offer_categories(self) -> KeyLoader[Market, Sequence[OfferCategory]]:
        return KeyLoader(self._directory.offer_categories)

    @lazy_loader
    def webhook_event_names(self) -> KeyLoader[PartnerKey, Sequence[str]]:
        return KeyLoader(lambda _: self._directory.webhook_event_names())

    @lazy_loader
    def webhook_registration(self) -> KeyLoader[PartnerKey, WebhookRegistration]:
        return KeyLoader(lambda _: self._directory.webhook_registration())

    @lazy_loader
    def webhook_validation_event(self) -> KeyLoader[ValidationEventKey, WebhookValidationEvent]:
        return KeyLoader(lambda key: self._directory.webhook_validation_event(key.correlation_id))

    @lazy_loader
    def custom_term_end_dates(
        self,
    ) -> KeyLoader[CustomTermEndDatesKey, Sequence[CustomTermEndDate]]:
        return KeyLoader(self._directory.custom_term_end_dates)

    @lazy_loader
    def promotions(self) -> BatchingLoader[PromotionsKey, Sequence[PromotionEligibility]]:
        """Loads the promotions of a purchase. Purchases of one customer share a call."""
        return BatchingLoader(
            lambda key: key.customer_id.lower(), self._counts.counted(self._directory.promotions)
        )

    @lazy_loader
    def product(self) -> KeyLoader[ProductKey, Product]:
        return KeyLoader(self._directory.product)

    @lazy_loader
    def sku(self) -> KeyLoader[SkuKey, Sku]:
        return KeyLoader(self._directory.sku)

    @lazy_loader
    def availabilities(self) -> KeyLoader[AvailabilitiesKey, Sequence[Availability]]:
        return KeyLoader(self._directory.availabilities)

    @lazy_loader
    def availability(self) -> KeyLoader[AvailabilityKey, Availability]:
        return KeyLoader(self._directory.availability)

    @lazy_loader
    def audit_records(self) -> KeyLoader[AuditDayKey, Sequence[AuditRecord]]:
        return KeyLoader(self._directory.audit_records)

    @lazy_loader
    def product_upgrade_eligibility(
        self,
    ) -> KeyLoader[ProductUpgradeKey, ProductUpgradesEligibility]:
        return KeyLoader(self._directory.product_upgrade_eligibility)

    @lazy_loader
    def product_upgrade_status(
        self,
    ) -> KeyLoader[ProductUpgradeStatusKey, ProductUpgradesStatus]:
        return KeyLoader(self._directory.product_upgrade_status)


def _find_subscriptions(
    keys: Sequence[SubscriptionKey], listed: Sequence[CustomerSubscription]
) -> list[CustomerSubscription | BaseException]:
    by_id = {subscription.key.normalized: subscription for subscription in listed}
    return [by_id.get(key.normalized) or _subscription_not_found(key) for key in keys]


def _subscription_not_found(key: SubscriptionKey) -> NotFound:
    return NotFound(
        f"Customer {key.customer_id} has no subscription {key.subscription_id}."
        " `customer.subscriptions` lists those that it has."
    )
