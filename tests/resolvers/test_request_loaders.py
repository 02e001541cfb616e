import asyncio
import gc
import weakref

import pytest

from resolvers.dataloaders import KeyLoader
from resolvers.ports.directory import CustomersKey, CustomersPage, OffersKey, OffersPage
from resolvers.request_loaders import RequestLoaders
from schema.customer import Customer
from schema.errors import NotFound
from schema.keys import CustomerKey, Market, OfferKey, SubscriptionKey
from tests.support.directory import (
    StubDirectory,
    guid,
    make_full_customer,
    make_offer,
    make_partial_customer,
    make_subscription,
)
from tests.support.empty_ports import empty_ports

CUSTOMER = guid(1)
KEY = CustomerKey(CUSTOMER)
REFUSAL = NotFound("There is no such thing.")


def subscriptions_of(customer_id: str, *numbers: int) -> StubDirectory:
    """Return a directory with these subscriptions, by list and by id."""
    listed = [make_subscription(customer_id, number) for number in numbers]
    return StubDirectory(
        subscriptions=listed,
        subscription=lambda key: make_subscription(key.customer_id, int(key.subscription_id[-3:])),
    )


def key_of(number: int, customer_id: str = CUSTOMER) -> SubscriptionKey:
    return SubscriptionKey(customer_id, guid(number))


async def test_a_key_is_loaded_once_in_any_case() -> None:
    directory = StubDirectory(customer=make_full_customer(10))
    loaders = RequestLoaders(directory, empty_ports)
    spellings = [guid(10), guid(10).upper()]
    await asyncio.gather(*(loaders.full_customer.load(CustomerKey(i)) for i in spellings))
    await loaders.full_customer.load(CustomerKey(guid(10)))
    assert directory.calls == [("customer", guid(10))]


async def test_a_cancelled_caller_does_not_cancel_the_others() -> None:
    directory = StubDirectory(customer=make_full_customer(1))
    directory.gate.clear()
    loaders = RequestLoaders(directory, empty_ports)
    impatient = asyncio.ensure_future(loaders.full_customer.load(KEY))
    waiting = asyncio.ensure_future(loaders.full_customer.load(KEY))
    await asyncio.sleep(0)
    impatient.cancel()
    directory.gate.set()
    assert (await waiting).id == CUSTOMER
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert (await loaders.full_customer.load(KEY)).id == CUSTOMER
    assert directory.count_calls("customer") == 1


async def test_an_error_is_cached() -> None:
    directory = StubDirectory(customer=REFUSAL)
    loaders = RequestLoaders(directory, empty_ports)
    for _ in range(2):
        with pytest.raises(NotFound):
            await loaders.full_customer.load(KEY)
    assert directory.count_calls("customer") == 1


async def test_the_error_of_a_single_subscription_is_cached() -> None:
    directory = StubDirectory(subscription=REFUSAL)
    loaders = RequestLoaders(directory, empty_ports)
    for _ in range(2):
        with pytest.raises(NotFound):
            await loaders.subscription.load(key_of(1))
    assert directory.count_calls("subscription") == 1


async def test_the_error_of_a_page_of_offers_is_cached_for_each_offer() -> None:
    directory = StubDirectory(offers=REFUSAL)
    loaders = RequestLoaders(directory, empty_ports)
    keys = [OfferKey(offer_id, Market()) for offer_id in ("a", "b", "a", "b")]
    for half in (keys[:2], keys[2:]):
        responses = await asyncio.gather(*map(loaders.offer.load, half), return_exceptions=True)
        assert responses == [REFUSAL, REFUSAL]
    assert directory.count_calls("offers") == 1


async def test_the_error_of_one_key_does_not_affect_the_others() -> None:
    directory = StubDirectory(offers=[make_offer("a"), REFUSAL])
    loaders = RequestLoaders(directory, empty_ports)
    keys = [OfferKey("a", Market()), OfferKey("b", Market())]
    good, bad = await asyncio.gather(*map(loaders.offer.load, keys), return_exceptions=True)
    assert not isinstance(good, BaseException)
    assert (good.id, bad) == ("a", REFUSAL)


async def test_a_batch_with_another_number_of_values_is_an_error_of_each_key() -> None:
    loaders = RequestLoaders(StubDirectory(offers=[make_offer("a")]), empty_ports)
    keys = [OfferKey("a", Market()), OfferKey("b", Market())]
    responses = await asyncio.gather(*map(loaders.offer.load, keys), return_exceptions=True)
    assert [type(response) for response in responses] == [LookupError, LookupError]


async def test_offers_are_loaded_by_market() -> None:
    directory = StubDirectory(offers=lambda key: [make_offer(i, key[0]) for i in key[1]])
    loaders = RequestLoaders(directory, empty_ports)
    us, de = Market("US", "en-US"), Market("DE", "de-DE")
    keys = [OfferKey("a", us), OfferKey("b", us), OfferKey("a", de), OfferKey("A", us)]
    await asyncio.gather(*map(loaders.offer.load, keys))
    assert directory.calls == [("offers", (us, ["a", "b"])), ("offers", (de, ["a"]))]


async def test_offers_are_found_on_pages_that_were_read() -> None:
    market = Market()
    page = OffersPage([make_offer("A"), make_offer("B")], has_next=False)
    directory = StubDirectory(offers_page=page)
    loaders = RequestLoaders(directory, empty_ports)
    await loaders.offers.load(OffersKey(market, None, 0, 50))
    assert (await loaders.offer.load(OfferKey("a", market))).id == "A"
    assert directory.count_calls("offers") == 0


