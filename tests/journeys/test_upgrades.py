"""Upgrades of subscriptions through the whole gateway, against the sandbox over real HTTP."""

import asyncio
import contextlib
import itertools
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.sandbox.faults import Fault, FaultKind
from tests.support.clock import HeldClock
from tests.support.journey import Journey, journey
from tests.support.upgrades import UPGRADE, Wish, ask, possible_upgrades, upgraded
from tests.support.waiting import eventually

SUBSCRIPTION = """
query Subscription($customer: ID!, $id: ID!) {
  subscription(customerId: $customer, id: $id) { status operations { id state } }
}
"""
STATE = """
query State($key: String!) {
  operationByKey(idempotencyKey: $key) { state retryAt waitingFor attempts { outcome } }
}
"""


@pytest.fixture
async def gateway() -> AsyncIterator[Journey]:
    async with journey(settings={"operations": {"first_pause_s": 0.01}}) as started:
        yield started


@pytest.fixture
async def wish(gateway: Journey) -> Wish:
    return await first_wish(gateway)


async def first_wish(gateway: Journey) -> Wish:
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    wishes = await possible_upgrades(gateway.client, customer_id)
    gateway.calls()
    return wishes[0]


def outcomes(payload: dict[str, Any]) -> list[str]:
    return [attempt["outcome"] for attempt in payload["operation"]["attempts"]]


def bought(gateway: Journey) -> list[int]:
    return list(gateway.sandbox.world.upgrades_performed.values())


async def test_an_upgrade_is_performed_once_and_read_back(gateway: Journey, wish: Wish) -> None:
    payload = await upgraded(gateway.client, wish.input("key-1"))

    assert payload["userErrors"] == []
    operation = payload["operation"]
    assert operation["state"] == "DONE"
    assert outcomes(payload) == ["ACCEPTED"]
    assert operation["sourceSubscription"] == {"status": "SUSPENDED"}
    assert payload["result"]["targetSubscription"]["status"] == "ACTIVE"
    (sent,) = gateway.sandbox.calls.of("perform_upgrade")
    assert sent.request_id == operation["requestId"]
    assert sent.correlation_id == operation["attempts"][0]["correlationId"]


async def test_a_thousand_with_one_key_are_one_upgrade(gateway: Journey, wish: Wish) -> None:
    answers = await asyncio.gather(
        *(upgraded(gateway.client, wish.input("key-1")) for _ in range(1000))
    )

    assert gateway.calls()["perform_upgrade"] == 1
    assert answers[0]["operation"]["state"] == "DONE"
    assert all(answer == answers[0] for answer in answers)
    assert bought(gateway) == [1]


