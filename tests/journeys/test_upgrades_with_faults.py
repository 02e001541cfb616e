"""Upgrades with faults: bought once, or in doubt and settled."""

import asyncio
from typing import Any

import pytest

from gateway.sandbox.faults import Fault, FaultKind
from tests.support.clock import ManualClock
from tests.support.journey import Journey, journey
from tests.support.upgrades import (
    PossibleUpgrade,
    count_upgrades,
    find_first_upgrade,
    find_possible_upgrades,
    list_attempt_outcomes,
    request_upgrade,
    wait_for_state,
)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        pytest.param(
            Fault(FaultKind.CUT_AFTER, "perform_upgrade"), ["UNANSWERED"], id="answer lost"
        ),
        pytest.param(
            Fault(FaultKind.TRUNCATED_LENGTH, "perform_upgrade"), ["UNANSWERED"], id="answer cut"
        ),
        pytest.param(
            Fault(FaultKind.TRUNCATED_JSON, "perform_upgrade"), ["UNANSWERED"], id="half a JSON"
        ),
        pytest.param(
            Fault(FaultKind.MALFORMED, "perform_upgrade"), ["UNANSWERED"], id="a web page"
        ),
        pytest.param(
            Fault(FaultKind.CUT_BEFORE, "perform_upgrade"),
            ["UNANSWERED", "SUCCEEDED"],
            id="request lost",
        ),
        pytest.param(
            Fault(FaultKind.STATUS, "perform_upgrade", status=503, times=2),
            ["UNANSWERED", "UNANSWERED", "SUCCEEDED"],
            id="503 twice",
        ),
        pytest.param(
            Fault(FaultKind.PLAIN_TEXT, "perform_upgrade", status=502),
            ["UNANSWERED", "SUCCEEDED"],
            id="502",
        ),
        pytest.param(
            Fault(FaultKind.TOKEN_EXPIRED, "perform_upgrade"),
            ["REFUSED", "SUCCEEDED"],
            id="expired token",
        ),
        pytest.param(
            Fault(FaultKind.STATUS, "list_upgrades", status=500, times=4),
            ["SUCCEEDED"],
            id="eligibility cannot be read for long",
        ),
    ],
)
async def test_transient_faults_end_done_after_one_purchase(
    gateway: Journey, upgrade: PossibleUpgrade, fault: Fault, expected: list[str]
) -> None:
    gateway.sandbox.faults.add(fault)

    payload = await request_upgrade(gateway.client, upgrade.input("key-1"))

    assert payload["operation"]["state"] == "DONE"
    assert list_attempt_outcomes(payload) == expected
    assert payload["result"]["targetSubscription"]["status"] == "ACTIVE"
    assert count_upgrades(gateway) == [1]
    sent = gateway.sandbox.calls.for_operation("perform_upgrade")
    assert len(sent) == len(expected)
    assert {call.request_id for call in sent} == {payload["operation"]["requestId"]}
    assert len({call.correlation_id for call in sent}) == 1
    is_found = expected == ["UNANSWERED"]
    assert (payload["operation"]["evidence"] is not None) is is_found


async def test_no_response_within_the_idempotency_window_is_in_doubt() -> None:
    settings = {"operations": {"initial_backoff_s": 0.01, "idempotency_window_s": 0.0}}
    async with journey(settings=settings) as gateway:
        upgrade = await find_first_upgrade(gateway)
        gateway.sandbox.faults.add(Fault(FaultKind.CUT_BEFORE, "perform_upgrade", times=None))
        payload = await request_upgrade(gateway.client, upgrade.input("key-1"))

    assert payload["operation"]["state"] == "IN_DOUBT"
    assert [error["code"] for error in payload["userErrors"]] == ["OUTCOME_UNKNOWN"]
    assert list_attempt_outcomes(payload) == ["UNANSWERED"]


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault(FaultKind.STATUS, "perform_upgrade", status=403, code=800066), "REFUSED"),
        (Fault(FaultKind.STATUS, "perform_upgrade", status=400, code=60000), "REFUSED"),
        (Fault(FaultKind.STATUS, "perform_upgrade", status=409, code=800060), "REFUSED"),
        (Fault(FaultKind.MFA_MISSING, "perform_upgrade"), "FAILED"),
    ],
    ids=["403", "400", "409", "no MFA"],
)
async def test_a_definite_refusal_ends_the_operation(
    gateway: Journey, upgrade: PossibleUpgrade, fault: Fault, state: str
) -> None:
    gateway.sandbox.faults.add(fault)

    payload = await request_upgrade(gateway.client, upgrade.input("key-1"))

    assert payload["operation"]["state"] == state
    assert payload["operation"]["attempts"][0]["upstreamCode"]
    assert len(payload["userErrors"]) == 1
    assert count_upgrades(gateway) == []
    assert gateway.take_call_counts()["perform_upgrade"] == 1


