"""Runs a plan: its functions first, then whatever they wait for, as it comes.

A value that must be awaited leaves a `Pending` in its place. When everything that could be run
at once has been run, each Pending is awaited by a task of its own, which completes the value,
writes it where the Pending stood and starts what the value in turn waits for. No branch of the
response waits for another, and there is nothing to put together at the end.

A task of its own, since resolvers may use timeouts and task groups, which belong to tasks; a
single Pending, as at the top of most queries, is awaited by the request's own task.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, located_error
from graphql.execution import VariableValues
from strawberry.execution import optimized_is_awaitable

from gateway.engine.pending import Pending, discard, look_at
from gateway.engine.places import Complete, Place, Spot, keys_of

if TYPE_CHECKING:
    from gateway.engine.arguments import Arguments
    from gateway.engine.plan import Plan


@dataclass(frozen=True, slots=True)
class Request:
    """What one execution is given besides its document."""

    context: Any
    root_value: Any
    variables: dict[str, Any]
    operation_name: str | None
    operation_extensions: dict[str, Any] | None


class Run:
    """One execution of a plan.

    Attributes:
        data: the response's data so far.
        errors: the errors so far, in the order in which they were caught.
        unplaced: what is pending in containers that are being made.
        shared_arguments: arguments that are the same for every call in this run.
    """

    def __init__(self, plan: "Plan", variables: VariableValues, request: Request) -> None:
        self.plan = plan
        self.variables = variables
        self.request = request
        self.data: dict[str, Any] | None = None
        self.errors: list[GraphQLError] = []
        self.unplaced: list[Pending] = []
        self.shared_arguments: dict[Arguments, Mapping[str, Any]] = {}
        self._placed: list[Pending] = []
        self._nulled: set[tuple[str | int, ...]] = set()
        self._live: dict[asyncio.Task[None], Pending] = {}
        self._settled: asyncio.Future[None] | None = None
        self._tracked: list[asyncio.Future[Any]] = []  # the loop itself forgets its tasks

    async def execute(self) -> dict[str, Any] | None:
        """Run every step of the plan; a null that reaches the root ends the run."""
        merged: dict[str, Any] = {}
        try:
            for step in self.plan.steps:
                await self._run(step)
                if self.data is None:
                    return None
                merged.update(self.data)
        finally:
            for pending in (*self.unplaced, *self._placed):  # none, unless the request is over
                discard(pending.awaitable)
        return merged

    async def _run(self, step: Complete) -> None:
        try:
            self.data = step(self.request.root_value, None, "", self)
        except GraphQLError as error:
            self._null((), error)
        while self._placed:
            if len(self._placed) == 1:
                await self._settle(self._placed.pop())
            else:
                await self._settle_all()

    def later(
        self,
        awaitable: Awaitable[Any],
        complete: Complete,
        above: Place | None,
        key: str | int,
        spot: Spot,
    ) -> Pending:
        """Put off completing a value until it is there."""
        pending = Pending(awaitable, complete, above, key, spot)
        self.unplaced.append(pending)
        return pending

    def place(self, *containers: Any) -> None:
        """Tell what is pending in objects and lists that these are made."""
        unplaced = []
        for pending in self.unplaced:
            for container in containers:
                if pending.stands_in(container):
                    pending.container = container
                    self._placed.append(pending)
                    break
            else:
                unplaced.append(pending)
        self.unplaced = unplaced

    def fail(self, error: Exception, above: Place | None, key: str | int, spot: Spot) -> None:
        """Report an error and leave null, or raise it on where null may not stand."""
        keys = [*keys_of(above), key]
        located = located_error(error, spot.nodes, keys)
        if spot.is_non_null:
            raise located
        self._report(located, tuple(keys))

    def track(self, values: Sequence[Any]) -> None:
        """Look after what a resolver started and will not await."""
        for value in values:
            if optimized_is_awaitable(value):
                task = asyncio.ensure_future(value)
                task.add_done_callback(look_at)
                self._tracked.append(task)

    def _report(self, error: GraphQLError, keys: tuple[str | int, ...]) -> None:
        """Note an error and the null it leaves, and give up what is pending below that null."""
        self.errors.append(error)
        self._nulled.add(keys)
        if self.unplaced:
            dropped = [p for p in self.unplaced if _is_below(p, keys)]
            for pending in dropped:
                discard(pending.awaitable)
            self.unplaced = [p for p in self.unplaced if p not in dropped]

    def _is_dropped(self, pending: Pending) -> bool:
        """Whether a null stands where the pending value would, or above."""
        if not self._nulled:
            return False
        keys = pending.keys
        return any(keys[:length] in self._nulled for length in range(len(keys) + 1))

    def _fail_late(self, error: Exception, pending: Pending) -> None:
        """Null the nearest place above a failed value where null may stand."""
        above, key, spot = pending.above, pending.key, pending.spot
        keys = pending.keys
        located = located_error(error, spot.nodes, list(keys))
        place: Place | None = (above, key, spot)
        while place is not None and place[2].is_non_null:
            place = place[0]
        self._null(tuple(keys_of(place)), located)

    def _null(self, keys: tuple[str | int, ...], error: GraphQLError) -> None:
        self._report(error, keys)
        if not keys:
            self.data = None
        elif self.data is not None:
            container: Any = self.data
            for key in keys[:-1]:
                container = container[key]
            container[keys[-1]] = None
        for task, pending in self._live.items():
            if not pending.is_dropped and _is_below(pending, keys):
                pending.is_dropped = True
                task.cancel()

    async def _settle(self, pending: Pending) -> None:
        """Await one value, complete it and write it where it belongs."""
        if self._is_dropped(pending):
            discard(pending.awaitable)
            return
        try:
            value = await pending.awaitable
            if self._is_dropped(pending):
                return
            value = pending.complete(value, pending.above, pending.key, self)
        except Exception as error:  # noqa: BLE001 - any error of a field is reported there
            if not self._is_dropped(pending):
                self._fail_late(error, pending)
            return
        pending.container[pending.key] = value
        if self.unplaced:
            self.place(pending.container)
        if self._live:
            self._start()

    async def _settle_all(self) -> None:
        """Await all values that are pending, and all that become so, side by side."""
        self._settled = asyncio.get_running_loop().create_future()
        self._start()
        try:
            await self._settled
        finally:
            while self._live:
                for task in self._live:
                    task.cancel()
                await asyncio.wait(self._live)

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        placed, self._placed = self._placed, []
        for pending in placed:
            task = loop.create_task(self._settle(pending))
            self._live[task] = pending
            task.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        """Look at how a task ended; the last one ends the waiting."""
        pending = self._live.pop(task)
        discard(pending.awaitable)
        settled = self._settled
        if settled is None or settled.done():
            return
        if task.cancelled():
            if not pending.is_dropped:
                settled.cancel()  # the resolver gave up, and the request with it
        elif (fault := task.exception()) is not None:
            settled.set_exception(fault)
        if not self._live and not settled.done():
            settled.set_result(None)


def _is_below(pending: Pending, keys: tuple[str | int, ...]) -> bool:
    return pending.keys[: len(keys)] == keys
