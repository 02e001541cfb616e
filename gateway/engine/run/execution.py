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

from gateway.engine.run.pending import PendingValue, discard, retrieve_exception
from gateway.engine.types import FieldSlot, ResponsePath, ValueCompleter, path_keys

if TYPE_CHECKING:
    from gateway.engine.compile.arguments import ResolverArguments
    from gateway.engine.compile.plan import PlanCompiler


class ExecutionRequest(NamedTuple):
    """What one execution is given besides its document."""

    context: Any
    root_value: Any
    variables: dict[str, Any]
    operation_name: str | None
    operation_extensions: dict[str, Any] | None


class Execution:
    """One execution of a plan.

    Attributes:
        data: the response's data so far.
        errors: the errors so far, in the order in which they were caught.
        unplaced: what is pending in containers that are being made.
        shared_arguments: arguments that are the same for every call in this run.
    """

    def __init__(
        self, plan: "PlanCompiler", variables: VariableValues, request: ExecutionRequest
    ) -> None:
        self.plan = plan
        self.variables = variables
        self.request = request
        self.data: dict[str, Any] | None = None
        self.errors: list[GraphQLError] = []
        self.unattached: list[PendingValue] = []
        self.shared_arguments: dict[ResolverArguments, Mapping[str, Any]] = {}
        self._attached: list[PendingValue] = []
        self._nulled_paths: set[tuple[str | int, ...]] = set()
        self._in_flight: set[PendingValue] = set()
        self._ready: list[PendingValue] = []
        self._failure: BaseException | None = None
        self._wakeup: asyncio.Future[None] | None = None
        self._tracked_tasks: list[asyncio.Future[Any]] = []  # the loop itself forgets its tasks

    async def execute(self) -> dict[str, Any] | None:
        """Run every step of the plan; a null that reaches the root ends the run."""
        merged: dict[str, Any] = {}
        try:
            for step in self.plan.steps:
                await self._run_step(step)
                if self.data is None:
                    return None
                merged.update(self.data)
        finally:
            for pending in (*self.unattached, *self._attached):  # none, unless the request is over
                discard(pending.awaitable)
        return merged

    async def _run_step(self, step: ValueCompleter) -> None:
        try:
            self.data = step(self.request.root_value, None, "", self)
        except GraphQLError as error:
            self._set_null((), error)
        while len(self._attached) == 1:
            await self._await_value(self._attached.pop())
        if self._attached:
            await self._await_all()

    def defer(
        self,
        awaitable: Awaitable[Any],
        complete: ValueCompleter,
        above: ResponsePath | None,
        key: str | int,
        spot: FieldSlot,
    ) -> PendingValue:
        """Put off completing a value until it is there."""
        pending = PendingValue(awaitable, complete, above, key, spot)
        self.unattached.append(pending)
        return pending

    def attach(self, here: ResponsePath | None, made: Any, *inside: Any) -> None:
        """Tell what is pending that the object or list at a place is made.

        What is not pending in itself may be in the objects inside that were made with it.
        """
        unplaced = []
        for pending in self.unattached:
            container = made if pending.above is here else pending.find_container((made, *inside))
            if container is None:
                unplaced.append(pending)
            else:
                pending.container = container
                self._attached.append(pending)
        self.unattached = unplaced

    def fail(
        self, error: Exception, above: ResponsePath | None, key: str | int, spot: FieldSlot
    ) -> None:
        """Report an error and leave null, or raise it on where null may not stand."""
        keys = [*path_keys(above), key]
        located = located_error(error, spot.nodes, keys)
        if spot.is_non_null:
            raise located
        self._report(located, tuple(keys))

    def track(self, values: Sequence[Any]) -> None:
        """Look after what a resolver started and will not await."""
        for value in values:
            if optimized_is_awaitable(value):
                task = asyncio.ensure_future(value)
                task.add_done_callback(retrieve_exception)
                self._tracked_tasks.append(task)

    def _report(self, error: GraphQLError, keys: tuple[str | int, ...]) -> None:
        """Note an error and the null it leaves, and give up what is pending below that null."""
        self.errors.append(error)
        self._nulled_paths.add(keys)
        if self.unattached:
            dropped = [p for p in self.unattached if _is_below(p, keys)]
            for pending in dropped:
                discard(pending.awaitable)
            self.unattached = [p for p in self.unattached if p not in dropped]

    def _is_nulled(self, pending: PendingValue) -> bool:
        """Whether a null stands where the pending value would, or above."""
        if not self._nulled_paths:
            return False
        keys = pending.keys
        return any(keys[:length] in self._nulled_paths for length in range(len(keys) + 1))

    def _set_null(self, keys: tuple[str | int, ...], error: GraphQLError) -> None:
        self._report(error, keys)
        if not keys:
            self.data = None
        elif self.data is not None:
            container: Any = self.data
            for key in keys[:-1]:
                container = container[key]
            container[keys[-1]] = None
        for pending in self._in_flight:
            if not pending.is_discarded and _is_below(pending, keys):
                pending.is_discarded = True
                pending.future.cancel()

    async def _await_value(self, pending: PendingValue) -> None:
        """Await one value and put it where it belongs."""
        if self._nulled_paths and self._is_nulled(pending):
            discard(pending.awaitable)
            return
        try:
            value = await pending.awaitable
        except Exception as error:  # noqa: BLE001 - any error of a field is reported there
            self._store_error(pending, error)
        else:
            self._store_value(pending, value)
        if self._in_flight and self._attached:
            self._start_waiting()

    def _store_value(self, pending: PendingValue, value: Any) -> None:
        """Complete a value that is there and write it where it belongs."""
        if self._nulled_paths and self._is_nulled(pending):
            return
        try:
            value = pending.complete(value, pending.above, pending.key, self)
        except Exception as error:  # noqa: BLE001 - any error of a field is reported there
            self._store_error(pending, error)
            return
        pending.container[pending.key] = value
        if self.unattached:
            self.attach(pending.above, pending.container)

    def _store_error(self, pending: PendingValue, error: Exception) -> None:
        """Null the nearest place above a failed value where null may stand."""
        if self._is_nulled(pending):
            return
        keys = pending.keys
        located = located_error(error, pending.slot.nodes, list(keys))
        place: ResponsePath | None = (pending.above, pending.key, pending.slot)
        while place is not None and place[2].is_non_null:
            place = place[0]
        self._set_null(tuple(path_keys(place)), located)

    async def _await_all(self) -> None:
        """Wait for all values that are pending, and all that become so, side by side."""
        loop = asyncio.get_running_loop()
        self._start_waiting()
        try:
            while self._in_flight or self._ready:
                if not self._ready:
                    self._wakeup = loop.create_future()
                    await self._wakeup
                if self._failure is not None:
                    raise self._failure
                self._store_ready()
                self._start_waiting()
        finally:
            while self._in_flight:
                for pending in self._in_flight:
                    pending.future.cancel()
                await asyncio.wait({pending.future for pending in self._in_flight})

    def _start_waiting(self) -> None:
        """Begin to wait for what is pending in containers that are made."""
        placed, self._attached = self._attached, []
        for pending in placed:
            if self._nulled_paths and self._is_nulled(pending):
                discard(pending.awaitable)
                continue
            self._in_flight.add(pending)
            if isinstance(pending.awaitable, asyncio.Future):
                pending.future = pending.awaitable
                pending.future.add_done_callback(partial(self._on_future_done, pending))
            else:
                pending.future = asyncio.create_task(self._await_value(pending))
                pending.future.add_done_callback(partial(self._on_task_done, pending))

    def _on_future_done(self, pending: PendingValue, future: "asyncio.Future[Any]") -> None:
        """Leave the value of a future to the request's own task."""
        retrieve_exception(future)
        if not pending.is_discarded:
            self._ready.append(pending)
        self._stop_waiting(pending)

    def _on_task_done(self, pending: PendingValue, task: "asyncio.Future[Any]") -> None:
        """Look at how the task of a value ended."""
        if not task.cancelled():
            self._failure = task.exception() or self._failure
        else:
            discard(pending.awaitable)
            if not pending.is_discarded:  # the resolver gave up, and the request with it
                self._failure = asyncio.CancelledError()
        self._stop_waiting(pending)

    def _stop_waiting(self, pending: PendingValue) -> None:
        """Wait for a value no more, and wake the request's task if there is something to do."""
        self._in_flight.remove(pending)
        is_due = self._ready or self._failure or not self._in_flight
        if is_due and self._wakeup is not None and not self._wakeup.done():
            self._wakeup.set_result(None)

    def _store_ready(self) -> None:
        """Put the values of futures where they belong."""
        ready, self._ready = self._ready, []
        for pending in ready:
            try:
                value = pending.future.result()
            except Exception as error:  # noqa: BLE001 - any error of a field is reported there
                self._store_error(pending, error)
            else:
                self._store_value(pending, value)


def _is_below(pending: PendingValue, keys: tuple[str | int, ...]) -> bool:
    return pending.keys[: len(keys)] == keys
