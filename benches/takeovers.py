"""Whether a replica that loses its database sessions, or its lease, tells anything false.

    python -m benches.takeovers [--rounds 20] [--keys 12] [--work-s 12]

Two replicas share a PostgreSQL database. While their calls to the vendor are out, all sessions of
one of them are ended, again and again until every operation has ended. In every second round it
also stands still (SIGSTOP) for longer than its lease, so that the other replica takes over. It
continues while the calls are still out, or once the other replica has told every end. Every
response of both is kept (mutations, retries, polls by key and by id, events of subscriptions) and
compared with what the sandbox did.
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

from benches.report import Figure, Report, build_parser, publish
from gateway.sandbox.app import Sandbox
from tests.support.leases import lease_of, owns_any
from tests.support.postgres import PostgresServer, programs, running_server
from tests.support.recorder import Recorder
from tests.support.replicas import (
    HELD,
    Replica,
    quick_environment,
    roomy_sandbox,
    running_replicas,
    some_wishes,
)
from tests.support.server import serving
from tests.support.upgrades import Wish
from tests.support.waiting import eventually

_NAMES: Final = ("a", "b")
_WAITS_S: Final = (0, 1, 20, 60)
_END_SESSIONS_EVERY_S: Final = (0.2, 2.0)
_AGAIN_S: Final = 0.5
_TAKEN_OVER: Final = "SELECT count(*) FROM upgrade_gateway.operations WHERE epoch > 1"


class Trouble(StrEnum):
    """What happens to a replica while its calls are out."""

    SESSIONS = "sessions ended"
    LEASE = "lease lost, calls still out"
    LATE = "lease lost, calls answered"


_TROUBLES: Final = (Trouble.SESSIONS, Trouble.LEASE, Trouble.SESSIONS, Trouble.LATE)


@dataclass(frozen=True, slots=True)
class Plan:
    """The rounds.

    Attributes:
        keys: how many upgrades are requested in each round.
        work_s: how long the vendor takes for an upgrade, at least.
    """

    rounds: int = 20
    keys: int = 12
    work_s: float = 12.0
    lease_s: float = 15.0
    seed: int = 7


@dataclass(slots=True)
class Tally:
    """What the rounds with one kind of trouble have shown."""

    recorder: Recorder
    rounds: int = 0
    sessions: int = 0
    taken_over: int = 0
    longest_s: float = 0.0


@dataclass(slots=True)
class Trial:
    """Rounds of trouble for two replicas, one or the other at random."""

    plan: Plan
    sandbox: Sandbox
    postgres: PostgresServer
    database_url: str
    replicas: Sequence[Replica]
    chance: random.Random
    tallies: dict[Trouble, Tally] = field(default_factory=dict)

    async def run(self, wishes: Iterator[Wish]) -> None:
        """Try every kind of trouble in turn."""
        for number in range(self.plan.rounds):
            trouble = _TROUBLES[number % len(_TROUBLES)]
            tally = self.tallies.setdefault(trouble, Tally(Recorder(self.sandbox)))
            keys = {
                f"key-{number}-{place}": wish
                for place, wish in enumerate(islice(wishes, self.plan.keys))
            }
            began, taken_over = _now(), self._count_taken_over()
            await self._round(trouble, tally, keys)
            tally.rounds += 1
            tally.taken_over += self._count_taken_over() - taken_over
            tally.longest_s = max(tally.longest_s, _now() - began)
            self.sandbox.calls.clear()

    async def _round(self, trouble: Trouble, tally: Tally, keys: Mapping[str, Wish]) -> None:
        """Request upgrades of random replicas, and make trouble once all calls are out."""
        clients = {each.name: each.client for each in self.replicas}
        victim, other = self.chance.sample(self.replicas, 2)
        self.sandbox.faults.add(HELD)
        async with (
            tally.recorder.following(clients, list(keys)),
            asyncio.TaskGroup() as group,
        ):
            for key, wish in keys.items():
                to = self.chance.choice(self.replicas)
                group.create_task(self._until_taken(tally.recorder, to, key, wish))
            await self.sandbox.calls.wait_until(
                lambda calls: len(calls.running("perform_upgrade")) == len(keys)
            )
            due = _now() + self.plan.work_s
            await self._watch(tally.recorder, keys, group)
            ending = group.create_task(self._end_sessions(tally, victim))
            with contextlib.ExitStack() as stack:
                if trouble is not Trouble.SESSIONS:
                    await self._stop_until_taken_over(victim, stack)
                for key, wish in keys.items():
                    for replica in self.replicas:
                        retry = self._until_taken(tally.recorder, replica, key, wish)
                        group.create_task(retry)
                if trouble is Trouble.LEASE:
                    stack.close()
                await asyncio.sleep(due - _now())
                self.sandbox.faults.release()
                await tally.recorder.until_ended({other.name: other.client}, keys)
            await tally.recorder.until_ended(clients, keys)
            ending.cancel()

    async def _watch(
        self, recorder: Recorder, keys: Mapping[str, Wish], group: asyncio.TaskGroup
    ) -> None:
        """Subscribe to every operation at every replica."""
        for replica in self.replicas:
            read = partial(recorder.read, replica.name, replica.client, list(keys))
            await eventually(read, lambda found: len(found) == len(keys))
            for key in keys:
                group.create_task(recorder.watch(replica.name, replica.client, key))

    async def _stop_until_taken_over(self, victim: Replica, stack: contextlib.ExitStack) -> None:
        """Let a replica stand still until another one owns its operations."""
        run = await lease_of(self.postgres, self.database_url, victim)
        assert run is not None
        stack.enter_context(victim.paused())
        owned = partial(owns_any, self.postgres, self.database_url, run)
        await eventually(owned, lambda found: not found)

    async def _until_taken(
        self, recorder: Recorder, replica: Replica, key: str, wish: Wish
    ) -> None:
        """Request an upgrade, and retry with the same key until it is recorded."""
        while True:
            wait_s = self.chance.choice(_WAITS_S)
            told = await recorder.upgrade(replica.name, replica.client, key, wish, wait_s)
            if told and told.operation:
                return
            await asyncio.sleep(_AGAIN_S)

    async def _end_sessions(self, tally: Tally, victim: Replica) -> None:
        end = partial(self.postgres.end_sessions, self.database_url, victim.name)
        while True:
            tally.sessions += await asyncio.to_thread(end)
            await asyncio.sleep(self.chance.uniform(*_END_SESSIONS_EVERY_S))

    def _count_taken_over(self) -> int:
        with self.postgres.connected(self.database_url) as connection:
            (count,) = connection.execute(_TAKEN_OVER).fetchone() or (0,)
            return int(count)


def _now() -> float:
    return asyncio.get_running_loop().time()


async def measure_rounds(plan: Plan, postgres: PostgresServer) -> Report:
    """Run all rounds on one pair of replicas."""
    sandbox = roomy_sandbox(customers=max(40, plan.rounds * plan.keys))
    url = postgres.new_database()
    async with serving(sandbox) as sandbox_url:
        environs = [
            quick_environment(
                sandbox_url, f"{url}&application_name={name}", operations__store_timeout_s=2
            )
            for name in _NAMES
        ]
        async with running_replicas(*environs, lease_s=plan.lease_s) as replicas:
            chance = random.Random(plan.seed)  # noqa: S311 - the same choices each time
            for replica in replicas:
                await eventually(replica.ready, lambda status: status == "ready")
            trial = Trial(plan, sandbox, postgres, url, replicas, chance)
            await trial.run(iter(some_wishes(sandbox, plan.rounds * plan.keys)))
    rows = [_row(trouble, tally) for trouble, tally in trial.tallies.items()]
    return Report(f"vendor calls of {plan.work_s:g} s, leases of {plan.lease_s:g} s", rows)


def measure(plan: Plan) -> Report:
    """Run all rounds on a database server of their own."""
    found = programs()
    if found is None:
        raise SystemExit("PostgreSQL is not installed")
    with running_server(found) as postgres:
        return asyncio.run(measure_rounds(plan, postgres))


def _row(trouble: Trouble, tally: Tally) -> dict[str, Figure]:
    recorder = tally.recorder
    untruths = recorder.untruths()
    for each in untruths[:20]:
        print(each)
    bought = Counter(len(recorder.bought(key)) for key in recorder.told)
    done = [
        key
        for key, told in recorder.told.items()
        if {each.replica for each in told if each.state == "DONE"} == {*_NAMES}
    ]
    return {
        "trouble": str(trouble),
        "rounds": tally.rounds,
        "keys": len(recorder.told),
        "responses": recorder.asked,
        "events": recorder.events,
        "sessions ended": tally.sessions,
        "taken over": tally.taken_over,
        "bought once": bought[1],
        "DONE on both": len(done),
        "untruths": len(untruths),
        "longest s": tally.longest_s,
    }


def main() -> None:
    """Try as told."""
    parser = build_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--keys", type=int, default=12)
    parser.add_argument("--work-s", type=float, default=12.0)
    parser.add_argument("--lease-s", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=7)
    told = parser.parse_args()
    plan = Plan(told.rounds, told.keys, told.work_s, told.lease_s, told.seed)
    publish([measure(plan)], told)


if __name__ == "__main__":
    main()
