"""Calls that Partner Center keeps failing are not sent any more, until one succeeds."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from gateway.sandbox.faults import Fault, FaultKind
from gateway.upstream.circuits import FAILURES_TO_OPEN, OPEN_S
from tests.support.clock import FakeClock, ManualClock
from tests.support.journey import Journey, journey
from tests.support.upgrades import (
    count_upgrades,
    find_first_upgrade,
    request_upgrade,
    wait_for_state,
)

CATEGORIES: Final = '{ offerCategories(country: "US") { id } }'
CUSTOMER: Final = "query Customer($id: ID!) { customer(id: $id) { companyProfile { domain } } }"
UPGRADES: Final = """
query Upgrades($one: ID!, $other: ID!) {
  one: customer(id: $one) { ...Upgrades } other: customer(id: $other) { ...Upgrades }
}
fragment Upgrades on Customer { subscriptions(first: 100) { nodes { upgrades { isEligible } } } }
"""
THROTTLE: Final = "{ throttle { bucket customerId isCircuitOpen retryAfterSeconds } }"
OPEN_CATALOG: Final = 'upgrade_gateway_circuit_open{bucket="catalog"}'


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def gateway(clock: FakeClock) -> AsyncIterator[Journey]:
    async with journey(clock=clock) as started:
        yield started


async def open_catalog_circuit(gateway: Journey, fault: Fault) -> None:
    """Let calls fail until none is sent any more."""
    gateway.sandbox.faults.add(fault)
    for _ in range(FAILURES_TO_OPEN):
        response = await gateway.execute(CATEGORIES)
        assert response["data"] == {"offerCategories": None}
    # A call on a kept connection that breaks is sent again, and counts once.
    sent = gateway.take_call_counts()["list_offer_categories"]
    assert FAILURES_TO_OPEN <= sent <= 2 * FAILURES_TO_OPEN


def failure(response: dict[str, Any]) -> dict[str, Any]:
    """Return the extensions and message of the only error."""
    (error,) = response["errors"]
    return {"message": error["message"], **error["extensions"]}


@pytest.mark.parametrize(
    "kind", [FaultKind.STATUS, FaultKind.CUT_BEFORE, FaultKind.TRUNCATED_LENGTH]
)
async def test_calls_that_keep_failing_fail_at_once_and_say_when_to_retry(
    gateway: Journey, clock: FakeClock, kind: FaultKind
) -> None:
    fault = Fault(kind, "list_offer_categories", times=None, status=503)
    await open_catalog_circuit(gateway, fault)
    slept = len(clock.slept)

    failed = failure(await gateway.execute(CATEGORIES))

    assert failed["code"] == "UPSTREAM_UNAVAILABLE"
    assert failed["retryAfterSeconds"] in (OPEN_S, OPEN_S + 1)  # rounded up
    assert "Partner Center failed the last catalog calls" in failed["message"]
    assert "upstreamRequestId" not in failed
    assert gateway.take_call_counts() == {}
    assert len(clock.slept) == slept


async def test_it_shows_in_the_graph_and_in_the_metrics(gateway: Journey) -> None:
    await open_catalog_circuit(
        gateway, Fault(FaultKind.STATUS, "list_offer_categories", times=None, status=500)
    )
    (scope,) = (await gateway.data(THROTTLE))["throttle"]
    metrics = (await gateway.client.get("/metrics")).text
    assert scope == {
        "bucket": "CATALOG",
        "customerId": None,
        "isCircuitOpen": True,
        "retryAfterSeconds": pytest.approx(OPEN_S),
    }
    assert f"{OPEN_CATALOG} 1.0" in metrics
    assert 'upgrade_gateway_circuit_open{bucket="upgrades"} 0.0' in metrics


async def test_other_buckets_are_not_affected(gateway: Journey) -> None:
    await open_catalog_circuit(
        gateway, Fault(FaultKind.STATUS, "list_offer_categories", times=None, status=503)
    )
    data = await gateway.data(CUSTOMER, id=gateway.sandbox.world.examples.customer_id)
    assert data["customer"]


async def test_the_first_success_after_a_while_closes_it(
    gateway: Journey, clock: FakeClock
) -> None:
    await open_catalog_circuit(
        gateway, Fault(FaultKind.STATUS, "list_offer_categories", times=None, status=503)
    )
    clock.now += OPEN_S + 1
    failure(await gateway.execute(CATEGORIES))
    assert gateway.take_call_counts() == {"list_offer_categories": 1}

    gateway.sandbox.faults.clear()
    clock.now += OPEN_S + 1
    assert (await gateway.data(CATEGORIES))["offerCategories"]
    metrics = (await gateway.client.get("/metrics")).text
    assert (await gateway.data(THROTTLE))["throttle"] == []
    assert f"{OPEN_CATALOG} 0.0" in metrics


@pytest.mark.parametrize("status", [400, 403, 404, 408, 409])
async def test_a_4xx_never_opens_it(gateway: Journey, status: int) -> None:
    gateway.sandbox.faults.add(
        Fault(FaultKind.STATUS, "list_offer_categories", times=None, status=status)
    )
    for _ in range(FAILURES_TO_OPEN + 1):
        await gateway.execute(CATEGORIES)
    assert gateway.take_call_counts()["list_offer_categories"] > FAILURES_TO_OPEN
    assert not any(s["isCircuitOpen"] for s in (await gateway.data(THROTTLE))["throttle"])


async def test_an_operation_waits_for_it_and_is_bought_once() -> None:
    clock = ManualClock()
    async with journey(settings={"throttle": {"max_attempts": 1}}, clock=clock) as gateway:
        upgrade = await find_first_upgrade(gateway)
        examples = gateway.sandbox.world.examples
        gateway.sandbox.faults.add(Fault(FaultKind.STATUS, "list_upgrades", times=None, status=503))
        await gateway.execute(
            UPGRADES, one=examples.legacy_customer_id, other=examples.four_offers_customer_id
        )
        gateway.sandbox.faults.clear()
        gateway.take_call_counts()

        asking = asyncio.create_task(request_upgrade(gateway.client, upgrade.input("key-1")))
        await wait_for_state(gateway, "key-1", "WAITING")
        sent_meanwhile = gateway.take_call_counts()
        clock.advance(OPEN_S + 1)
        payload = await asking

    assert "list_upgrades" not in sent_meanwhile
    assert payload["operation"]["state"] == "DONE"
    assert count_upgrades(gateway) == [1]
