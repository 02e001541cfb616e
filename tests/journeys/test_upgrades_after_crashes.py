"""Killed processes: an upgrade ends after the restart and is bought once."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.faults import Fault, FaultKind
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.processes import client_at, gateway_environment, gateway_process
from tests.support.server import serving
from tests.support.upgrades import PossibleUpgrade, find_possible_upgrades, request_upgrade
from tests.support.waiting import HANG_TIMEOUT_S, eventually


@dataclass(frozen=True, slots=True)
class Death:
    """When the gateway dies, and what the sandbox does meanwhile.

    Attributes:
        point: one that the gateway knows, see `crashing_gateway.py`.
        call: one during which the test kills it, held back by the fault.
        is_forgotten: the vendor has lost its memory of request ids before the restart.
        is_trusted: the gateway trusts it to have one; else it never sends what it may have sent.
    """

    point: str = "never"
    call: str | None = None
    fault: Fault | None = None
    is_forgotten: bool = True
    is_trusted: bool = True


async def kill_during(sandbox: Sandbox, running: Any, death: Death) -> None:
    """Wait until the gateway ends itself, or kill it during a call."""
    if death.call is not None:
        call, is_write = death.call, death.call == "perform_upgrade"
        done = sandbox.world.upgrades_performed

        async def has_come() -> bool:
            return any(done.values()) if is_write else sandbox.calls.count(call) > 0

        await eventually(has_come, bool)
        running.kill()
    await running.wait()


SLOW_ANSWER = Fault(FaultKind.SLOW_ANSWER, "perform_upgrade", seconds=60)
SLOW_CHECK = Fault(FaultKind.LATENCY, "list_upgrades", seconds=60)


DEATHS = {
    "before the record": Death(point="before the record"),
    "after the record": Death(call="list_upgrades", fault=SLOW_CHECK),
    "in the queue": Death(point="in the queue", is_trusted=False),
    "at its turn": Death(point="before the announcement", is_trusted=False),
    "before the send": Death(point="before the send"),
    "after the send, forgotten": Death(call="perform_upgrade", fault=SLOW_ANSWER),
    "after the send, remembered": Death(
        call="perform_upgrade", fault=SLOW_ANSWER, is_forgotten=False
    ),
    "after the answer": Death(point="before the answer's commit"),
}
# PostgreSQL differs in how a crash is detected and a record read, not in when it crashes.
ON_POSTGRESQL = ("in the queue", "before the send", "after the answer")


@pytest.mark.parametrize(
    ("database_url", "death"),
    [
        *(pytest.param("sqlite", death, id=name) for name, death in DEATHS.items()),
        *(pytest.param("postgresql", DEATHS[name], id=f"pg {name}") for name in ON_POSTGRESQL),
    ],
    indirect=["database_url"],
)
async def test_a_killed_gateway_buys_once_and_ends_after_its_restart(
    database_url: str, death: Death
) -> None:
    sandbox = frozen_clock_sandbox()
    async with serving(sandbox) as sandbox_url:
        environ = gateway_environment(sandbox_url, database_url)
        if not death.is_trusted:
            environ["UPGRADE_GATEWAY_OPERATIONS__IDEMPOTENCY_WINDOW_S"] = "0"
        customer = sandbox.world.examples.legacy_customer_id
        async with (
            gateway_process(environ, death.point) as (running, url),
            client_at(url) as client,
        ):
            upgrade = (await find_possible_upgrades(client, customer))[0]
            sandbox.calls.clear()
            if death.fault is not None:
                sandbox.faults.add(death.fault)
            asking = asyncio.create_task(request_upgrade(client, upgrade.input("key-1")))
            await kill_during(sandbox, running, death)
            with pytest.raises(httpx.TransportError):
                await asking
        sandbox.faults.clear()
        if death.is_forgotten:
            async with httpx.AsyncClient(base_url=sandbox_url, timeout=HANG_TIMEOUT_S) as control:
                await control.delete("/_sandbox/idempotency")
        payload = await after_restart(environ, upgrade)

    assert payload["operation"]["state"] == "DONE"
    assert payload["result"]["targetSubscription"]["status"] == "ACTIVE"
    assert sandbox.world.upgrades_performed[upgrade.subscription_id] == 1
    request_ids = {call.request_id for call in sandbox.calls.for_operation("perform_upgrade")}
    assert request_ids == {payload["operation"]["requestId"]}


async def after_restart(environ: Mapping[str, str], upgrade: PossibleUpgrade) -> dict[str, Any]:
    """Restart and send the same key, which waits for the resumed operation."""
    async with (
        gateway_process(environ) as (_, url),
        client_at(url) as client,
    ):
        return await eventually(
            lambda: request_upgrade(client, upgrade.input("key-1")),
            lambda payload: payload["operation"]["state"] not in {"QUEUED", "RUNNING", "WAITING"},
        )