async def test_another_payload_under_a_key_is_refused_and_sends_nothing(
    gateway: Journey, wish: Wish
) -> None:
    await upgraded(gateway.client, wish.input("key-1"))
    gateway.calls()

    payload = await upgraded(gateway.client, wish.input("key-1", quantity=3))

    assert payload["operation"] is None
    assert [error["code"] for error in payload["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert gateway.calls() == {}


async def test_ids_in_another_case_are_the_same_payload(gateway: Journey, wish: Wish) -> None:
    first = await upgraded(gateway.client, wish.input("key-1"))
    shouted = Wish(
        wish.customer_id.upper(), wish.subscription_id.upper(), wish.target_offer_id.lower()
    )
    again = await upgraded(gateway.client, shouted.input("key-1"))
    assert again["operation"]["id"] == first["operation"]["id"]


async def test_what_was_read_before_in_the_same_request_is_read_anew(
    gateway: Journey, wish: Wish
) -> None:
    await upgraded(gateway.client, wish.input("key-1"))
    data = await gateway.data(SUBSCRIPTION, customer=wish.customer_id, id=wish.subscription_id)
    assert data["subscription"]["status"] == "SUSPENDED"
    assert [each["state"] for each in data["subscription"]["operations"]] == ["DONE"]


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
            ["UNANSWERED", "ACCEPTED"],
            id="request lost",
        ),
        pytest.param(
            Fault(FaultKind.STATUS, "perform_upgrade", status=503, times=2),
            ["UNANSWERED", "UNANSWERED", "ACCEPTED"],
            id="503 twice",
        ),
        pytest.param(
            Fault(FaultKind.PLAIN_TEXT, "perform_upgrade", status=502),
            ["UNANSWERED", "ACCEPTED"],
            id="502",
        ),
        pytest.param(
            Fault(FaultKind.TOKEN_EXPIRED, "perform_upgrade"),
            ["REFUSED", "ACCEPTED"],
            id="expired token",
        ),
        pytest.param(
            Fault(FaultKind.STATUS, "list_upgrades", status=500, times=4),
            ["ACCEPTED"],
            id="eligibility cannot be read for long",
        ),
    ],
)
async def test_passing_trouble_ends_done_after_one_purchase(
    gateway: Journey, wish: Wish, fault: Fault, expected: list[str]
) -> None:
    gateway.sandbox.faults.add(fault)

    payload = await upgraded(gateway.client, wish.input("key-1"))

    assert payload["operation"]["state"] == "DONE"
    assert outcomes(payload) == expected
    assert payload["result"]["targetSubscription"]["status"] == "ACTIVE"
    assert bought(gateway) == [1]
    sent = gateway.sandbox.calls.of("perform_upgrade")
    assert len(sent) == len(expected)
    assert {call.request_id for call in sent} == {payload["operation"]["requestId"]}
    assert len({call.correlation_id for call in sent}) == len(sent)


async def test_without_an_answer_for_longer_than_the_vendor_remembers_it_is_in_doubt() -> None:
    settings = {"operations": {"first_pause_s": 0.01, "trust_s": 0.0}}
    async with journey(settings=settings) as gateway:
        wish = await first_wish(gateway)
        gateway.sandbox.faults.add(Fault(FaultKind.CUT_BEFORE, "perform_upgrade", times=None))
        payload = await upgraded(gateway.client, wish.input("key-1"))

    assert payload["operation"]["state"] == "IN_DOUBT"
    assert [error["code"] for error in payload["userErrors"]] == ["OUTCOME_UNKNOWN"]
    assert outcomes(payload) == ["UNANSWERED"]


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
async def test_a_definite_no_ends_it_at_once(
    gateway: Journey, wish: Wish, fault: Fault, state: str
) -> None:
    gateway.sandbox.faults.add(fault)

    payload = await upgraded(gateway.client, wish.input("key-1"))

    assert payload["operation"]["state"] == state
    assert payload["operation"]["attempts"][0]["upstreamCode"]
    assert len(payload["userErrors"]) == 1
    assert bought(gateway) == []
    assert gateway.calls()["perform_upgrade"] == 1


@contextlib.asynccontextmanager
async def held_gateway(clock: HeldClock) -> AsyncIterator[Journey]:
    async with journey(clock=clock) as gateway:
        yield gateway


async def state_when(gateway: Journey, key: str, state: str) -> dict[str, Any]:
    """Ask until an operation is in a state."""

    async def read() -> Any:
        return (await gateway.data(STATE, key=key))["operationByKey"]

    def is_so(found: Any) -> bool:
        return found is not None and found["state"] == state

    found: dict[str, Any] = await eventually(read, is_so)
    return found


