"""Operations in doubt, and what Partner Center's audit feed says about them (CONTRACT 10.5)."""

import contextlib
import re
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import httpx
import pytest

from gateway.operations import audit_reviews
from gateway.sandbox.faults import Fault, FaultKind
from tests.support.family_orders import CANCEL_SCHEDULE, SCHEDULE, TRANSITION, FamilyOrder
from tests.support.journey import Journey, journey
from tests.support.sandbox_clock import SandboxClock
from tests.support.upgrades import find_possible_upgrades, request_upgrade
from tests.support.waiting import eventually

# The reads that would settle the operation fail until it gives up.
IN_DOUBT_AT_ONCE: Final = {"retry_timeout_s": 0.001, "idempotency_window_s": 0.0}
OPERATIONS: Final = """
{ operations { nodes { id state evidence settledBy settlementNote failure { code } } } }
"""
DAY_S: Final = 86_400.0
STRONG: Final = "has the correlation id of this operation"
WEAK: Final = "may belong to another change"


@pytest.fixture(autouse=True)
def reviews_run_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_reviews, "_EVERY_S", 0.01)


@contextlib.asynccontextmanager
async def gateway_with_feed(
    correlation: str = "unconfirmed", **feed: object
) -> AsyncIterator[tuple[Journey, SandboxClock]]:
    """Start a gateway whose clock is the sandbox's, with an audit feed of these options."""
    clock = SandboxClock()
    settings = {
        "operations": IN_DOUBT_AT_ONCE,
        "partner": {"audit_correlation": correlation, "scheduled_change_removal": "confirmed"},
    }
    async with journey(settings=settings, clock=clock) as gateway:
        clock.now += gateway.sandbox.clock() - clock.wall()
        clock.journey = gateway
        async with httpx.AsyncClient(base_url=gateway.sandbox_url) as control:
            response = await control.put("/_sandbox/audit", json={"delay_s": 0, **feed})
            assert response.status_code == 200, response.text
        yield gateway, clock


async def order_in_doubt(
    gateway: Journey, *, is_executed: bool = True, count: int = 1
) -> list[dict[str, Any]]:
    """Order upgrades of one customer whose answers are lost, and return the operations."""
    customer_id = gateway.sandbox.world.examples.four_offers_customer_id
    upgrades = await find_possible_upgrades(gateway.client, customer_id)
    sources = {each.subscription_id: each for each in upgrades}
    gateway.take_call_counts()
    kind = FaultKind.CUT_AFTER if is_executed else FaultKind.CUT_BEFORE
    found = []
    for number, upgrade in enumerate(list(sources.values())[:count]):
        gateway.sandbox.faults.add(Fault(kind, "perform_upgrade"))
        unreadable = Fault(FaultKind.STATUS, "list_subscriptions", status=500, skip=1, times=None)
        gateway.sandbox.faults.add(unreadable)
        payload = await request_upgrade(gateway.client, upgrade.input(f"key-{number}"))
        gateway.sandbox.faults.clear()
        assert payload["operation"]["state"] == "IN_DOUBT"
        found.append(payload["operation"])
    return found


