"""Two gateway processes on one database."""

import asyncio
import contextlib
from functools import partial
from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.faults import Fault, FaultKind
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.processes import client_at, gateway_environment, gateway_process
from tests.support.server import serving
from tests.support.upgrades import execute, find_possible_upgrades, request_upgrade
from tests.support.waiting import HANG_TIMEOUT_S, eventually


async def test_two_replicas_buy_once_and_one_takes_over_from_the_other(database_url: str) -> None:
    sandbox = frozen_clock_sandbox()
    customer = sandbox.world.examples.legacy_customer_id
    async with serving(sandbox) as sandbox_url:
        environ = gateway_environment(sandbox_url, database_url)
        async with (
            gateway_process(environ) as (_, living_url),
            gateway_process(environ, "before the answer's commit of key-4") as (
                crashing,
                crashing_url,
            ),
            client_at(living_url) as living,
            client_at(crashing_url) as died,
        ):
            one_key, two_keys, left = (await find_possible_upgrades(living, customer))[:3]
            same = await asyncio.gather(
                *(request_upgrade(each, one_key.input("key-1")) for each in [died, living] * 5)
            )
            rivals = await asyncio.gather(
                request_upgrade(died, two_keys.input("key-2")),
                request_upgrade(living, two_keys.input("key-3")),
            )
            with pytest.raises(httpx.TransportError):
                await request_upgrade(died, left.input("key-4"))
            await crashing.wait()
            taken_over = await eventually(
                lambda: request_upgrade(living, left.input("key-4")),
                lambda payload: payload["operation"]["state"] not in {"QUEUED", "RUNNING"},
            )

    performed = sandbox.world.upgrades_performed
    assert {payload["operation"]["id"] for payload in same} == {same[0]["operation"]["id"]}
    assert {payload["operation"]["state"] for payload in same} == {"DONE"}
    assert {payload["operation"]["state"] for payload in rivals} == {"DONE", "REFUSED"}
    assert taken_over["operation"]["state"] == "DONE"
    assert [performed[upgrade.subscription_id] for upgrade in (one_key, two_keys, left)] == [
        1,
        1,
        1,
    ]


PREVIEW = "query P($input: UpgradePreviewInput!) { upgradePreview(input: $input) { previewToken } }"


async def test_a_replica_accepts_the_preview_token_of_another(database_url: str) -> None:
    sandbox = frozen_clock_sandbox()
    customer = sandbox.world.examples.legacy_customer_id
    async with serving(sandbox) as sandbox_url:
        environ = gateway_environment(sandbox_url, database_url)
        async with (
            gateway_process(environ) as (_, one_url),
            gateway_process(environ) as (_, other_url),
            client_at(one_url) as one,
            client_at(other_url) as other,
        ):
            first, second = (await find_possible_upgrades(one, customer))[:2]
            payloads = []
            for number, (shows, buys, upgrade) in enumerate(
                ((one, other, first), (other, one, second))
            ):
                order = upgrade.input(f"key-{number}")
                shown = {name: v for name, v in order.items() if name != "idempotencyKey"}
                preview = (await execute(shows, PREVIEW, input=shown))["upgradePreview"]
                payloads.append(await request_upgrade(buys, {**order, **preview}))
    assert [payload["operation"]["state"] for payload in payloads] == ["DONE", "DONE"]


CUSTOMER = "query C($id: ID!) { customer(id: $id) { companyProfile { companyName } } }"
PAUSES = "{ throttle { customerId retryAfterSeconds } }"


async def test_a_429_of_one_replica_pauses_the_scope_on_the_other(database_url: str) -> None:
    sandbox = frozen_clock_sandbox()
    examples = sandbox.world.examples
    paused, other = examples.customer_id, examples.legacy_customer_id
    sandbox.faults.add(
        Fault(FaultKind.THROTTLED, "get_customer", customer_id=paused, seconds=2 * HANG_TIMEOUT_S)
    )
    async with serving(sandbox) as sandbox_url:
        environ = gateway_environment(sandbox_url, database_url)
        async with (
            gateway_process(environ) as (_, throttled_url),
            gateway_process(environ) as (_, informed_url),
            client_at(throttled_url) as throttled,
            client_at(informed_url) as informed,
        ):
            assert (await execute_customer(throttled, paused))["errors"]
            await eventually(
                lambda: execute(informed, PAUSES),
                lambda data: any(
                    scope["customerId"] == paused and scope["retryAfterSeconds"]
                    for scope in data["throttle"]
                ),
            )
            (refused,) = (await execute_customer(informed, paused))["errors"]
            answered = await execute_customer(informed, other)

    assert refused["extensions"]["code"] == "THROTTLED"
    assert answered["data"]["customer"]
    assert sandbox.calls.count("get_customer") == 2


async def execute_customer(client: httpx.AsyncClient, customer_id: str) -> Any:
    body = {"query": CUSTOMER, "variables": {"id": customer_id}}
    return (await client.post("/graphql", json=body)).json()


LIMITS = "{ throttle { limit } }"


async def test_replicas_split_a_known_rate_limit_equally(database_url: str) -> None:
    sandbox = frozen_clock_sandbox()
    async with serving(sandbox) as sandbox_url:
        environ = {
            **gateway_environment(sandbox_url, database_url),
            "UPGRADE_GATEWAY_THROTTLE__CUSTOMER_READS_PER_MINUTE": "500",
        }
        async with contextlib.AsyncExitStack() as stack:
            urls = [
                (await stack.enter_async_context(gateway_process(environ)))[1] for _ in range(2)
            ]
            for url in urls:
                client = await stack.enter_async_context(client_at(url))
                await eventually(partial(read_limits, client, sandbox), lambda found: 250 in found)


async def read_limits(client: httpx.AsyncClient, sandbox: Sandbox) -> set[int | None]:
    """Return the limits in use, of which one call of a customer has made one."""
    await execute_customer(client, sandbox.world.examples.customer_id)
    return {scope["limit"] for scope in (await execute(client, LIMITS))["throttle"]}
