"""The loaders of one request, over the Directory.

What the vendor answers for one key at a time is loaded as soon as it is asked for, so that no
branch waits for another. What it answers for many keys at once is gathered for one tick, in
groups that one call can answer: subscriptions by customer, offers by market.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import cast

from resolvers.loading import GroupedLoader, SingleLoader
from resolvers.ports.batches import Batches
from resolvers.ports.directory import CustomersKey, CustomersPage, Directory, OffersKey, OffersPage
from resolvers.ports.operations import Operations
from schema.batch import BatchLinesPage
from schema.customer import Customer
from schema.customer_subscription import CustomerSubscription
from schema.keys import (
    BatchLinesKey,
    CustomerKey,
    Market,
    OfferKey,
    ProductUpgradeKey,
    ProductUpgradeStatusKey,
    SubscriptionKey,
    TransitionEligibilitiesKey,
)
from schema.offer import Offer, OfferCategory
from schema.operation import UpgradeOperation
from schema.problems import NotFound
from schema.product_upgrade import ProductUpgradesEligibility, ProductUpgradesStatus
from schema.provisioning import SubscriptionProvisioningStatus
from schema.transition import Transition, TransitionEligibility
from schema.upgrade import Upgrade


class RequestLoaders:
    """Fits `schema.context.Loaders`; each loader is made when it is first asked for."""

    def __init__(self, directory: Directory, operations: Operations, batches: Batches) -> None:
        self._directory = directory
        self._operations = operations
        self._batches = batches
        self._pages: list[tuple[Market, OffersPage]] = []

    def begin_again(self, directory: Directory) -> None:
        """Drop every loader with what it remembers, and ask another directory from now on."""
        self.__dict__ = {
            "_directory": directory,
            "_operations": self._operations,
            "_batches": self._batches,
            "_pages": [],
        }

    @cached_property
    def batch_lines(self) -> SingleLoader[BatchLinesKey, BatchLinesPage]:
        """Lines of the caller's batches; no upstream call."""
        return SingleLoader(self._batches.lines)

    @cached_property
    def operations(self) -> SingleLoader[SubscriptionKey, Sequence[UpgradeOperation]]:
        """The caller's operations on a subscription; no upstream call."""
        return SingleLoader(self._operations.of_subscription)

    def close(self) -> None:
        """Stop what is being loaded, and forget it: the request is answered or its client has gone.

        Loaders hold these, which hold them; all that was read would wait for the garbage collector.
        """
        for loader in vars(self).values():
            if isinstance(loader, SingleLoader | GroupedLoader):
                loader.cancel()
        self.begin_again(self._directory)

    @cached_property
    def customers(self) -> SingleLoader[CustomersKey, CustomersPage]:
        """Pages of customers, which prime `customer` with what they carry."""
        return SingleLoader(self._customers)

    async def _customers(self, key: CustomersKey) -> CustomersPage:
        page = await self._directory.customers(key)
        for customer in page.customers:
            self.customer.prime(customer.key, customer)
        return page

    @cached_property
    def customer(self) -> SingleLoader[CustomerKey, Customer]:
        """A customer, thin where a page carried it."""
        return SingleLoader(self._whole_customer)

    async def _whole_customer(self, key: CustomerKey) -> Customer:
        return await self.whole_customer.load(key)

    @cached_property
    def whole_customer(self) -> SingleLoader[CustomerKey, Customer]:
        """A customer with every member."""
        return SingleLoader(lambda key: self._directory.customer(key.customer_id))

    @cached_property
    def subscriptions(self) -> SingleLoader[CustomerKey, Sequence[CustomerSubscription]]:
        """All subscriptions of a customer."""
        return SingleLoader(lambda key: self._directory.subscriptions(key.customer_id))

    @cached_property
    def subscription(self) -> GroupedLoader[SubscriptionKey, CustomerSubscription]:
        """One subscription; several of a customer are its one list."""
        return GroupedLoader(lambda key: key.customer_id.lower(), self._subscriptions_by_id)

    async def _subscriptions_by_id(
        self, keys: list[SubscriptionKey]
    ) -> Sequence[CustomerSubscription | BaseException]:
        customer = CustomerKey(keys[0].customer_id)
        if len(keys) == 1 and not self.subscriptions.has(customer):
            return [await self._directory.subscription(keys[0])]
        listed = await self.subscriptions.load(customer)
        by_id = {subscription.key.folded: subscription for subscription in listed}
        return [by_id.get(key.folded) or _no_subscription(key) for key in keys]

    @cached_property
    def upgrades(self) -> SingleLoader[SubscriptionKey, Sequence[Upgrade]]:
        """The upgrade paths of a subscription."""
        return SingleLoader(self._directory.upgrades)

    @cached_property
    def provisioning_status(
        self,
    ) -> SingleLoader[SubscriptionKey, SubscriptionProvisioningStatus]:
        """How far a subscription is set up."""
        return SingleLoader(self._directory.provisioning_status)

    @cached_property
    def transition_eligibilities(
        self,
    ) -> SingleLoader[TransitionEligibilitiesKey, Sequence[TransitionEligibility]]:
        """What a subscription could become."""
        return SingleLoader(self._directory.transition_eligibilities)

    @cached_property
    def transitions(self) -> SingleLoader[SubscriptionKey, Sequence[Transition]]:
        """The transitions a subscription made."""
        return SingleLoader(self._directory.transitions)

    @cached_property
    def offers(self) -> SingleLoader[OffersKey, OffersPage]:
        """Pages of a catalog, on which `offer` finds what they carry."""
        return SingleLoader(self._offers)

    async def _offers(self, key: OffersKey) -> OffersPage:
        page = await self._directory.offers_page(key)
        self._pages.append((key.market, page))
        return page

    @cached_property
    def offer(self) -> GroupedLoader[OfferKey, Offer]:
        """One offer; many of a market are as few calls as its catalog allows."""
        return GroupedLoader(lambda key: key.market.folded, self._offers_by_id)

    async def _offers_by_id(self, keys: list[OfferKey]) -> Sequence[Offer | BaseException]:
        market = keys[0].market
        answers = {key.offer_id: self._on_a_page(key) for key in keys}
        unknown = [offer_id for offer_id, offer in answers.items() if offer is None]
        if unknown:
            found = await self._directory.offers(market, unknown)
            answers |= zip(unknown, found, strict=True)
        return [cast("Offer | BaseException", answers[key.offer_id]) for key in keys]

    def _on_a_page(self, key: OfferKey) -> Offer | BaseException | None:
        """Find an offer among those that came with pages of its market."""
        pages = (page for market, page in self._pages if market.folded == key.market.folded)
        found = (page.by_id.get(key.offer_id.lower()) for page in pages)
        return next(filter(None, found), None)

    @cached_property
    def offer_add_ons(self) -> SingleLoader[OfferKey, Sequence[Offer]]:
        """The add-ons of an offer."""
        return SingleLoader(self._directory.offer_add_ons)

    @cached_property
    def offer_categories(self) -> SingleLoader[Market, Sequence[OfferCategory]]:
        """The shelves of a catalog."""
        return SingleLoader(self._directory.offer_categories)

    @cached_property
    def product_upgrade_eligibility(
        self,
    ) -> SingleLoader[ProductUpgradeKey, ProductUpgradesEligibility]:
        """Whether a customer's products can be upgraded."""
        return SingleLoader(self._directory.product_upgrade_eligibility)

    @cached_property
    def product_upgrade_status(
        self,
    ) -> SingleLoader[ProductUpgradeStatusKey, ProductUpgradesStatus]:
        """How far a product upgrade is."""
        return SingleLoader(self._directory.product_upgrade_status)


def _no_subscription(key: SubscriptionKey) -> NotFound:
    return NotFound(
        f"Customer {key.customer_id} has no subscription {key.subscription_id}. "
        "Its `subscriptions` list those it has."
    )
