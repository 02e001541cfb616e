"""Cost and rates as a client receives them. A rejected request makes no call."""

import asyncio
import json
from dataclasses import asdict
from typing import Any

import httpx
import pytest

from gateway.edge.site.examples import ExampleIds, example_documents
from gateway.sandbox.faults import Fault, FaultKind
from tests.support.batch_documents import SUBMIT_BATCH, batch_input
from tests.support.clock import FakeClock
from tests.support.journey import Journey, journey
from tests.support.upgrades import (
    SHORT,
    PossibleUpgrade,
    find_first_upgrade,
    find_possible_upgrades,
)

NESTED = """
query ($first: Int!) {
  customers(first: $first) { nodes { subscriptions { nodes { upgrades { isEligible } } } } }
}
"""
SETTLE = """
mutation {
  settleOperation(input: {operationId: "none", outcome: DONE, note: "seen"}) { operation { id } }
}
"""


async def _post(gateway: Journey, query: str, variables: Any = None) -> httpx.Response:
    return await gateway.client.post("/graphql", json={"query": query, "variables": variables})


async def test_examples_make_no_more_calls_than_estimated() -> None:
    async with journey() as gateway:
        ids = ExampleIds.from_sandbox(asdict(gateway.sandbox.world.examples))
        queries = [each for each in example_documents(ids) if "\nsubscription " not in each.query]
        for example in queries:
            response = await _post(gateway, example.query, json.loads(example.variables or "null"))
            cost = response.json().get("extensions", {}).get("cost", {"actual": 0, "estimated": 0})
            sent = sum(gateway.take_call_counts().values())
            assert sent <= cost["actual"] <= cost["estimated"], example.title


async def cost_of(
    gateway: Journey, key: str, upgrade: PossibleUpgrade, **others: object
) -> dict[str, int]:
    given = upgrade.input(key, waitSeconds=60, **others)
    response = await _post(gateway, SHORT, {"input": given})
    cost: dict[str, int] = response.json()["extensions"]["cost"]
    return cost


async def test_a_mutation_reports_the_calls_made_while_it_waited() -> None:
    async with journey() as gateway:
        upgrade = await find_first_upgrade(gateway)
        bought = await cost_of(gateway, "key-1", upgrade)
        calls = gateway.take_call_counts()
        again = await cost_of(gateway, "key-1", upgrade)
        refused = await cost_of(gateway, "key-2", upgrade)
        calls_to_refuse = gateway.take_call_counts()

    assert bought["actual"] == sum(calls.values()) == 3
    assert bought["actual"] <= bought["estimated"]
    assert again["actual"] == 0
    assert refused["actual"] == sum(calls_to_refuse.values())


async def test_a_mutation_reports_its_own_operations_calls_including_retries() -> None:
    async with journey() as gateway:
        customer_id = gateway.sandbox.world.examples.legacy_customer_id
        upgrades = (await find_possible_upgrades(gateway.client, customer_id))[:2]
        gateway.take_call_counts()
        gateway.sandbox.faults.add(Fault(FaultKind.STATUS, "list_upgrades", status=500))
        costs = await asyncio.gather(
            *(cost_of(gateway, f"key-{n}", upgrade) for n, upgrade in enumerate(upgrades))
        )
        sent = sum(gateway.take_call_counts().values())

    # Both may share a read, which then counts for each.
    assert all(3 <= each["actual"] <= 4 for each in costs)
    assert sent <= sum(each["actual"] for each in costs) <= 7


async def test_a_batch_reports_the_calls_of_its_lines() -> None:
    async with journey() as gateway:
        customer_id = gateway.sandbox.world.examples.legacy_customer_id
        upgrades = (await find_possible_upgrades(gateway.client, customer_id))[:2]
        gateway.take_call_counts()
        batch = batch_input("key-1", upgrades, waitSeconds=60)
        response = await _post(gateway, SUBMIT_BATCH, {"input": batch})
        sent = sum(gateway.take_call_counts().values())

    assert response.json()["data"]["upgradeSubscriptions"]["userErrors"] == []
    assert response.json()["extensions"]["cost"]["actual"] == sent == 6


