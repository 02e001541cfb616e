"""Recorded operations: by principal, in order, and without a store."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from tests.support.journey import Journey, journey
from tests.support.upgrades import (
    STATE,
    execute,
    find_first_upgrade,
    find_possible_upgrades,
    request_upgrade,
)
from tests.support.waiting import eventually, is_ready


async def test_principals_do_not_see_each_others_operations_or_keys() -> None:
    async with journey(settings={"partner": {"auth": "passthrough"}}) as gateway:
        client = gateway.client
        mine, other = await two_tokens(gateway)
        customer_id = gateway.sandbox.world.examples.legacy_customer_id
        upgrades = await find_possible_upgrades(client, customer_id, mine)
        gateway.take_call_counts()
        payload = await request_upgrade(client, upgrades[0].input("key-1"), mine)
        operation_id = payload["operation"]["id"]
        by_key = await execute(client, STATE, other, key="key-1")
        listed = await execute(client, "{ operations { nodes { id } } }", other)
        stolen = await client.post(
            "/graphql",
            json={"query": f'{{ operation(id: "{operation_id}") {{ state }} }}'},
            headers={"Authorization": f"Bearer {other}"},
        )
        own = await request_upgrade(client, upgrades[1].input("key-1"), other)

    assert payload["operation"]["state"] == own["operation"]["state"] == "DONE"
    assert own["operation"]["id"] != operation_id
    assert by_key == {"operationByKey": None}
    assert listed["operations"]["nodes"] == []
    assert stolen.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert gateway.sandbox.calls.count("perform_upgrade") == 2


async def two_tokens(gateway: Journey) -> tuple[str, str]:
    """Return a token of the sandbox's user and one of its application."""
    known = gateway.sandbox.options.credentials
    application = {
        "client_id": known.client_id,
        "client_secret": known.client_secret,
        "resource": known.audiences[0],
    }
    user = {"grant_type": "refresh_token", "refresh_token": known.refresh_token}
    transport = httpx.ASGITransport(gateway.sandbox)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        responses = [
            await client.post(f"/{known.tenant_id}/oauth2/token", data={**application, **form})
            for form in (user, {"grant_type": "client_credentials"})
        ]
    first, second = (response.json()["access_token"] for response in responses)
    return first, second


OF_ORDER = """
query Order($key: String!) {
  operationByKey(idempotencyKey: $key) {
    state order { quantity } attempts { outcome upstreamStatus }
  }
}
"""


async def test_the_order_has_the_bought_quantity_if_it_was_omitted(tmp_path: Path) -> None:
    settings = {"database_url": f"sqlite:///{tmp_path}/operations.db"}
    async with journey(settings=settings) as gateway:
        upgrade, other = (
            await find_possible_upgrades(
                gateway.client, gateway.sandbox.world.examples.legacy_customer_id
            )
        )[:2]
        bought = await request_upgrade(gateway.client, upgrade.input("key-1"))
        await request_upgrade(gateway.client, other.input("key-2", quantity=1))
        refused = await request_upgrade(gateway.client, upgrade.input("key-3"))
        at_once = await execute(gateway.client, OF_ORDER, key="key-1")
    async with journey(settings=settings) as gateway:
        later = [await execute(gateway.client, OF_ORDER, key=f"key-{n}") for n in (1, 2, 3)]

    quantity = bought["result"]["targetSubscription"]["quantity"]
    assert quantity > 1
    accepted = {"outcome": "SUCCEEDED", "upstreamStatus": 200}
    expected = {"state": "DONE", "order": {"quantity": quantity}, "attempts": [accepted]}
    assert at_once["operationByKey"] == later[0]["operationByKey"] == expected
    assert later[1]["operationByKey"]["order"] == {"quantity": 1}
    assert refused["operation"]["state"] == "REFUSED"
    assert later[2]["operationByKey"]["order"] == {"quantity": None}