async def test_a_429_makes_its_operation_wait_and_no_other_customers() -> None:
    clock = HeldClock()
    async with held_gateway(clock) as gateway:
        wish = await first_wish(gateway)
        other_id = gateway.sandbox.world.examples.four_offers_customer_id
        other = (await possible_upgrades(gateway.client, other_id))[0]
        gateway.calls()
        gateway.sandbox.faults.add(
            Fault(FaultKind.THROTTLED, "perform_upgrade", customer_id=wish.customer_id, seconds=57)
        )
        asking = asyncio.create_task(upgraded(gateway.client, wish.input("key-1")))
        waiting = await state_when(gateway, "key-1", "WAITING")
        elsewhere = await upgraded(gateway.client, other.input("key-2"))
        calls_before = len(gateway.sandbox.calls.of("perform_upgrade"))
        clock.advance(56.9)
        still = await state_when(gateway, "key-1", "WAITING")
        clock.advance(0.2)
        payload = await asking

    assert waiting["retryAt"] == still["retryAt"] == "2023-11-14T22:14:17Z"
    assert elsewhere["operation"]["state"] == "DONE"
    assert calls_before == 2
    assert payload["operation"]["state"] == "DONE"
    assert outcomes(payload) == ["THROTTLED", "ACCEPTED"]


async def test_users_left_behind_are_listed(gateway: Journey) -> None:
    examples = gateway.sandbox.world.examples
    wishes = await possible_upgrades(gateway.client, examples.customer_id)
    (wish,) = [w for w in wishes if w.subscription_id == examples.license_errors_subscription_id]

    payload = await upgraded(
        gateway.client, wish.input("key-1", upgradeType="UPGRADE_WITH_LICENSE_TRANSFER")
    )

    assert payload["operation"]["state"] == "DONE_WITH_LICENSE_ERRORS"
    assert payload["userErrors"] == []
    assert payload["result"]["targetSubscription"]["status"] == "ACTIVE"
    users = payload["result"]["licenseErrors"]
    assert users
    assert all(user["userObjectId"] and user["errors"] for user in users)


@pytest.mark.parametrize(
    ("example", "code", "reason"),
    [
        ("suspended_subscription_id", "NOT_ELIGIBLE", "SUBSCRIPTION_STATUS_NOT_ACTIVE"),
        ("subscription_with_add_ons_id", "NOT_ELIGIBLE", "SUBSCRIPTION_ADD_ONS_PRESENT"),
        ("unprovisioned_subscription_id", "NOT_ELIGIBLE", "SUBSCRIPTION_NOT_PROVISIONED"),
        ("pathless_subscription_id", "NOT_ELIGIBLE", None),
    ],
)
async def test_what_eligibility_refuses_is_data_and_is_not_sent(
    gateway: Journey, example: str, code: str, reason: str | None
) -> None:
    customer_id = gateway.sandbox.world.examples.customer_id
    subscription_id = getattr(gateway.sandbox.world.examples, example)
    paths = await ask(
        gateway.client,
        "query P($c: ID!, $s: ID!) { subscription(customerId: $c, id: $s)"
        " { upgrades { targetOffer { id } } } }",
        c=customer_id,
        s=subscription_id,
    )
    offers = [u["targetOffer"]["id"] for u in paths["subscription"]["upgrades"]] or ["MS-NONE"]

    payload = await upgraded(
        gateway.client, Wish(customer_id, subscription_id, offers[0]).input("key-1")
    )

    assert payload["operation"]["state"] == "REFUSED"
    assert [error["code"] for error in payload["userErrors"]] == [code]
    reasons = [error["code"] for error in payload["result"]["upgradeErrors"]]
    assert reasons == ([] if reason is None else [reason])
    assert "perform_upgrade" not in gateway.calls()


@pytest.mark.parametrize(
    ("customer", "subscription", "mutation"),
    [
        ("transition_customer_id", "new_commerce_subscription_id", "transitionSubscription"),
        ("azure_customer_id", "azure_subscription_id", "requestProductUpgrade"),
    ],
)
async def test_another_family_is_refused_with_the_mutation_that_serves_it(
    gateway: Journey, customer: str, subscription: str, mutation: str
) -> None:
    examples = gateway.sandbox.world.examples
    wish = Wish(getattr(examples, customer), getattr(examples, subscription), examples.offer_id)

    payload = await upgraded(gateway.client, wish.input("key-1"))

    assert payload["operation"]["state"] == "REFUSED"
    (error,) = payload["userErrors"]
    assert error["code"] == "WRONG_FAMILY"
    assert mutation in error["message"]
    assert gateway.calls().keys() == {"list_subscriptions", "get_subscription"}