async def test_a_document_above_the_cost_limit_is_rejected_before_any_call() -> None:
    async with journey() as gateway:
        response = await _post(gateway, NESTED, {"first": 100})

        assert response.status_code == 422
        (error,) = response.json()["errors"]
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
        assert error["extensions"]["rule"] == "cost"
        assert error["extensions"]["limit"] == 1000
        assert gateway.take_call_counts() == {}


PATH = "customers.nodes.subscriptions.nodes.upgrades"


async def test_a_cost_error_names_the_estimate_the_limit_and_the_dearest_field() -> None:
    async with journey() as gateway:
        response = (await _post(gateway, NESTED, {"first": 100})).json()

    (error,) = response["errors"]
    assert error["message"] == (
        "The operation needs an estimated 2,101 upstream calls, which exceeds the limit of 1,000."
        f" The field `{PATH}` needs 2,000 of them. Request smaller pages or fewer fields."
    )
    assert error["extensions"]["cost"] == {
        "estimated": 2101,
        "limit": 1000,
        "field": PATH,
        "fieldCalls": 2000,
    }
    assert response["extensions"] == {"cost": {"estimated": 2101, "actual": 0}}


async def test_in_production_a_cost_error_does_not_reveal_the_limit() -> None:
    async with journey(settings={"profile": "production"}) as gateway:
        response = (await _post(gateway, NESTED, {"first": 100})).json()

    (error,) = response["errors"]
    assert error["message"].startswith(
        "The operation needs an estimated 2,101 upstream calls, which exceeds the limit. "
    )
    assert "1,000" not in error["message"]
    assert "limit" not in {**error["extensions"], **error["extensions"]["cost"]}


async def test_pages_of_default_size_fit_in_each_other() -> None:
    document = """{
      customers { nodes { subscriptions { nodes {
        upgrades { isEligible } transitionEligibilities { catalogItemId }
      } } } }
    }"""
    async with journey() as gateway:
        data = await gateway.data(document)
    assert len(data["customers"]["nodes"]) == 20


@pytest.mark.parametrize("profile", ["dev", "production"])
async def test_a_page_size_error_names_the_maximum(profile: str) -> None:
    async with journey(settings={"profile": profile}) as gateway:
        response = (await _post(gateway, "{ customers(first: 101) { nodes { id } } }")).json()

    (error,) = response["errors"]
    assert error["message"] == "first must be 1 to 100, not 101. Request more pages instead."
    assert error["extensions"]["rule"] == "page_size"
    assert error["extensions"]["limit"] == 100


async def test_the_cost_limit_grows_with_the_call_budget() -> None:
    async with journey(settings={"limits": {"max_upstream_calls": 3000}}) as gateway:
        response = await _post(gateway, NESTED, {"first": 25})
        assert response.json()["extensions"]["cost"]["estimated"] == 1 + 25 + 25 * 20
        assert (await _post(gateway, NESTED, {"first": 100})).status_code == 200


async def test_a_document_without_calls_reports_no_cost_and_no_rate() -> None:
    async with journey() as gateway:
        response = await _post(gateway, "{ __typename }")
        assert response.json() == {"data": {"__typename": "Query"}}
        assert "ratelimit" not in response.headers


async def test_a_rate_limit_error_has_a_retry_after() -> None:
    limits = {"calls_per_minute": 600, "mutations_per_minute": 2}
    clock = FakeClock()
    async with journey(settings={"limits": limits}, clock=clock) as gateway:
        first = await _post(gateway, SETTLE)
        assert first.headers["ratelimit-policy"] == '"mutations";q=2;w=60, "calls";q=600;w=60'
        assert first.headers["ratelimit"] == '"mutations";r=1;t=30, "calls";r=599;t=1'
        await _post(gateway, SETTLE)

        refused = await _post(gateway, SETTLE)
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "30"
        (error,) = refused.json()["errors"]
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
        assert error["extensions"]["rule"] == "mutations_rate"
        assert error["extensions"]["retryAfterSeconds"] == 30
        assert (await _post(gateway, "{ __typename }")).status_code == 200

        clock.now += 30
        assert (await _post(gateway, SETTLE)).status_code == 200


async def test_large_variables_are_refused() -> None:
    async with journey() as gateway:
        response = await _post(gateway, "{ __typename }", {"unused": "x" * 70_000})
        assert response.json()["errors"][0]["extensions"]["rule"] == "variables_size"
