"""Checks that nothing is bought twice, lost or reported wrongly while everything around fails.

    python -m benches.chaos [--keys 2000] [--lines 1000] [--guards off]

Replicas are killed and PostgreSQL is stopped while keys are sent, some of them several times, and
responses of the vendor are lost. Every response of every replica is compared with what the sandbox
did. With its guards off, the sandbox forgets request ids at once and allows to upgrade a source
again and again, so only the gateway prevents a second purchase.
"""

import asyncio
import contextlib
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx

from benches.report import BenchReport, Figure, build_parser, publish
from gateway.sandbox.app import Sandbox
from gateway.sandbox.faults import Fault, FaultKind
from gateway.sandbox.options import SandboxOptions, ThrottleOptions, Timings
from tests.support.batch_documents import BATCH, batch_input, read_all_lines, submit_batch
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.postgres import PostgresServer, find_programs, running_server
from tests.support.replicas import (
    Replica,
    pick_upgrades,
    running_replica,
    short_backoff_environment,
)
from tests.support.response_recorder import OUTCOMES, ResponseRecorder
from tests.support.server import serving
from tests.support.upgrades import PossibleUpgrade, execute
from tests.support.waiting import eventually

_REPLICAS: Final = 3
_LEASE_S: Final = 15.0
_CONCURRENT_KEYS: Final = 150
_POLLED: Final = 10
_POLL_EVERY_S: Final = 0.25
_RETRY_AFTER_S: Final = 0.5
_END_WITHIN_S: Final = 180.0
_LINES_CONCURRENT_KEYS: Final = 64
_NO_LOG: Final = Path(os.devnull)
_BATCH_KEY: Final = "batch-1"


@dataclass(frozen=True, slots=True)
class ChaosPlan:
    """The load and the faults of one run.

    Attributes:
        work_s: how long the vendor needs for an upgrade.
        lost: the share of upgrades whose first response is lost.
        kill_every_s: the interval at which a replica is killed and replaced.
        outages_s: the durations for which the database is stopped.
        has_guards: whether the vendor remembers request ids and retires sources.
    """

    keys: int = 2_000
    lines: int = 1_000
    work_s: float = 6.0
    lost: float = 0.04
    kill_every_s: float = 3.0
    outages_s: Sequence[float] = (10.0, 10.0)
    has_guards: bool = False
    seed: int = 7


@dataclass(slots=True)
class ReplicaFleet:
    """Running replicas, by place; a replica that is killed is replaced in its place."""

    environ: Mapping[str, str]
    running: dict[int, Replica] = field(default_factory=dict)
    kills: int = 0
    _stacks: dict[int, contextlib.AsyncExitStack] = field(default_factory=dict)

    async def start(self, place: int) -> None:
        stack = self._stacks[place] = contextlib.AsyncExitStack()
        running = running_replica(
            self.environ, f"{place}.{self.kills}", lease_s=_LEASE_S, log=_NO_LOG
        )
        self.running[place] = await stack.enter_async_context(running)

    async def replace(self, place: int) -> None:
        """Kill a replica and start another one in its place."""
        self.kills += 1
        await self.running.pop(place).kill()
        await self._stacks.pop(place).aclose()
        await self.start(place)

    async def stop(self) -> None:
        for stack in self._stacks.values():
            await stack.aclose()

    def clients(self) -> dict[str, httpx.AsyncClient]:
        return {each.name: each.client for each in self.running.values()}


@contextlib.asynccontextmanager
async def running_fleet(environ: Mapping[str, str]) -> AsyncIterator[ReplicaFleet]:
    started = ReplicaFleet(environ)
    try:
        await asyncio.gather(*(started.start(place) for place in range(_REPLICAS)))
        yield started
    finally:
        await started.stop()