async def test_a_quantity_that_is_not_sold_is_refused(gateway: Journey, wish: Wish) -> None:
    payload = await upgraded(gateway.client, wish.input("key-1", quantity=2_000_000_000))
    (error,) = payload["userErrors"]
    assert error["code"] == "QUANTITY_OUT_OF_RANGE"
    assert error["field"] == ["input", "quantity"]
    assert "perform_upgrade" not in gateway.calls()


async def test_a_second_upgrade_while_one_runs_is_refused(gateway: Journey, wish: Wish) -> None:
    gateway.sandbox.faults.add(Fault(FaultKind.HOLD, "perform_upgrade"))
    first = asyncio.create_task(upgraded(gateway.client, wish.input("key-1")))
    await state_when(gateway, "key-1", "RUNNING")

    second = await upgraded(gateway.client, wish.input("key-2"))
    gateway.sandbox.faults.release()

    assert second["operation"]["state"] == "REFUSED"
    assert [error["code"] for error in second["userErrors"]] == ["UPGRADE_IN_PROGRESS"]
    assert (await first)["operation"]["state"] == "DONE"
    assert bought(gateway) == [1]


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"idempotencyKey": ""}, "idempotencyKey"),
        ({"idempotencyKey": "k" * 256}, "idempotencyKey"),
        ({"idempotencyKey": "line\nfeed"}, "idempotencyKey"),
        ({"customerId": "42"}, "customerId"),
        ({"subscriptionId": "42"}, "subscriptionId"),
        ({"targetOfferId": "a b"}, "targetOfferId"),
        ({"upgradeType": "NONE"}, "upgradeType"),
        ({"quantity": 0}, "quantity"),
        ({"waitSeconds": 61}, "waitSeconds"),
        ({"waitSeconds": -1}, "waitSeconds"),
    ],
)
async def test_bad_input_names_its_argument_and_records_nothing(
    gateway: Journey, wish: Wish, changes: dict[str, object], argument: str
) -> None:
    payload = await upgraded(gateway.client, {**wish.input("key-1"), **changes})

    assert payload["operation"] is None
    (error,) = payload["userErrors"]
    assert error["code"] == "INVALID_INPUT"
    assert error["field"] == ["input", argument]
    assert gateway.calls() == {}
    assert (await gateway.data("{ operations { nodes { id } } }"))["operations"]["nodes"] == []


async def test_another_principal_learns_nothing_and_has_keys_of_its_own() -> None:
    async with journey(settings={"partner": {"auth": "passthrough"}}) as gateway:
        client = gateway.client
        mine, other = await two_tokens(gateway)
        customer_id = gateway.sandbox.world.examples.legacy_customer_id
        wishes = await possible_upgrades(client, customer_id, mine)
        gateway.calls()
        payload = await upgraded(client, wishes[0].input("key-1"), mine)
        operation_id = payload["operation"]["id"]
        by_key = await ask(client, STATE, other, key="key-1")
        listed = await ask(client, "{ operations { nodes { id } } }", other)
        stolen = await client.post(
            "/graphql",
            json={"query": f'{{ operation(id: "{operation_id}") {{ state }} }}'},
            headers={"Authorization": f"Bearer {other}"},
        )
        own = await upgraded(client, wishes[1].input("key-1"), other)

    assert payload["operation"]["state"] == own["operation"]["state"] == "DONE"
    assert own["operation"]["id"] != operation_id
    assert by_key == {"operationByKey": None}
    assert listed["operations"]["nodes"] == []
    assert stolen.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert gateway.sandbox.calls.count("perform_upgrade") == 2