async def operation_when(
    gateway: Journey, is_so: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """Read the only operation until it fulfils a condition."""

    async def read() -> dict[str, Any]:
        (found,) = (await gateway.data(OPERATIONS))["operations"]["nodes"]
        operation: dict[str, Any] = found
        return operation

    return await eventually(read, is_so)


async def review_again(gateway: Journey, clock: SandboxClock) -> None:
    """Let the time of the next review come, and wait until the feed has been read again."""
    before = gateway.sandbox.calls.count("list_audit_records")
    await clock.sleep(audit_reviews._MIN_DELAY_S)
    await gateway.wait_until(lambda calls: calls.count("list_audit_records") > before)
    after = gateway.sandbox.calls.count("list_audit_records")
    assert after == before + 1


async def test_a_record_with_the_correlation_id_settles_once_that_is_confirmed() -> None:
    async with gateway_with_feed("confirmed") as (gateway, clock):
        await order_in_doubt(gateway)
        await clock.sleep(audit_reviews._MIN_DELAY_S)
        settled = await operation_when(gateway, lambda each: each["state"] != "IN_DOUBT")
    assert settled["state"] == "DONE"
    assert settled["settledBy"] == "gateway:audit"
    assert STRONG in settled["settlementNote"]
    assert STRONG in settled["evidence"]


async def test_until_then_it_is_shown_to_whoever_settles() -> None:
    async with gateway_with_feed() as (gateway, clock):
        await order_in_doubt(gateway)
        await clock.sleep(audit_reviews._MIN_DELAY_S)
        shown = await operation_when(gateway, lambda each: each["evidence"] is not None)
    assert (shown["state"], shown["settledBy"]) == ("IN_DOUBT", None)
    assert STRONG in shown["evidence"]


@pytest.mark.parametrize("correlation_id", ["other", "absent"])
async def test_a_record_without_the_correlation_id_is_shown_and_settles_nothing(
    correlation_id: str,
) -> None:
    async with gateway_with_feed("confirmed", correlation_id=correlation_id) as (gateway, clock):
        await order_in_doubt(gateway)
        await clock.sleep(audit_reviews._MIN_DELAY_S)
        shown = await operation_when(gateway, lambda each: each["evidence"] is not None)
        await review_again(gateway, clock)
        after = await operation_when(gateway, lambda each: True)
    assert (shown["state"], after["state"]) == ("IN_DOUBT", "IN_DOUBT")
    assert WEAK in shown["evidence"]
    assert STRONG not in shown["evidence"]


@pytest.mark.parametrize(
    ("is_executed", "is_recording"), [(True, False), (False, True)], ids=["unrecorded", "unsent"]
)
async def test_nothing_is_concluded_from_a_missing_record(
    is_executed: bool, is_recording: bool
) -> None:
    async with gateway_with_feed("confirmed", is_recording=is_recording) as (gateway, clock):
        await order_in_doubt(gateway, is_executed=is_executed)
        for _ in range(3):
            await review_again(gateway, clock)
        found = await operation_when(gateway, lambda each: True)
    assert (found["state"], found["evidence"]) == ("IN_DOUBT", None)


async def test_a_late_record_settles_when_it_appears() -> None:
    async with gateway_with_feed("confirmed", delay_s=40 * 60) as (gateway, clock):
        await order_in_doubt(gateway)
        await review_again(gateway, clock)
        early = await operation_when(gateway, lambda each: True)
        await clock.sleep(3600)
        settled = await operation_when(gateway, lambda each: each["state"] != "IN_DOUBT")
    assert (early["state"], early["evidence"]) == ("IN_DOUBT", None)
    assert settled["state"] == "DONE"


async def test_all_operations_of_a_customer_and_day_share_one_listing() -> None:
    async with gateway_with_feed() as (gateway, clock):
        doubted = await order_in_doubt(gateway, count=3)
        await review_again(gateway, clock)
        listed = gateway.sandbox.calls.for_operation("list_audit_records")[-1]

        async def read() -> list[dict[str, Any]]:
            nodes: list[dict[str, Any]] = (await gateway.data(OPERATIONS))["operations"]["nodes"]
            return nodes

        await eventually(read, lambda nodes: all(each["evidence"] for each in nodes))
    assert len(doubted) == 3
    assert "startDate=" in listed.query
    assert "endDate=" in listed.query


@pytest.mark.parametrize(
    "family", [TRANSITION, SCHEDULE, CANCEL_SCHEDULE], ids=lambda each: each.kind
)
async def test_changes_of_every_kind_of_a_subscription_are_found(family: FamilyOrder) -> None:
    async with gateway_with_feed(correlation_id="other") as (gateway, clock):
        order = await family.find(gateway.client, gateway.sandbox.world.examples, None)
        gateway.sandbox.faults.add(Fault(FaultKind.CUT_AFTER, family.sends))
        for read in ("list_subscriptions", "list_transitions"):
            gateway.sandbox.faults.add(Fault(FaultKind.STATUS, read, skip=1, times=None))
        placed = await family.place(gateway.client, order)
        gateway.sandbox.faults.clear()
        await clock.sleep(audit_reviews._MIN_DELAY_S)
        shown = await operation_when(gateway, lambda each: each["evidence"] is not None)
    assert placed["operation"]["state"] == "IN_DOUBT"
    assert shown["state"] == "IN_DOUBT"
    assert WEAK in shown["evidence"]


async def test_a_day_is_listed_when_it_has_begun() -> None:
    """An attempt at 23:59 may be executed after midnight."""
    async with gateway_with_feed() as (gateway, clock):
        await clock.sleep(DAY_S - gateway.sandbox.clock() % DAY_S - 60)
        await order_in_doubt(gateway)
        await gateway.wait_until(lambda calls: calls.count("list_audit_records") == 1)
        await clock.sleep(audit_reviews._MIN_DELAY_S)
        await gateway.wait_until(lambda calls: calls.count("list_audit_records") == 3)
        first, *later = gateway.sandbox.calls.for_operation("list_audit_records")
    days = {day for each in later for day in re.findall("startDate=([0-9-]+)", each.query or "")}
    assert len(days) == 2
    assert min(days) in (first.query or "")