@dataclass(slots=True)
class ChaosRun:
    """Sends many keys while faults happen."""

    plan: ChaosPlan
    fleet: ReplicaFleet
    recorder: ResponseRecorder
    chance: random.Random
    sent: int = 0

    async def run(self, upgrades: Mapping[str, PossibleUpgrade], postgres: PostgresServer) -> None:
        """Send every key during the faults, then wait until all operations have ended."""
        async with asyncio.TaskGroup() as group:
            faults = [
                group.create_task(self._kill()),
                group.create_task(self._follow()),
                group.create_task(self._stop_database(postgres)),
            ]
            limit = asyncio.Semaphore(_CONCURRENT_KEYS)
            sending = [
                group.create_task(self._send(key, upgrade, limit))
                for key, upgrade in upgrades.items()
            ]
            await asyncio.wait(sending)
            await faults.pop()
            for task in faults:
                task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_WITHIN_S):
                await self.recorder.wait_until_ended(self.fleet.clients(), upgrades)

    async def _send(self, key: str, upgrade: PossibleUpgrade, limit: asyncio.Semaphore) -> None:
        """Send a key one to three times, each until a replica accepts it."""
        async with limit:
            await asyncio.gather(
                *(self._send_until_accepted(key, upgrade) for _ in range(self.chance.randint(1, 3)))
            )
            self.sent += 1

    async def _send_until_accepted(self, key: str, upgrade: PossibleUpgrade) -> None:
        while True:
            replica = self._random_replica()
            wait_seconds = self.chance.choice((0, 1, 20))
            result = replica and await self.recorder.upgrade(
                replica.name, replica.client, key, upgrade, wait_seconds
            )
            if result and result.operation:
                return
            await asyncio.sleep(_RETRY_AFTER_S)

    def _random_replica(self) -> Replica | None:
        living = list(self.fleet.running.values())
        return self.chance.choice(living) if living else None

    async def _count_sent(self) -> int:
        return self.sent

    async def _kill(self) -> None:
        while True:
            await asyncio.sleep(self.plan.kill_every_s)
            await self.fleet.replace(self.chance.choice(list(self.fleet.running)))

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(_POLL_EVERY_S)
            known = list(self.recorder.responses)
            replica = self._random_replica()
            if known and replica:
                some = self.chance.sample(known, min(_POLLED, len(known)))
                await self.recorder.read(replica.name, replica.client, some)

    async def _stop_database(self, postgres: PostgresServer) -> None:
        """Stop the database in different modes, spread over the time in which keys are sent."""
        for number, seconds in enumerate(self.plan.outages_s, 1):
            due = self.plan.keys * number // (1 + len(self.plan.outages_s))
            await eventually(self._count_sent, due.__le__)
            mode = ("fast", "immediate")[number % 2]
            await asyncio.to_thread(postgres.stop, mode)
            await asyncio.sleep(seconds)
            await asyncio.to_thread(postgres.start)


def build_vendor(plan: ChaosPlan, count: int) -> tuple[Sandbox, Sequence[PossibleUpgrade]]:
    """Create a sandbox with this many possible upgrades, some of whose responses are lost."""
    sandbox = frozen_clock_sandbox(
        SandboxOptions(
            customers=max(40, count),
            throttle=ThrottleOptions(enabled=False),
            timings=Timings(
                provisioning_s=0, idempotency_memory_s=86_400.0 if plan.has_guards else 0.0
            ),
            source_after_upgrade="suspended" if plan.has_guards else "active",
        )
    )
    upgrades = pick_upgrades(sandbox, count)
    chance = random.Random(plan.seed)  # noqa: S311 - the same faults each time
    sandbox.faults.add(
        Fault(FaultKind.LATENCY, "perform_upgrade", times=None, seconds=plan.work_s),
        *(
            Fault(FaultKind.CUT_AFTER, "perform_upgrade", subscription_id=upgrade.subscription_id)
            for upgrade in upgrades
            if chance.random() < plan.lost
        ),
    )
    return sandbox, upgrades


def replica_settings(plan: ChaosPlan, sandbox_url: str, database_url: str) -> dict[str, str]:
    """Return the settings of a replica; without guards, they assume no idempotency window."""
    others = {} if plan.has_guards else {"operations__idempotency_window_s": 0}
    return short_backoff_environment(
        sandbox_url,
        database_url,
        operations__store_timeout_s=2,
        batches__lines_at_once=_LINES_CONCURRENT_KEYS,
        **others,
    )


async def measure_keys(plan: ChaosPlan, postgres: PostgresServer) -> BenchReport:
    sandbox, upgrades = build_vendor(plan, plan.keys)
    recorder = ResponseRecorder(sandbox)
    keys = {f"key-{number}": upgrade for number, upgrade in enumerate(upgrades)}
    async with (
        serving(sandbox) as url,
        running_fleet(replica_settings(plan, url, postgres.new_database())) as replicas,
    ):
        chance = random.Random(plan.seed)  # noqa: S311 - nothing secret
        await ChaosRun(plan, replicas, recorder, chance).run(keys, postgres)
    ends, untruths = recorder.count_outcomes(), recorder.find_contradictions()
    for each in untruths[:20]:
        print(each)
    bought = Counter(len(recorder.find_purchases(key)) for key in recorder.responses)
    doubts = [
        key for key, results in recorder.responses.items() if results[-1].outcome == "IN_DOUBT"
    ]
    row: dict[str, Figure] = {
        "keys": str(len(keys)),
        "responses": recorder.response_count,
        "kills": replicas.kills,
        "bought": bought[1],
        "bought twice": sum(count for times, count in bought.items() if times > 1),
        "lost": len(keys.keys() - recorder.responses.keys()),
        "open": ends["OPEN"],
        "reported wrongly": len(untruths),
        **{state: ends[state] for state in sorted(OUTCOMES) if ends[state]},
        "in doubt, bought": sum(bool(recorder.find_purchases(key)) for key in doubts),
    }
    return BenchReport(f"keys, the sandbox's guards {_guards(plan)}", [row])