async def test_operations_are_paged_newest_first_and_filtered(gateway: Journey) -> None:
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    upgrades = await find_possible_upgrades(gateway.client, customer_id)
    done = [
        await request_upgrade(gateway.client, w.input(f"key-{i}"))
        for i, w in enumerate(upgrades[:3])
    ]
    refused = await request_upgrade(gateway.client, upgrades[0].input("key-again"))
    document = """
    query Page(
      $after: String, $states: [OperationStateInput!], $customer: ID, $from: DateTime,
      $before: DateTime, $kinds: [OperationKindInput!]
    ) {
      operations(
        first: 2, after: $after, states: $states, customerId: $customer, kinds: $kinds,
        createdFrom: $from, createdBefore: $before
      ) { nodes { id } pageInfo { hasNextPage endCursor } }
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
    assert (await page(kinds=["UPGRADE_SUBSCRIPTION"], states=["DONE"]))[0] == ids[1:3]
    assert (await page(kinds=["TRANSITION_SUBSCRIPTION"]))[0] == []
    read = await gateway.data("{ operations { nodes { createdAt } } }")
    times = [node["createdAt"] for node in read["operations"]["nodes"]]
    assert (await page(**{"from": times[2], "before": times[0]}))[0] == ids[1:3]
    response = await gateway.execute(document, after=info["endCursor"], states=["DONE"])
    assert response["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


async def test_an_unwritable_store_refuses_writes_and_serves_reads(
    tmp_path: Path,
) -> None:
    path = tmp_path / "operations.db"
    settings = {"database_url": f"sqlite:///{path}", "operations": {"store_timeout_s": 1.0}}
    async with journey(settings=settings) as gateway:
        upgrade = await find_first_upgrade(gateway)
        await eventually(lambda: gateway.client.get("/ready"), is_ready)
        with contextlib.closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            refused = await request_upgrade(gateway.client, upgrade.input("key-1"))
            reads = await find_possible_upgrades(gateway.client, upgrade.customer_id)
            ready = await gateway.client.get("/ready")
        assert "perform_upgrade" not in gateway.take_call_counts()
        # With such short timeouts, a slow machine may refuse more than once.
        payload = await eventually(
            lambda: request_upgrade(gateway.client, upgrade.input("key-1")),
            lambda payload: payload["operation"] is not None,
        )

    assert [error["code"] for error in refused["userErrors"]] == ["STORE_UNAVAILABLE"]
    assert refused["operation"] is None
    assert reads
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert payload["operation"]["state"] == "DONE"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("sqlite:///{folder}/file/operations.db", "file/operations.db"),
        ("postgresql://user:secret@127.0.0.1:9/name", "127.0.0.1:9"),
    ],
    ids=["SQLite", "PostgreSQL"],
)
async def test_an_unopened_store_serves_reads_and_only_the_log_has_its_address(
    tmp_path: Path, url: str, address: str
) -> None:
    (tmp_path / "file").write_text("")
    with capture_logs() as logged:
        async with journey(settings={"database_url": url.format(folder=tmp_path)}) as gateway:
            upgrade = await find_first_upgrade(gateway)
            refused = await request_upgrade(gateway.client, upgrade.input("key-1"))
            found = await gateway.execute(STATE, key="key-1")
            listed = await gateway.execute("{ operations { nodes { id } } }")
            beside = await gateway.execute(
                "{ customers(first: 1) { nodes { id } } operations { nodes { id } } }"
            )
            ready = (await gateway.client.get("/ready")).json()

    (error,) = refused["userErrors"]
    assert error["code"] == "STORE_UNAVAILABLE"
    assert error["message"] == (
        "Operations cannot be recorded at the moment (see the gateway's log). Try again later,"
        " with the same key if there is one."
    )
    assert beside["data"]["operations"] is None
    assert len(beside["data"]["customers"]["nodes"]) == 1
    for response in (found, listed, beside):
        assert response["errors"][0]["extensions"]["code"] == "STORE_UNAVAILABLE"
        assert "cannot be read at the moment" in response["errors"][0]["message"]
    assert ready["checks"]["operations"] == {
        "status": "degraded",
        "detail": "operations cannot be recorded at the moment (see the gateway's log)",
    }
    assert address in str(logged)
    assert address not in str((refused, found, listed, beside, ready))


@pytest.mark.parametrize("given", ["soon", "2026-13-01", "0001-01-01T00:00:00+14:00", 5])
async def test_a_filter_by_what_is_no_date_is_invalid_input(given: object) -> None:
    async with journey() as gateway:
        document = (
            "query Since($from: DateTime) { operations(createdFrom: $from) { nodes { id } } }"
        )
        response = await gateway.execute(document, **{"from": given})
    (error,) = response["errors"]
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert "2026-01-31T12:00:00Z" in error["message"]


async def test_a_filter_by_an_empty_principal_finds_nothing() -> None:
    async with journey() as gateway:
        customer_id = gateway.sandbox.world.examples.legacy_customer_id
        upgrade = (await find_possible_upgrades(gateway.client, customer_id))[0]
        await request_upgrade(gateway.client, upgrade.input("key-1"))
        document = "query Of($of: String) { operations(principal: $of) { nodes { principal } } }"
        found = [await gateway.data(document, of=each) for each in ("sandbox", "")]
    assert [len(each["operations"]["nodes"]) for each in found] == [1, 0]
