"""Runs a plan: its functions first, then whatever they wait for, as it comes.

A value that must be awaited leaves a `Pending` in its place. When everything that could be run
at once has been run, all Pendings are waited for together. When a value is there it is completed
and written where its Pending stood, and what the value in turn waits for joins the others. No
branch of the response waits for another, and there is nothing to put together at the end.

A coroutine is awaited by a task of its own, since resolvers may use timeouts and task groups,
which belong to tasks; a single Pending, as at the top of most queries, by the request's own.
Futures, which loaders hand out, need no tasks: the request's own takes all that are done.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import GraphQLError, located_error
from graphql.execution import VariableValues
from strawberry.execution import optimized_is_awaitable

from gateway.engine.pending import Pending, discard, look_at
from gateway.engine.places import Complete, Place, Spot, keys_of

if TYPE_CHECKING:
    from gateway.engine.arguments import Arguments
    from gateway.engine.plan import Plan


class Request(NamedTuple):
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
        self._live: set[Pending] = set()
        self._ready: list[Pending] = []
        self._fault: BaseException | None = None
        self._woken: asyncio.Future[None] | None = None
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
        while len(self._placed) == 1:
            await self._settle(self._placed.pop())
        if self._placed:
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

    def place(self, here: Place | None, made: Any, *inside: Any) -> None:
        """Tell what is pending that the object or list at a place is made.

        What is not pending in itself may be in the objects inside that were made with it.
        """
        unplaced = []
        for pending in self.unplaced:
            container = made if pending.above is here else pending.found_in((made, *inside))
            if container is None:
                unplaced.append(pending)
            else:
                pending.container = container
                self._placed.append(pending)
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

    def _null(self, keys: tuple[str | int, ...], error: GraphQLError) -> None:
        self._report(error, keys)
        if not keys:
            self.data = None
        elif self.data is not None:
            container: Any = self.data
            for key in keys[:-1]:
                container = container[key]
            container[keys[-1]] = None
        for pending in self._live:
            if not pending.is_dropped and _is_below(pending, keys):
                pending.is_dropped = True
                pending.future.cancel()

    async def _settle(self, pending: Pending) -> None:
        """Await one value and put it where it belongs."""
        if self._nulled and self._is_dropped(pending):
            discard(pending.awaitable)
            return
        try:
            value = await pending.awaitable
        except Exception as error:  # noqa: BLE001 - any error of a field is reported there
            self._fail(pending, error)
        else:
            self._fill(pending, value)
        if self._live and self._placed:
            self._start()

    def _fill(self, pending: Pending, value: Any) -> None:
        """Complete a value that is there and write it where it belongs."""
        if self._nulled and self._is_dropped(pending):
            return
        try:
            value = pending.complete(value, pending.above, pending.key, self)
        except Exception as error:  # noqa: BLE001 - any error of a field is reported there
            self._fail(pending, error)
            return
        pending.container[pending.key] = value
        if self.unplaced:
            self.place(pending.above, pending.container)

    def _fail(self, pending: Pending, error: Exception) -> None:
        """Null the nearest place above a failed value where null may stand."""
        if self._is_dropped(pending):
            return
        keys = pending.keys
        located = located_error(error, pending.spot.nodes, list(keys))
        place: Place | None = (pending.above, pending.key, pending.spot)
        while place is not None and place[2].is_non_null:
            place = place[0]
        self._null(tuple(keys_of(place)), located)

    async def _settle_all(self) -> None:
        """Wait for all values that are pending, and all that become so, side by side."""
        loop = asyncio.get_running_loop()
        self._start()
        try:
            while self._live or self._ready:
                if not self._ready:
                    self._woken = loop.create_future()
                    await self._woken
                if self._fault is not None:
                    raise self._fault
                self._take_ready()
                self._start()
        finally:
            while self._live:
                for pending in self._live:
                    pending.future.cancel()
                await asyncio.wait({pending.future for pending in self._live})

    def _start(self) -> None:
        """Begin to wait for what is pending in containers that are made."""
        placed, self._placed = self._placed, []
        for pending in placed:
            if self._nulled and self._is_dropped(pending):
                discard(pending.awaitable)
                continue
            self._live.add(pending)
            if isinstance(pending.awaitable, asyncio.Future):
                pending.future = pending.awaitable
                pending.future.add_done_callback(partial(self._arrived, pending))
            else:
                pending.future = asyncio.create_task(self._settle(pending))
                pending.future.add_done_callback(partial(self._settled, pending))

    def _arrived(self, pending: Pending, future: "asyncio.Future[Any]") -> None:
        """Leave the value of a future to the request's own task."""
        look_at(future)
        if not pending.is_dropped:
            self._ready.append(pending)
        self._finish(pending)

    def _settled(self, pending: Pending, task: "asyncio.Future[Any]") -> None:
        """Look at how the task of a value ended."""
        if not task.cancelled():
            self._fault = task.exception() or self._fault
        else:
            discard(pending.awaitable)
            if not pending.is_dropped:  # the resolver gave up, and the request with it
                self._fault = asyncio.CancelledError()
        self._finish(pending)

    def _finish(self, pending: Pending) -> None:
        """Wait for a value no more, and wake the request's task if there is something to do."""
        self._live.remove(pending)
        is_due = self._ready or self._fault or not self._live
        if is_due and self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    def _take_ready(self) -> None:
        """Put the values of futures where they belong."""
        ready, self._ready = self._ready, []
        for pending in ready:
            try:
                value = pending.future.result()
            except Exception as error:  # noqa: BLE001 - any error of a field is reported there
                self._fail(pending, error)
            else:
                self._fill(pending, value)


def _is_below(pending: Pending, keys: tuple[str | int, ...]) -> bool:
    return pending.keys[: len(keys)] == keys
