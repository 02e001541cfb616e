"""Upstream calls of nested queries, counted in the sandbox's call log."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.sandbox.faults import Fault, FaultKind
from gateway.sandbox.options import SandboxOptions, ThrottleOptions
from tests.support.journey import Journey, journey
from tests.support.waiting import HANG_TIMEOUT_S

UPGRADES = """
query Upgrades($id: ID!) {
  customer(id: $id) {
    subscriptions(first: 100) { nodes { id upgrades { isEligible targetOffer { id name } } } }
  }
}
"""
UPGRADES_AND_BACK = """
query UpgradesAndBack($id: ID!) {
  customer(id: $id) {
    subscriptions(first: 100) {
      nodes {
        id
        customer { id companyProfile { companyName } subscriptions { totalCount } }
        parent { id }
        addOns { id parent { id } }
        upgrades { isEligible sourceSubscription { id customer { id } } }
      }
    }
  }
}
"""
OFFERS = """
query Offers($id: ID!) {
  customer(id: $id) { subscriptions(first: 100) { nodes { offerId offer { id name } } } }
}
"""


@pytest.fixture
async def gateway() -> AsyncIterator[Journey]:
    async with journey() as started:
        yield started


async def test_upgrades_of_a_customer_cost_one_call_for_each_subscription(
    gateway: Journey,
) -> None:
    data = await gateway.data(UPGRADES, id=gateway.sandbox.world.examples.legacy_customer_id)

    nodes = data["customer"]["subscriptions"]["nodes"]
    assert len(nodes) == 20
    assert all(node["upgrades"] for node in nodes)
    assert gateway.take_call_counts() == {
        "get_customer": 1,
        "list_subscriptions": 1,
        "list_upgrades": 20,
    }


async def test_links_followed_back_cost_nothing(gateway: Journey) -> None:
    data = await gateway.data(
        UPGRADES_AND_BACK, id=gateway.sandbox.world.examples.legacy_customer_id
    )

    for node in data["customer"]["subscriptions"]["nodes"]:
        assert all(u["sourceSubscription"]["id"] == node["id"] for u in node["upgrades"])
    assert gateway.take_call_counts() == {
        "get_customer": 1,
        "list_subscriptions": 1,
        "list_upgrades": 20,
    }


async def test_four_distinct_offers_cost_four_calls(gateway: Journey) -> None:
    data = await gateway.data(OFFERS, id=gateway.sandbox.world.examples.four_offers_customer_id)

    nodes = data["customer"]["subscriptions"]["nodes"]
    assert len(nodes) == 20
    assert all(node["offer"]["id"] == node["offerId"] for node in nodes)
    assert gateway.take_call_counts() == {
        "get_customer": 1,
        "list_subscriptions": 1,
        "get_offer": 4,
    }


async def test_twenty_distinct_offers_cost_one_catalog_page(gateway: Journey) -> None:
    data = await gateway.data(OFFERS, id=gateway.sandbox.world.examples.legacy_customer_id)

    nodes = data["customer"]["subscriptions"]["nodes"]
    assert len({node["offer"]["id"] for node in nodes}) == 20
    assert gateway.take_call_counts() == {
        "get_customer": 1,
        "list_subscriptions": 1,
        "list_offers": 1,
    }


async def test_offers_are_cached_and_customers_are_not(gateway: Journey) -> None:
    customer_id = gateway.sandbox.world.examples.four_offers_customer_id
    await gateway.data(OFFERS, id=customer_id)
    gateway.take_call_counts()

    await gateway.data(OFFERS, id=customer_id)

    assert gateway.take_call_counts() == {"get_customer": 1, "list_subscriptions": 1}


async def test_without_a_catalog_cache_offers_are_read_again() -> None:
    async with journey(settings={"catalog": {"cache_ttl_s": 0}}) as gateway:
        customer_id = gateway.sandbox.world.examples.four_offers_customer_id
        await gateway.data(OFFERS, id=customer_id)
        gateway.take_call_counts()

        await gateway.data(OFFERS, id=customer_id)

        assert gateway.take_call_counts()["get_offer"] == 4


FIFTY_CUSTOMERS = """
{ customers(first: 50) {
    nodes { subscriptions(first: 100) { nodes { id upgrades { isEligible } } } } } }
