"""Checks that a replica without its database sessions, or its lease, reports nothing false.

    python -m benches.takeovers [--rounds 20] [--keys 12] [--work-s 12]

Two replicas share a PostgreSQL database. While their calls to the vendor are in flight, all
database sessions of one replica are closed repeatedly until every operation has ended. In every
second round that replica is also paused (SIGSTOP) for longer than its lease, so that the other one
takes over. It resumes while the calls are still in flight, or after the other replica has reported
all outcomes. Every response of both (mutations, retries, polls by key and by id, subscription
events) is compared with what the sandbox did.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from itertools import islice
from typing import Final

from benches.report import BenchReport, Figure, build_parser, publish
from gateway.sandbox.app import Sandbox
from tests.support.leases import find_lease, owns_open_operations
from tests.support.postgres import PostgresServer, find_programs, running_server
from tests.support.replicas import (
    HOLD_UPGRADES,
    Replica,
    pick_upgrades,
    running_replicas,
    short_backoff_environment,
    unthrottled_sandbox,
)
from tests.support.response_recorder import ResponseRecorder
from tests.support.server import serving
from tests.support.upgrades import PossibleUpgrade
from tests.support.waiting import eventually

_NAMES: Final = ("a", "b")
_WAITS_S: Final = (0, 1, 20, 60)
_END_SESSIONS_EVERY_S: Final = (0.2, 2.0)
_RETRY_AFTER_S: Final = 0.5
_TAKEN_OVER: Final = "SELECT count(*) FROM upgrade_gateway.operations WHERE epoch > 1"


class Disturbance(StrEnum):
    """The trouble of a replica while its calls are in flight."""

    SESSIONS = "sessions ended"
    LEASE = "lease lost, calls in flight"
    LATE = "lease lost, calls done"


_DISTURBANCES: Final = (
    Disturbance.SESSIONS,
    Disturbance.LEASE,
    Disturbance.SESSIONS,
    Disturbance.LATE,
)


@dataclass(frozen=True, slots=True)
class TakeoverPlan:
    """The rounds of one run.

    Attributes:
        keys: how many upgrades are requested in each round.
        work_s: how long the vendor needs at least for an upgrade.
    """

    rounds: int = 20
    keys: int = 12
    work_s: float = 12.0
    lease_s: float = 15.0
    seed: int = 7


@dataclass(slots=True)
class RoundResults:
    """The results of the rounds with one kind of disturbance."""

    recorder: ResponseRecorder
    rounds: int = 0
    sessions: int = 0
    taken_over: int = 0
    longest_s: float = 0.0


@dataclass(slots=True)
class TakeoverRun:
    """Runs the rounds; each disturbs one of two replicas, at random."""

    plan: TakeoverPlan
    sandbox: Sandbox
    postgres: PostgresServer
    database_url: str
    replicas: Sequence[Replica]
    chance: random.Random
    results: dict[Disturbance, RoundResults] = field(default_factory=dict)

    async def run(self, upgrades: Iterator[PossibleUpgrade]) -> None:
        """Run the rounds with each kind of disturbance in turn."""
        for number in range(self.plan.rounds):
            disturbance = _DISTURBANCES[number % len(_DISTURBANCES)]
            result = self.results.setdefault(
                disturbance, RoundResults(ResponseRecorder(self.sandbox))
            )
            keys = {
                f"key-{number}-{place}": upgrade
                for place, upgrade in enumerate(islice(upgrades, self.plan.keys))
            }
            started_at, taken_over = _now(), self._count_taken_over()
            await self._round(disturbance, result, keys)
            result.rounds += 1
            result.taken_over += self._count_taken_over() - taken_over
            result.longest_s = max(result.longest_s, _now() - started_at)
            self.sandbox.calls.clear()

    async def _round(
        self, disturbance: Disturbance, result: RoundResults, keys: Mapping[str, PossibleUpgrade]
    ) -> None:
        """Request upgrades from random replicas, and disturb one when all calls are in flight."""
        clients = {each.name: each.client for each in self.replicas}
        victim, other = self.chance.sample(self.replicas, 2)
        self.sandbox.faults.add(HOLD_UPGRADES)
        async with (
            result.recorder.polling(clients, list(keys)),
            asyncio.TaskGroup() as group,
        ):
            for key, upgrade in keys.items():
                to = self.chance.choice(self.replicas)
                group.create_task(self._send_until_accepted(result.recorder, to, key, upgrade))
            await self.sandbox.calls.wait_until(
                lambda calls: len(calls.running("perform_upgrade")) == len(keys)
            )
            due = _now() + self.plan.work_s
            await self._watch(result.recorder, keys, group)
            ending = group.create_task(self._end_sessions(result, victim))
            with contextlib.ExitStack() as stack:
                if disturbance is not Disturbance.SESSIONS:
                    await self._stop_until_taken_over(victim, stack)
                for key, upgrade in keys.items():
                    for replica in self.replicas:
                        retry = self._send_until_accepted(result.recorder, replica, key, upgrade)
                        group.create_task(retry)
                if disturbance is Disturbance.LEASE:
                    stack.close()
                await asyncio.sleep(due - _now())
                self.sandbox.faults.release()
                await result.recorder.wait_until_ended({other.name: other.client}, keys)
            await result.recorder.wait_until_ended(clients, keys)
            ending.cancel()

    async def _watch(
        self,
        recorder: ResponseRecorder,
        keys: Mapping[str, PossibleUpgrade],
        group: asyncio.TaskGroup,
    ) -> None:
        """Subscribe to every operation at every replica."""
        for replica in self.replicas:
            read = partial(recorder.read, replica.name, replica.client, list(keys))
            await eventually(read, lambda found: len(found) == len(keys))
            for key in keys:
                group.create_task(recorder.watch(replica.name, replica.client, key))

    async def _stop_until_taken_over(self, victim: Replica, stack: contextlib.ExitStack) -> None:
        """Pause a replica until another one owns its operations."""
        run = await find_lease(self.postgres, self.database_url, victim)
        assert run is not None
        stack.enter_context(victim.paused())
        owned = partial(owns_open_operations, self.postgres, self.database_url, run)
        await eventually(owned, lambda found: not found)

    async def _send_until_accepted(
        self, recorder: ResponseRecorder, replica: Replica, key: str, upgrade: PossibleUpgrade
    ) -> None:
        """Request an upgrade, and retry with the same key until it is recorded."""
        while True:
            wait_seconds = self.chance.choice(_WAITS_S)
            result = await recorder.upgrade(
                replica.name, replica.client, key, upgrade, wait_seconds
            )
            if result and result.operation:
                return
            await asyncio.sleep(_RETRY_AFTER_S)

    async def _end_sessions(self, result: RoundResults, victim: Replica) -> None:
        end = partial(self.postgres.end_sessions, self.database_url, victim.name)
        while True:
            result.sessions += await asyncio.to_thread(end)
            await asyncio.sleep(self.chance.uniform(*_END_SESSIONS_EVERY_S))

    def _count_taken_over(self) -> int:
        with self.postgres.connected(self.database_url) as connection:
            (count,) = connection.execute(_TAKEN_OVER).fetchone() or (0,)
            return int(count)


def _now() -> float:
    return asyncio.get_running_loop().time()


async def measure_rounds(plan: TakeoverPlan, postgres: PostgresServer) -> BenchReport:
    """Run all rounds on one pair of replicas."""
    sandbox = unthrottled_sandbox(customers=max(40, plan.rounds * plan.keys))
    url = postgres.new_database()
    async with serving(sandbox) as sandbox_url:
        environs = [
            short_backoff_environment(
                sandbox_url, f"{url}&application_name={name}", operations__store_timeout_s=2
            )
            for name in _NAMES
        ]
        async with running_replicas(*environs, lease_s=plan.lease_s) as replicas:
            chance = random.Random(plan.seed)  # noqa: S311 - the same choices each time
            for replica in replicas:
                await eventually(replica.ready, lambda status: status == "ready")
            trial = TakeoverRun(plan, sandbox, postgres, url, replicas, chance)
            await trial.run(iter(pick_upgrades(sandbox, plan.rounds * plan.keys)))
    rows = [_row(disturbance, result) for disturbance, result in trial.results.items()]
    return BenchReport(f"vendor calls of {plan.work_s:g} s, leases of {plan.lease_s:g} s", rows)


def measure(plan: TakeoverPlan) -> BenchReport:
    """Run all rounds on a new PostgreSQL server."""
    found = find_programs()
    if found is None:
        raise SystemExit("PostgreSQL is not installed. Install it to run this bench.")
    with running_server(found) as postgres:
        return asyncio.run(measure_rounds(plan, postgres))


def _row(disturbance: Disturbance, result: RoundResults) -> dict[str, Figure]:
    recorder = result.recorder
    untruths = recorder.find_contradictions()
    for each in untruths[:20]:
        print(each)
    bought = Counter(len(recorder.find_purchases(key)) for key in recorder.responses)
    done = [
        key
        for key, responses in recorder.responses.items()
        if {each.replica for each in responses if each.state == "DONE"} == {*_NAMES}
    ]
    return {
        "disturbance": str(disturbance),
        "rounds": result.rounds,
        "keys": len(recorder.responses),
        "responses": recorder.response_count,
        "events": recorder.event_count,
        "sessions ended": result.sessions,
        "taken over": result.taken_over,
        "bought once": bought[1],
        "DONE on both": len(done),
        "reported wrongly": len(untruths),
        "longest s": result.longest_s,
    }


def main() -> None:
    """Try as args."""
    parser = build_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--keys", type=int, default=12)
    parser.add_argument("--work-s", type=float, default=12.0)
    parser.add_argument("--lease-s", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    plan = TakeoverPlan(args.rounds, args.keys, args.work_s, args.lease_s, args.seed)
    publish([measure(plan)], args)


if __name__ == "__main__":
    main()