async def measure_batch(plan: ChaosPlan, postgres: PostgresServer) -> BenchReport:
    """Send one batch; kill a replica three times, and stop the database once."""
    sandbox, upgrades = build_vendor(plan, plan.lines)
    database_url = postgres.new_database()
    async with (
        serving(sandbox) as url,
        running_fleet(replica_settings(plan, url, database_url)) as replicas,
    ):
        chance = random.Random(plan.seed)  # noqa: S311 - nothing secret
        batch_id = await _submit(
            replicas.running[0], batch_input(_BATCH_KEY, list(upgrades), waitSeconds=0)
        )
        performed = sandbox.world.upgrades_performed
        for part in range(1, 5):
            enough = part * plan.lines / 6
            await sandbox.calls.wait_until(partial(_has_performed, performed, enough))
            if part == 4:
                await asyncio.to_thread(postgres.stop, "immediate")
                await asyncio.to_thread(postgres.start)
            else:
                await replicas.replace(chance.choice(list(replicas.running)))
        rows = [
            _compare_lines(sandbox, replica.name, await _lines(replica, batch_id))
            for replica in replicas.running.values()
        ]
    return BenchReport(f"a batch of {plan.lines}, the sandbox's guards {_guards(plan)}", rows)


async def _submit(replica: Replica, order: dict[str, object]) -> str:
    """Submit a batch, again if it is unknown whether it was recorded, as callers are told to."""
    while True:
        payload = await submit_batch(replica.client, order)
        if payload["batch"] is not None:
            batch_id: str = payload["batch"]["id"]
            return batch_id
        codes = [error["code"] for error in payload["userErrors"]]
        if codes != ["STORE_UNAVAILABLE"]:
            raise AssertionError(payload["userErrors"])


def _has_performed(performed: Counter[str], enough: float, _: object) -> bool:
    return performed.total() >= enough


async def _lines(replica: Replica, batch_id: str) -> list[dict[str, Any]]:
    """Wait until a replica reports that a batch has ended, and read its lines."""

    async def read() -> int:
        still_open: int = (await execute(replica.client, BATCH, id=batch_id))["batch"]["counts"][
            "open"
        ]
        return still_open

    # A replica that started while the database was down opens it a moment later.
    await eventually(replica.ready, lambda status: status == "ready")
    await eventually(read, lambda still_open: still_open == 0)
    return await read_all_lines(replica.client, batch_id)


def _compare_lines(
    sandbox: Sandbox, name: str, lines: Sequence[Mapping[str, Any]]
) -> dict[str, Figure]:
    """Compare what a replica reports about the lines with what the sandbox did."""
    request_ids = Counter(sandbox.world.request_ids.values())
    states: Counter[str] = Counter()
    wrong = twice = 0
    for each in lines:
        operation = each["operation"]
        bought = request_ids[operation["requestId"].lower()]
        states[operation["state"]] += 1
        twice += bought > 1
        is_done = operation["state"] == "DONE"
        wrong += operation["state"] != "IN_DOUBT" and is_done != bool(bought)
    return {
        "replica": name,
        "lines": len(lines),
        "bought": request_ids.total(),
        "bought twice": twice,
        "reported wrongly": wrong,
        **{state: states[state] for state in ("DONE", "IN_DOUBT", "REFUSED", "FAILED")},
    }


def _guards(plan: ChaosPlan) -> str:
    return "on" if plan.has_guards else "off"


def measure(plan: ChaosPlan) -> list[BenchReport]:
    """Run both trials on a new PostgreSQL server."""
    found = find_programs()
    if found is None:
        raise SystemExit("PostgreSQL is not installed. Install it to run this bench.")
    with running_server(found) as postgres:
        reports = []
        for count, trial in ((plan.keys, measure_keys), (plan.lines, measure_batch)):
            if count:
                reports.append(asyncio.run(trial(plan, postgres)))
        return reports


def main() -> None:
    """Try as args."""
    parser = build_parser(__doc__)
    parser.add_argument("--keys", type=int, default=2_000)
    parser.add_argument("--lines", type=int, default=1_000)
    parser.add_argument("--work-s", type=float, default=6.0)
    parser.add_argument("--lost", type=float, default=0.04)
    parser.add_argument("--kill-every-s", type=float, default=3.0)
    parser.add_argument("--guards", choices=("on", "off"), default="off")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    plan = ChaosPlan(
        keys=args.keys,
        lines=args.lines,
        work_s=args.work_s,
        lost=args.lost,
        kill_every_s=args.kill_every_s,
        has_guards=args.guards == "on",
        seed=args.seed,
    )
    publish(measure(plan), args)


if __name__ == "__main__":
    main()