"""


async def test_fifty_customers_are_read_within_the_call_budget_and_concurrency_limit() -> None:
    options = SandboxOptions(customers=50, throttle=ThrottleOptions(enabled=False))
    async with journey(options, {"limits": {"max_upstream_calls": 2000}}) as gateway:
        gateway.sandbox.faults.add(Fault(FaultKind.HOLD, "list_upgrades", times=None))
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(gateway.data(FIFTY_CUSTOMERS))
            await gateway.wait_until(lambda calls: len(calls.running("list_upgrades")) >= 32)
            # Over HTTP, so calls sent earlier arrive earlier.
            async with httpx.AsyncClient(
                base_url=gateway.sandbox_url, timeout=HANG_TIMEOUT_S
            ) as control:
                log = (await control.get("/_sandbox/calls")).json()
            gateway.sandbox.faults.release()
        data = task.result()

        assert log["in_flight"] == 32
        subscriptions = [
            subscription
            for customer in data["customers"]["nodes"]
            for subscription in customer["subscriptions"]["nodes"]
        ]
        upgradable = [s for s in subscriptions if s["upgrades"]]
        paths = gateway.list_call_paths()
        assert len(paths) == len(set(paths))
        assert gateway.sandbox.calls.max_in_flight == 32
        calls = gateway.take_call_counts()
        assert calls["list_customers"] == 1
        assert calls["list_subscriptions"] == 50
        assert len(upgradable) <= calls["list_upgrades"] <= len(subscriptions)


async def test_a_request_over_its_call_budget_sends_no_further_call() -> None:
    async with journey(settings={"limits": {"max_upstream_calls": 10}}) as gateway:
        customer_id = gateway.sandbox.world.examples.legacy_customer_id
        response = await gateway.execute(UPGRADES, id=customer_id)

        assert sum(gateway.take_call_counts().values()) == 10
        nodes = response["data"]["customer"]["subscriptions"]["nodes"]
        assert [node["upgrades"] is None for node in nodes].count(True) == 12
        assert len(response["errors"]) == 12
        for error in response["errors"]:
            assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
            assert error["path"][-1] == "upgrades"
            assert "more upstream calls than one request may make" in error["message"]
            assert error["extensions"]["rule"] == "upstream_calls"


async def test_the_same_field_under_two_aliases_is_read_once(gateway: Journey) -> None:
    document = """
    query Aliases($id: ID!) {
      a: customer(id: $id) { ...held }
      b: customer(id: $id) { ...held }
    }
    fragment held on Customer {
      c: subscriptions(first: 1) { nodes { d: upgrades { isEligible } e: upgrades { quantity } } }
      f: subscriptions(first: 1) { nodes { upgrades(eligibleOnly: true) { isEligible } } }
    }
    """
    await gateway.data(document, id=gateway.sandbox.world.examples.legacy_customer_id)

    assert gateway.take_call_counts() == {
        "get_customer": 1,
        "list_subscriptions": 1,
        "list_upgrades": 1,
    }


async def test_two_spellings_of_one_id_are_one_customer(gateway: Journey) -> None:
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    document = (
        "query Two($a: ID!, $b: ID!) { a: customer(id: $a) { id } b: customer(id: $b) { id }}"
    )

    data = await gateway.data(document, a=customer_id.lower(), b=customer_id.upper())

    assert data["a"] == data["b"]
    assert gateway.take_call_counts() == {"get_customer": 1}


UPGRADES_AND_CATEGORIES = """
query UpgradesAndCategories($id: ID!, $locale: String!) {
  customer(id: $id) {
    subscriptions(first: 100) { nodes { id upgrades { isEligible } } }
  }
  offerCategories(locale: $locale) { id }
}
"""


async def test_two_requests_at_once_share_their_identical_calls(gateway: Journey) -> None:
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    gateway.sandbox.faults.add(Fault(FaultKind.HOLD, "get_customer", times=None))

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(gateway.data(UPGRADES_AND_CATEGORIES, id=customer_id, locale=locale))
            for locale in ("en-US", "de-DE")
        ]
        # The only call that differs shows that both have read the customer.
        await gateway.wait_until(lambda calls: calls.count("list_offer_categories") == 2)
        gateway.sandbox.faults.release()

    first, second = (task.result() for task in tasks)
    assert first["customer"] == second["customer"]
    assert gateway.take_call_counts() == {
        "get_customer": 1,
        "list_subscriptions": 1,
        "list_upgrades": 20,
        "list_offer_categories": 2,
    }


async def test_five_subscriptions_of_one_customer_are_one_list(gateway: Journey) -> None:
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    listed = await gateway.data(UPGRADES, id=customer_id)
    ids = [node["id"] for node in listed["customer"]["subscriptions"]["nodes"][:5]]
    gateway.take_call_counts()
    fields = " ".join(
        f's{i}: subscription(customerId: "{customer_id}", id: "{one}") {{ id }}'
        for i, one in enumerate(ids)
    )

    data = await gateway.data("{" + fields + "}")

    assert [data[f"s{i}"]["id"] for i in range(5)] == ids
    assert gateway.take_call_counts() == {"list_subscriptions": 1}


async def test_one_subscription_is_one_small_call(gateway: Journey) -> None:
    examples = gateway.sandbox.world.examples
    document = """
    query One($customer: ID!, $id: ID!) {
      a: subscription(customerId: $customer, id: $id) { id }
      b: subscription(customerId: $customer, id: $id) { friendlyName }
    }
    """
    await gateway.data(
        document, customer=examples.customer_id, id=examples.upgradable_subscription_id
    )

    assert gateway.take_call_counts() == {"get_subscription": 1}


async def test_the_calls_of_one_level_are_in_flight_together(gateway: Journey) -> None:
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    gateway.sandbox.faults.add(Fault(FaultKind.HOLD, "list_upgrades", times=None))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(gateway.data(UPGRADES, id=customer_id))
        await gateway.wait_until(lambda calls: len(calls.running("list_upgrades")) == 20)
        gateway.sandbox.faults.release()


async def test_a_branch_continues_while_another_waits(gateway: Journey) -> None:
    document = """
    query Branches($id: ID!) {
      customer(id: $id) {
        subscriptions(first: 2) { nodes { id upgrades { targetOffer { addOns { id } } } } }
      }
    }
    """
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    listed = await gateway.data(UPGRADES, id=customer_id)
    held_id = listed["customer"]["subscriptions"]["nodes"][0]["id"]
    gateway.sandbox.calls.clear()
    gateway.sandbox.faults.add(Fault(FaultKind.HOLD, "list_upgrades", subscription_id=held_id))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(gateway.data(document, id=customer_id))
        await gateway.wait_until(
            lambda calls: (
                calls.count("list_offer_add_ons") > 0
                and [held_id in call.path for call in calls.running("list_upgrades")] == [True]
            )
        )
        gateway.sandbox.faults.release()