async def two_tokens(gateway: Journey) -> tuple[str, str]:
    """A token of the sandbox's user, and one of its application."""
    known = gateway.sandbox.options.credentials
    application = {
        "client_id": known.client_id,
        "client_secret": known.client_secret,
        "resource": known.audiences[0],
    }
    user = {"grant_type": "refresh_token", "refresh_token": known.refresh_token}
    transport = httpx.ASGITransport(gateway.sandbox)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        answers = [
            await client.post(f"/{known.tenant_id}/oauth2/token", data={**application, **form})
            for form in (user, {"grant_type": "client_credentials"})
        ]
    first, second = (answer.json()["access_token"] for answer in answers)
    return first, second


async def test_a_client_that_goes_away_changes_nothing(gateway: Journey, wish: Wish) -> None:
    gateway.sandbox.faults.add(Fault(FaultKind.HOLD, "perform_upgrade"))
    asking = asyncio.create_task(
        gateway.client.post(
            "/graphql", json={"query": UPGRADE, "variables": {"input": wish.input("key-1")}}
        )
    )
    await state_when(gateway, "key-1", "RUNNING")
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    gateway.sandbox.faults.release()

    payload = await upgraded(gateway.client, wish.input("key-1"))

    assert payload["operation"]["state"] == "DONE"
    assert bought(gateway) == [1]


async def test_operations_are_paged_newest_first_and_filtered(gateway: Journey) -> None:
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    wishes = await possible_upgrades(gateway.client, customer_id)
    done = [await upgraded(gateway.client, w.input(f"key-{i}")) for i, w in enumerate(wishes[:3])]
    refused = await upgraded(gateway.client, wishes[0].input("key-again"))
    document = """
    query Page($after: String, $states: [OperationState!], $customer: ID) {
      operations(first: 2, after: $after, states: $states, customerId: $customer) {
        nodes { id } pageInfo { hasNextPage endCursor }
      }
    }
    """

    async def page(**variables: object) -> tuple[list[str], dict[str, Any]]:
        found = (await gateway.data(document, **variables))["operations"]
        return [node["id"] for node in found["nodes"]], found["pageInfo"]

    ids = [each["operation"]["id"] for each in [refused, *reversed(done)]]
    first, info = await page()
    second, last = await page(after=info["endCursor"])
    assert (first, second) == (ids[:2], ids[2:])
    assert (info["hasNextPage"], last["hasNextPage"]) == (True, False)
    assert (await page(states=["REFUSED"]))[0] == [refused["operation"]["id"]]
    assert (await page(customer=customer_id.upper()))[0] == ids[:2]
    assert (await page(customer=gateway.sandbox.world.examples.customer_id))[0] == []


def is_ready(answer: httpx.Response) -> bool:
    return bool(answer.json()["status"] == "ready")


async def test_a_store_that_cannot_be_written_refuses_writes_and_answers_reads(
    tmp_path: Path,
) -> None:
    path = tmp_path / "operations.db"
    settings = {"database_url": f"sqlite:///{path}", "operations": {"refuse_after_s": 1.0}}
    async with journey(settings=settings) as gateway:
        wish = await first_wish(gateway)
        await eventually(lambda: gateway.client.get("/ready"), is_ready)
        with contextlib.closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            refused = await upgraded(gateway.client, wish.input("key-1"))
            reads = await possible_upgrades(gateway.client, wish.customer_id)
            ready = await gateway.client.get("/ready")
        assert "perform_upgrade" not in gateway.calls()
        # So impatient a gateway may refuse more than once where the machine is slow.
        keys = (f"key-{number}" for number in itertools.count(2))
        payload = await eventually(
            lambda: upgraded(gateway.client, wish.input(next(keys))),
            lambda answered: answered["operation"] is not None,
        )

    assert [error["code"] for error in refused["userErrors"]] == ["STORE_UNAVAILABLE"]
    assert refused["operation"] is None
    assert reads
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert payload["operation"]["state"] == "DONE"