async def test_a_single_subscription_is_read_by_id() -> None:
    directory = subscriptions_of(CUSTOMER, 1, 2)
    found = await RequestLoaders(directory, empty_ports).subscription.load(key_of(1))
    assert found.id == guid(1)
    assert directory.calls == [("subscription", key_of(1))]


async def test_several_subscriptions_of_a_customer_are_read_as_its_list() -> None:
    directory = subscriptions_of(CUSTOMER, 1, 2, 3)
    loaders = RequestLoaders(directory, empty_ports)
    found = await asyncio.gather(*(loaders.subscription.load(key_of(n)) for n in (3, 1)))
    assert [each.id for each in found] == [guid(3), guid(1)]
    assert directory.calls == [("subscriptions", CUSTOMER)]


async def test_a_subscription_after_the_list_costs_nothing_even_while_it_is_read() -> None:
    directory = subscriptions_of(CUSTOMER, 1, 2)
    directory.gate.clear()
    loaders = RequestLoaders(directory, empty_ports)
    listing = asyncio.ensure_future(loaders.subscriptions.load(KEY))
    single = asyncio.ensure_future(loaders.subscription.load(key_of(2)))
    await asyncio.sleep(0)
    directory.gate.set()
    assert (await single).id == guid(2)
    assert len(await listing) == 2
    assert directory.calls == [("subscriptions", CUSTOMER)]


async def test_subscriptions_of_different_customers_are_loaded_separately() -> None:
    directory = subscriptions_of(CUSTOMER, 1)
    loaders = RequestLoaders(directory, empty_ports)
    keys = [key_of(1), key_of(1, guid(9))]
    found = await asyncio.gather(*map(loaders.subscription.load, keys))
    assert [each.key.customer_id for each in found] == [CUSTOMER, guid(9)]
    assert directory.count_calls("subscription") == 2


async def test_an_unknown_subscription_is_not_found() -> None:
    directory = subscriptions_of(CUSTOMER, 1)
    loaders = RequestLoaders(directory, empty_ports)
    found, missing = await asyncio.gather(
        loaders.subscription.load(key_of(1)),
        loaders.subscription.load(key_of(404)),
        return_exceptions=True,
    )
    assert not isinstance(found, BaseException)
    assert isinstance(missing, NotFound)
    assert guid(404) in str(missing)


async def test_a_listed_customer_is_partial_until_it_is_read_by_id() -> None:
    page = CustomersPage([make_partial_customer(1)], None)
    directory = StubDirectory(customers=page, customer=make_full_customer(1))
    loaders = RequestLoaders(directory, empty_ports)
    await loaders.customers.load(CustomersKey(50))
    assert (await loaders.customer.load(KEY)).detail is None
    assert directory.count_calls("customer") == 0
    assert (await loaders.full_customer.load(KEY)).detail is not None
    assert directory.count_calls("customer") == 1


async def test_an_unlisted_customer_is_read_by_id_once() -> None:
    directory = StubDirectory(customer=make_full_customer(1))
    loaders = RequestLoaders(directory, empty_ports)
    thin, full = await asyncio.gather(loaders.customer.load(KEY), loaders.full_customer.load(KEY))
    assert thin is full
    assert directory.count_calls("customer") == 1


@pytest.mark.parametrize(
    "name",
    [
        "upgrades",
        "provisioning_status",
        "transition_eligibilities",
        "transitions",
        "offer_add_ons",
        "product_upgrade_eligibility",
        "product_upgrade_status",
    ],
)
async def test_keys_with_calls_of_their_own_do_not_wait_for_each_other(name: str) -> None:
    directory = StubDirectory(**{name: "answer"})
    loader = getattr(RequestLoaders(directory, empty_ports), name)
    assert await loader.load(key_of(1)) == "answer"
    assert directory.calls == [(name, key_of(1))]


async def test_categories_are_loaded_once_for_each_market() -> None:
    directory = StubDirectory(offer_categories=[])
    loaders = RequestLoaders(directory, empty_ports)
    for country in ("US", "us", "DE"):
        assert await loaders.offer_categories.load(Market(country)) == []
    assert directory.count_calls("offer_categories") == 2


async def test_an_error_that_no_task_awaits_is_not_logged() -> None:
    logged: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context))
    released = asyncio.Event()

    async def refuse_late(_: CustomerKey) -> Customer:
        await released.wait()
        raise NotFound("gone")

    loader = KeyLoader(refuse_late)
    waiter = asyncio.ensure_future(loader.load(CustomerKey(guid(1))))
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    released.set()
    for _ in range(5):
        await asyncio.sleep(0)
    del loader, waiter
    gc.collect()
    assert logged == []


async def test_loaders_are_freed_at_the_end_of_a_request_without_the_garbage_collector() -> None:
    directory = StubDirectory(offers=[make_offer("a")], customer=make_full_customer(1))
    loaders = RequestLoaders(directory, empty_ports)
    await asyncio.gather(
        loaders.offer.load(OfferKey("a", Market())), loaders.full_customer.load(KEY)
    )
    (group,) = loaders.offer._groups.values()
    kept = [weakref.ref(each) for each in (loaders.offer, loaders.full_customer, group)]
    del group
    gc.disable()
    try:
        loaders.close()
        assert [each() for each in kept] == [None, None, None]
    finally:
        gc.enable()
