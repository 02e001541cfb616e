"""The loaders of one request, over the Directory.

What the vendor answers for one key at a time is loaded as soon as it is asked for, so that no
branch waits for another. What it answers for many keys at once is gathered for one tick, in
groups that one call can answer: subscriptions by customer, offers by market.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar, cast

from aiodataloader import DataLoader

from resolvers.ports import (
    Batches,
    CustomersKey,
    CustomersPage,
    Directory,
    OffersKey,
    OffersPage,
    Operations,
)
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


class Key(Protocol):
    """A loader's key."""

    @property
    def folded(self) -> Hashable:
        """The form equal keys share."""
        ...


K = TypeVar("K", bound=Key)
V = TypeVar("V")
Batch = Callable[[list[K]], Coroutine[Any, Any, Sequence[V | BaseException]]]


class RequestLoader(DataLoader[K, V]):
    """A DataLoader whose waiters do not harm each other.

    The batch answers refusals as values, which are remembered like answers, so that nothing is
    asked twice in a request. aiodataloader hands every waiter the same future, which a cancelled
    waiter would cancel for all: hence the shield.
    """

    def __init__(self, batch_load: Batch[K, V], *, batch: bool) -> None:
        # aiodataloader's types do not say that it raises the exceptions in an answer.
        typed = cast("Callable[[list[K]], Coroutine[Any, Any, list[V]]]", self._run)
        super().__init__(typed, batch=batch, get_cache_key=attrgetter("folded"))
        self._load_batch = batch_load
        self._running: set[asyncio.Task[Any] | None] = set()

    async def _run(self, keys: list[K]) -> Sequence[V | BaseException]:
        task = asyncio.current_task()
        self._running.add(task)
        try:
            return await self._load_batch(keys)
        finally:
            self._running.discard(task)

    def cancel(self) -> None:
        """Stop what is being loaded: nobody waits for it any more."""
        for task in filter(None, self._running):
            task.cancel()

    def load(self, key: K) -> "asyncio.Future[V]":
        """Answer one key; a refusal is raised."""
        answer = super().load(key)
        answer.add_done_callback(_mark_as_read)
        return asyncio.shield(answer)

    def has(self, key: K) -> bool:
        """Whether the key was asked for already."""
        return self.get_cache_key(key) in self._cache


def _mark_as_read(answer: "asyncio.Future[Any]") -> None:
    """Keep asyncio from logging a refusal that nobody waits for any more."""
    if not answer.cancelled():
        answer.exception()


def one_by_one(load_one: Callable[[K], Awaitable[V]]) -> RequestLoader[K, V]:
    """Make a loader of what the vendor answers for one key at a time."""

    async def load_all(keys: list[K]) -> Sequence[V | BaseException]:
        return await asyncio.gather(*map(load_one, keys), return_exceptions=True)

    return RequestLoader(load_all, batch=False)


class GroupedLoader(Generic[K, V]):
    """One batching loader for each group of keys that one call can answer."""

    def __init__(self, group_of: Callable[[K], Hashable], batch_load: Batch[K, V]) -> None:
        self._group_of = group_of
        self._batch_load = batch_load
        self._groups: dict[Hashable, RequestLoader[K, V]] = {}

    def load(self, key: K) -> "asyncio.Future[V]":
        """Answer one key, together with those of its group that are asked in the same tick."""
        return self._group(key).load(key)

    def prime(self, key: K, value: V) -> None:
        """Remember an answer that came with another call."""
        self._group(key).prime(key, value)

    def cancel(self) -> None:
        """Stop what is being loaded in every group."""
        for group in self._groups.values():
            group.cancel()

    def _group(self, key: K) -> RequestLoader[K, V]:
        name = self._group_of(key)
        if name not in self._groups:
            self._groups[name] = RequestLoader(self._answers, batch=True)
        return self._groups[name]

    async def _answers(self, keys: list[K]) -> Sequence[V | BaseException]:
        """Make the refusal of a whole batch each key's own, which aiodataloader would forget."""
        (answers,) = await asyncio.gather(self._batch_load(keys), return_exceptions=True)
        return [answers] * len(keys) if isinstance(answers, BaseException) else answers