async def test_a_429_delays_only_the_operations_of_its_customer() -> None:
    clock = ManualClock()
    async with journey(clock=clock) as gateway:
        upgrade = await find_first_upgrade(gateway)
        other_id = gateway.sandbox.world.examples.four_offers_customer_id
        other = (await find_possible_upgrades(gateway.client, other_id))[0]
        gateway.take_call_counts()
        gateway.sandbox.faults.add(
            Fault(
                FaultKind.THROTTLED, "perform_upgrade", customer_id=upgrade.customer_id, seconds=57
            )
        )
        asking = asyncio.create_task(request_upgrade(gateway.client, upgrade.input("key-1")))
        waiting = await wait_for_state(gateway, "key-1", "WAITING")
        elsewhere = await request_upgrade(gateway.client, other.input("key-2"))
        calls_before = len(gateway.sandbox.calls.for_operation("perform_upgrade"))
        clock.advance(56.9)
        still = await wait_for_state(gateway, "key-1", "WAITING")
        clock.advance(0.2)
        payload = await asking

    assert waiting["retryAt"] == still["retryAt"] == "2023-11-14T22:14:17Z"
    assert elsewhere["operation"]["state"] == "DONE"
    assert calls_before == 2
    assert payload["operation"]["state"] == "DONE"
    assert list_attempt_outcomes(payload) == ["THROTTLED", "SUCCEEDED"]


SETTLE = """
mutation Settle($input: SettleOperationInput!) {
  settleOperation(input: $input) {
    operation { id state failure { code message } }
    userErrors { code field }
  }
}
"""


async def settled(gateway: Journey, operation_id: str, **others: object) -> dict[str, Any]:
    found = {"operationId": operation_id, "outcome": "DONE", "note": "Looked.", **others}
    payload: dict[str, Any] = (await gateway.data(SETTLE, input=found))["settleOperation"]
    return payload


@pytest.mark.parametrize(("outcome", "state"), [("DONE", "DONE"), ("NOT_DONE", "FAILED")])
async def test_an_operation_in_doubt_is_settled_once(outcome: str, state: str) -> None:
    async with journey(settings={"operations": {"idempotency_window_s": 0.0}}) as gateway:
        upgrade = await find_first_upgrade(gateway)
        gateway.sandbox.faults.add(Fault(FaultKind.CUT_BEFORE, "perform_upgrade"))
        doubted = (await request_upgrade(gateway.client, upgrade.input("key-1")))["operation"]
        first = await settled(gateway, doubted["id"], outcome=outcome)
        again = await settled(gateway, doubted["id"], outcome=outcome)
        read = await gateway.data("{ operations { nodes { id state } } }")

    assert doubted["state"] == "IN_DOUBT"
    assert first["operation"]["state"] == state
    assert [error["code"] for error in again["userErrors"]] == ["NOT_IN_DOUBT"]
    assert read["operations"]["nodes"] == [{"id": doubted["id"], "state": state}]


async def test_only_an_existing_operation_in_doubt_can_be_settled(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    done = (await request_upgrade(gateway.client, upgrade.input("key-1")))["operation"]
    not_doubted = await settled(gateway, done["id"], outcome="NOT_DONE")
    unknown = await settled(gateway, "nothing")
    wordless = await settled(gateway, done["id"], note=" ")

    assert not_doubted["operation"]["state"] == "DONE"
    codes = [each["userErrors"][0]["code"] for each in (not_doubted, unknown, wordless)]
    assert codes == ["NOT_IN_DOUBT", "NOT_FOUND", "INVALID_INPUT"]
