"""Gateways on one database that are processes of their own, to be stopped and killed."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from gateway.sandbox.app import Sandbox
from gateway.sandbox.faults import Fault, FaultKind
from gateway.sandbox.options import SandboxOptions, ThrottleOptions, Timings
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.possible_upgrades import expected_state, list_possible_upgrades
from tests.support.processes import client_at, gateway_environment, gateway_process
from tests.support.upgrades import PossibleUpgrade

HOLD_UPGRADES: Final = Fault(FaultKind.HOLD, "perform_upgrade", times=None)
"""The vendor holds every upgrade until the fault is released, and then executes it."""
LONG_LEASE_S: Final = 30.0
SHORT_LEASE_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Replica:
    """A gateway in a process of its own."""

    name: str
    process: Any
    url: str
    client: httpx.AsyncClient

    def signal(self, which: signal.Signals) -> None:
        os.kill(self.process.pid, which)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Suspend the process during the block."""
        self.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()

    async def ready(self) -> str:
        """Return the status of `/ready`."""
        status: str = (await self.client.get("/ready")).json()["status"]
        return status


@contextlib.asynccontextmanager
async def running_replica(
    environ: Mapping[str, str],
    name: str = "a",
    *,
    lease_s: float = LONG_LEASE_S,
    log: Path | None = None,
) -> AsyncIterator[Replica]:
    """Run a gateway. Use a short lease only if it is suspended: slow machines lose it too."""
    async with (
        gateway_process(environ, str(lease_s), program="short_lease_gateway", log=log) as (
            process,
            url,
        ),
        client_at(url) as client,
    ):
        yield Replica(name, process, url, client)


@contextlib.asynccontextmanager
async def running_replicas(
    *environs: Mapping[str, str], lease_s: float = LONG_LEASE_S
) -> AsyncIterator[Sequence[Replica]]:
    """Run one for each environment, started at the same time; named `a`, `b`, …"""
    async with contextlib.AsyncExitStack() as stack:
        contexts = [
            running_replica(environ, chr(ord("a") + place), lease_s=lease_s)
            for place, environ in enumerate(environs)
        ]
        yield await asyncio.gather(*(stack.enter_async_context(each) for each in contexts))


def short_backoff_environment(
    sandbox_url: str, database_url: str, **others: object
) -> dict[str, str]:
    """The settings of a gateway that soon sends again; others by section and name."""
    return {
        **gateway_environment(sandbox_url, database_url),
        "UPGRADE_GATEWAY_OPERATIONS__INITIAL_BACKOFF_S": "0.05",
        **{f"UPGRADE_GATEWAY_{name.upper()}": str(value) for name, value in others.items()},
    }


def unthrottled_sandbox(customers: int = 40, **options: Any) -> Sandbox:
    """Create a sandbox with many possible upgrades and no rate limits."""
    return frozen_clock_sandbox(
        SandboxOptions(
            customers=customers,
            throttle=ThrottleOptions(enabled=False),
            timings=Timings(provisioning_s=0),
            **options,
        )
    )


def pick_upgrades(sandbox: Sandbox, count: int) -> Sequence[PossibleUpgrade]:
    """Return upgrades that the vendor allows."""
    possible = (
        upgrade
        for upgrade in list_possible_upgrades(sandbox)
        if expected_state(sandbox, upgrade.input("")) == "DONE"
    )
    return [upgrade for upgrade, _ in zip(possible, range(count), strict=False)]