async def test_a_store_that_cannot_be_opened_lets_reads_go_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    url = f"sqlite:///{tmp_path}/file/operations.db"
    async with journey(settings={"database_url": url}) as gateway:
        wish = await first_wish(gateway)
        refused = await upgraded(gateway.client, wish.input("key-1"))
        found = await gateway.ask(STATE, key="key-1")

    assert [error["code"] for error in refused["userErrors"]] == ["STORE_UNAVAILABLE"]
    assert found["errors"][0]["extensions"]["code"] == "UPSTREAM_UNAVAILABLE"


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
    async with journey(settings={"operations": {"trust_s": 0.0}}) as gateway:
        wish = await first_wish(gateway)
        gateway.sandbox.faults.add(Fault(FaultKind.CUT_BEFORE, "perform_upgrade"))
        doubted = (await upgraded(gateway.client, wish.input("key-1")))["operation"]
        first = await settled(gateway, doubted["id"], outcome=outcome)
        again = await settled(gateway, doubted["id"], outcome=outcome)
        read = await gateway.data("{ operations { nodes { id state } } }")

    assert doubted["state"] == "IN_DOUBT"
    assert first["operation"]["state"] == state
    assert [error["code"] for error in again["userErrors"]] == ["NOT_IN_DOUBT"]
    assert read["operations"]["nodes"] == [{"id": doubted["id"], "state": state}]


async def test_what_is_not_in_doubt_or_not_there_cannot_be_settled(
    gateway: Journey, wish: Wish
) -> None:
    done = (await upgraded(gateway.client, wish.input("key-1")))["operation"]
    not_doubted = await settled(gateway, done["id"], outcome="NOT_DONE")
    unknown = await settled(gateway, "nothing")
    wordless = await settled(gateway, done["id"], note=" ")

    assert not_doubted["operation"]["state"] == "DONE"
    codes = [each["userErrors"][0]["code"] for each in (not_doubted, unknown, wordless)]
    assert codes == ["NOT_IN_DOUBT", "NOT_FOUND", "INVALID_INPUT"]


@pytest.mark.parametrize(
    "selections",
    [
        "a: upgradeSubscription(input: $i) { userErrors { code } } ...more",
        "... on Mutation { ...more ...again }",
        "...more a: upgradeSubscription(input: $i) { userErrors { code } }",
    ],
)
async def test_a_document_buys_once(gateway: Journey, wish: Wish, selections: str) -> None:
    document = f"""
    mutation M($i: UpgradeSubscriptionInput!) {{ {selections} }}
    fragment more on Mutation {{ b: upgradeSubscription(input: $i) {{ userErrors {{ code }} }} }}
    fragment again on Mutation {{ c: upgradeSubscription(input: $i) {{ userErrors {{ code }} }} }}
    """
    answer = await gateway.client.post(
        "/graphql", json={"query": document, "variables": {"i": wish.input("key-1")}}
    )
    errors = answer.json()["errors"]
    assert any("A document may hold one mutation" in error["message"] for error in errors)
    assert gateway.calls() == {}


async def test_nothing_is_bought_over_get(gateway: Journey, wish: Wish) -> None:
    answer = await gateway.client.get("/graphql", params={"query": UPGRADE})
    assert answer.status_code in {400, 405}
    assert gateway.calls() == {}


@pytest.mark.parametrize(
    ("example", "state", "code"),
    [
        ("removed_customer_id", "REFUSED", "NOT_FOUND"),
        ("foreign_customer_id", "FAILED", "NOT_SENT"),
    ],
)
async def test_customers_that_are_not_the_partners_end_it_unsent(
    gateway: Journey, wish: Wish, example: str, state: str, code: str
) -> None:
    customer_id = getattr(gateway.sandbox.world.examples, example)
    payload = await gateway.data(
        "mutation M($input: UpgradeSubscriptionInput!) { upgradeSubscription(input: $input)"
        " { operation { state } userErrors { code } } }",
        input=wish.input("key-1", customerId=customer_id),
    )
    assert payload["upgradeSubscription"] == {
        "operation": {"state": state},
        "userErrors": [{"code": code}],
    }
    assert "perform_upgrade" not in gateway.calls()
