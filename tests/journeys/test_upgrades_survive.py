"""Processes that are really killed: an upgrade ends after the restart, and was bought once."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox, create_sandbox
from gateway.sandbox.faults import Fault, FaultKind
from tests.support.server import serving
from tests.support.upgrades import Wish, possible_upgrades, upgraded

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Death:
    """When the gateway dies, and what the sandbox does meanwhile.

    Attributes:
        point: one that the gateway knows, see `dying_gateway.py`.
        call: one during which the test kills it, held back by the fault.
        is_forgotten: the vendor has lost its memory of request ids before the restart.
    """

    point: str = "never"
    call: str | None = None
    fault: Fault | None = None
    is_forgotten: bool = True


@contextlib.asynccontextmanager
async def process(point: str, environ: Mapping[str, str]) -> AsyncIterator[tuple[Any, str]]:
    """Run a gateway; yields its process and its address."""
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.dying_gateway",
        point,
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=asyncio.subprocess.PIPE,
    )
    assert started.stdout is not None
    try:
        yield started, (await started.stdout.readline()).decode().strip()
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def until(is_so: Callable[[], bool]) -> None:
    """Let others run until something is so."""
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110 - the sandbox tells nobody what it does
            await asyncio.sleep(0.005)


async def kill_during(sandbox: Sandbox, running: Any, death: Death) -> None:
    """Wait for the death that the gateway dies by itself, or kill it during a call."""
    if death.call is not None:
        call, is_write = death.call, death.call == "perform_upgrade"
        done = sandbox.world.upgrades_performed
        await until(lambda: any(done.values()) if is_write else sandbox.calls.count(call) > 0)
        running.kill()
    await running.wait()


SLOW_ANSWER = Fault(FaultKind.SLOW_ANSWER, "perform_upgrade", seconds=60)
SLOW_CHECK = Fault(FaultKind.LATENCY, "list_upgrades", seconds=60)


@pytest.mark.parametrize(
    "death",
    [
        pytest.param(Death(point="before the record"), id="before the record"),
        pytest.param(Death(call="list_upgrades", fault=SLOW_CHECK), id="after the record"),
        pytest.param(Death(point="before the send"), id="before the send"),
        pytest.param(
            Death(call="perform_upgrade", fault=SLOW_ANSWER), id="after the send, forgotten"
        ),
        pytest.param(
            Death(call="perform_upgrade", fault=SLOW_ANSWER, is_forgotten=False),
            id="after the send, remembered",
        ),
        pytest.param(Death(point="before the answer's commit"), id="after the answer"),
    ],
)
async def test_a_killed_gateway_buys_once_and_ends_after_its_restart(
    tmp_path: Path, death: Death
) -> None:
    sandbox = create_sandbox()
    async with serving(sandbox) as sandbox_url:
        environ = {
            "UPGRADE_GATEWAY_PORT": "0",
            "UPGRADE_GATEWAY_LOG_LEVEL": "error",
            "UPGRADE_GATEWAY_PARTNER__BASE_URL": sandbox_url,
            "UPGRADE_GATEWAY_DATABASE_URL": f"sqlite:///{tmp_path}/operations.db",
        }
        customer = sandbox.world.examples.legacy_customer_id
        async with (
            process(death.point, environ) as (running, url),
            httpx.AsyncClient(base_url=url, timeout=60) as client,
        ):
            wish = (await possible_upgrades(client, customer))[0]
            sandbox.calls.clear()
            if death.fault is not None:
                sandbox.faults.add(death.fault)
            asking = asyncio.create_task(upgraded(client, wish.input("key-1")))
            await kill_during(sandbox, running, death)
            with pytest.raises(httpx.TransportError):
                await asking
        sandbox.faults.clear()
        if death.is_forgotten:
            async with httpx.AsyncClient(base_url=sandbox_url) as control:
                await control.delete("/_sandbox/idempotency")
        payload = await after_restart(environ, wish)

    assert payload["operation"]["state"] == "DONE"
    assert payload["result"]["targetSubscription"]["status"] == "ACTIVE"
    assert sandbox.world.upgrades_performed[wish.subscription_id] == 1
    request_ids = {call.request_id for call in sandbox.calls.of("perform_upgrade")}
    assert request_ids == {payload["operation"]["requestId"]}


async def after_restart(environ: Mapping[str, str], wish: Wish) -> dict[str, Any]:
    """Start again and ask by the same key, which waits for the operation that is resumed."""
    async with (
        process("never", environ) as (_, url),
        httpx.AsyncClient(base_url=url, timeout=90) as client,
    ):
        return await upgraded(client, wish.input("key-1", waitSeconds=60))