class RequestLoaders:
    """Fits `schema.context.Loaders`; each loader is made when it is first asked for."""

    def __init__(self, directory: Directory, operations: Operations, batches: Batches) -> None:
        self._directory = directory
        self._operations = operations
        self._batches = batches

    def begin_again(self, directory: Directory) -> None:
        """Drop every loader with what it remembers, and ask another directory from now on."""
        self.__dict__ = {
            "_directory": directory,
            "_operations": self._operations,
            "_batches": self._batches,
        }

    @cached_property
    def batch_lines(self) -> RequestLoader[BatchLinesKey, BatchLinesPage]:
        """Lines of the caller's batches; no upstream call."""
        return one_by_one(self._batches.lines)

    @cached_property
    def operations(self) -> RequestLoader[SubscriptionKey, Sequence[UpgradeOperation]]:
        """The caller's operations on a subscription; no upstream call."""
        return one_by_one(self._operations.of_subscription)

    def cancel(self) -> None:
        """Stop what is being loaded: the request is answered or its client has gone."""
        for loader in vars(self).values():
            if isinstance(loader, RequestLoader | GroupedLoader):
                loader.cancel()

    @cached_property
    def customers(self) -> RequestLoader[CustomersKey, CustomersPage]:
        """Pages of customers, which prime `customer` with what they carry."""
        return one_by_one(self._customers)

    async def _customers(self, key: CustomersKey) -> CustomersPage:
        page = await self._directory.customers(key)
        for customer in page.customers:
            self.customer.prime(customer.key, customer)
        return page

    @cached_property
    def customer(self) -> RequestLoader[CustomerKey, Customer]:
        """A customer, thin where a page carried it."""
        return one_by_one(self.whole_customer.load)

    @cached_property
    def whole_customer(self) -> RequestLoader[CustomerKey, Customer]:
        """A customer with every member."""
        return one_by_one(lambda key: self._directory.customer(key.customer_id))

    @cached_property
    def subscriptions(self) -> RequestLoader[CustomerKey, Sequence[CustomerSubscription]]:
        """All subscriptions of a customer."""
        return one_by_one(lambda key: self._directory.subscriptions(key.customer_id))

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
    def upgrades(self) -> RequestLoader[SubscriptionKey, Sequence[Upgrade]]:
        """The upgrade paths of a subscription."""
        return one_by_one(self._directory.upgrades)

    @cached_property
    def provisioning_status(
        self,
    ) -> RequestLoader[SubscriptionKey, SubscriptionProvisioningStatus]:
        """How far a subscription is set up."""
        return one_by_one(self._directory.provisioning_status)

    @cached_property
    def transition_eligibilities(
        self,
    ) -> RequestLoader[TransitionEligibilitiesKey, Sequence[TransitionEligibility]]:
        """What a subscription could become."""
        return one_by_one(self._directory.transition_eligibilities)

    @cached_property
    def transitions(self) -> RequestLoader[SubscriptionKey, Sequence[Transition]]:
        """The transitions a subscription made."""
        return one_by_one(self._directory.transitions)

    @cached_property
    def offers(self) -> RequestLoader[OffersKey, OffersPage]:
        """Pages of a catalog, which prime `offer` with what they carry."""
        return one_by_one(self._offers)

    async def _offers(self, key: OffersKey) -> OffersPage:
        page = await self._directory.offers_page(key)
        for offer in page.offers:
            self.offer.prime(OfferKey(offer.id, key.market), offer)
        return page

    @cached_property
    def offer(self) -> GroupedLoader[OfferKey, Offer]:
        """One offer; many of a market are as few calls as its catalog allows."""
        return GroupedLoader(lambda key: key.market.folded, self._offers_by_id)

    async def _offers_by_id(self, keys: list[OfferKey]) -> Sequence[Offer | BaseException]:
        return await self._directory.offers(keys[0].market, [key.offer_id for key in keys])

    @cached_property
    def offer_add_ons(self) -> RequestLoader[OfferKey, Sequence[Offer]]:
        """The add-ons of an offer."""
        return one_by_one(self._directory.offer_add_ons)

    @cached_property
    def offer_categories(self) -> RequestLoader[Market, Sequence[OfferCategory]]:
        """The shelves of a catalog."""
        return one_by_one(self._directory.offer_categories)

    @cached_property
    def product_upgrade_eligibility(
        self,
    ) -> RequestLoader[ProductUpgradeKey, ProductUpgradesEligibility]:
        """Whether a customer's products can be upgraded."""
        return one_by_one(self._directory.product_upgrade_eligibility)

    @cached_property
    def product_upgrade_status(
        self,
    ) -> RequestLoader[ProductUpgradeStatusKey, ProductUpgradesStatus]:
        """How far a product upgrade is."""
        return one_by_one(self._directory.product_upgrade_status)


def _no_subscription(key: SubscriptionKey) -> NotFound:
    return NotFound(
        f"Customer {key.customer_id} has no subscription {key.subscription_id}. "
        "Its `subscriptions` list those it has."
    )
