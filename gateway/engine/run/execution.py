"""Executes a plan and waits for the values that are not available at once.

A value that must be awaited leaves a PendingValue in the response. When everything that can run
without waiting has run, all pending values are awaited together. Each value that arrives is
completed and replaces its PendingValue; what it waits for in turn joins the others. No branch of
the response waits for another.

A coroutine gets a task of its own, because resolvers may use timeouts and task groups, which
belong to tasks. A single pending value, as at the top of most queries, is awaited in the task of
the request. Promises, which loaders return, and futures need no task.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from functools import partial
from typing import Any

from graphql import GraphQLError, located_error
from graphql.execution import VariableValues
from strawberry.execution import optimized_is_awaitable

from gateway.engine.run.pending import PendingValue, discard, retrieve_exception
from gateway.engine.types import (
    ExecutionRequest,
    FieldSlot,
    Plan,
    ResponsePath,
    ValueCompleter,
    path_keys,
)


class Execution:
    """One execution of a plan.

    Attributes:
        data: the data of the response so far.
        errors: the errors so far, in the order in which they occurred.
        unattached: the pending values whose object or list is not created yet.
        shared_arguments: arguments that are the same for all calls of a resolver.
    """

    data: dict[str, Any] | None = None
    _failure: BaseException | None = None
    _wakeup: asyncio.Future[None] | None = None

    def __init__(self, plan: Plan, variables: VariableValues, request: ExecutionRequest) -> None:
        self.plan = plan
        self.variables = variables
        self.request = request
        self.errors: list[GraphQLError] = []
        self.unattached: list[PendingValue] = []
        self.shared_arguments: dict[object, Mapping[str, Any]] = {}
        self._attached: list[PendingValue] = []
        self._nulled_paths: set[tuple[str | int, ...]] = set()
        self._in_flight: set[PendingValue] = set()
        self._ready: list[PendingValue] = []
        # The event loop holds only weak references to its tasks.
        self._tracked_tasks: list[asyncio.Future[Any]] = []

    async def execute(self) -> dict[str, Any] | None:
        """Run all steps of the plan. Returns the data; None if a null reached the root."""
        merged: dict[str, Any] = {}
        try:
            for step in self.plan.steps:
                self._run_step(step)
                while len(self._attached) == 1:
                    await self._await_value(self._attached.pop())
                if self._attached:
                    await self._await_all()
                if self.data is None:
                    return None
                merged.update(self.data)
        finally:
            if self.unattached or self._attached:  # after a cancellation
                for pending in (*self.unattached, *self._attached):
                    discard(pending.awaitable)
        return merged

    def _run_step(self, step: ValueCompleter) -> None:
        try:
            self.data = step(self.request.root_value, None, "", self)
        except GraphQLError as error:
            self._set_null((), error)

    def defer(
        self,
        awaitable: Awaitable[Any],
        complete: ValueCompleter,
        parent: ResponsePath | None,
        key: str | int,
        slot: FieldSlot,
    ) -> PendingValue:
        """Return the placeholder for a value that is completed when the awaitable is done."""
        pending = PendingValue(awaitable, complete, parent, key, slot)
        self.unattached.append(pending)
        return pending

    def attach(self, path: ResponsePath | None, created: Any, *nested: Any) -> None:
        """Tell the pending values at `path` that the object or list that contains them is created.

        `nested` are values that were created at the same time and may contain pending values too.
        """
        pending_values, self.unattached = self.unattached, []
        for pending in pending_values:
            if pending.parent is path:
                pending.container = created
            else:
                pending.container = pending.find_container((created, *nested))
            if pending.container is None:
                self.unattached.append(pending)
            else:
                self._attached.append(pending)

    def fail(
        self, error: Exception, parent: ResponsePath | None, key: str | int, slot: FieldSlot
    ) -> None:
        """Report an error and return None as the field's value; raise it if null is not allowed."""
        keys = [*path_keys(parent), key]
        located = located_error(error, slot.nodes, keys)
        if slot.is_non_null:
            raise located
        self._report(located, tuple(keys))

    def track(self, values: Sequence[Any]) -> None:
        """Run awaitables that a resolver started but does not await."""
        for value in values:
            if optimized_is_awaitable(value):
                task = asyncio.ensure_future(value)
                task.add_done_callback(retrieve_exception)
                self._tracked_tasks.append(task)

    def _report(self, error: GraphQLError, keys: tuple[str | int, ...]) -> None:
        """Add an error, and discard what is pending below the null that the error leaves."""
        self.errors.append(error)
        self._nulled_paths.add(keys)
        if self.unattached:
            discarded = [p for p in self.unattached if _is_below(p, keys)]
            for pending in discarded:
                discard(pending.awaitable)
            self.unattached = [p for p in self.unattached if p not in discarded]

    def _is_nulled(self, pending: PendingValue) -> bool:
        """Whether a null has replaced the pending value or an object around it."""
        if not self._nulled_paths:
            return False
        keys = pending.keys
        return any(keys[:length] in self._nulled_paths for length in range(len(keys) + 1))

    def _set_null(self, keys: tuple[str | int, ...], error: GraphQLError) -> None:
        """Report an error, write null at the path, and cancel what is pending below it."""
        self._report(error, keys)
        if not keys:
            self.data = None
        elif self.data is not None:
            container: Any = self.data
            for key in keys[:-1]:
                container = container[key]
            container[keys[-1]] = None
        for pending in list(self._in_flight):
            if not pending.is_discarded and _is_below(pending, keys):
                self._cancel(pending)

    async def _await_value(self, pending: PendingValue) -> None:
        """Await one value and store it in the response."""
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
        """Complete a value and write it over its placeholder."""
        if self._nulled_paths and self._is_nulled(pending):
            return
        try:
            value = pending.complete(value, pending.parent, pending.key, self)
        except Exception as error:  # noqa: BLE001 - any error of a field is reported there
            self._store_error(pending, error)
            return
        pending.container[pending.key] = value
        if self.unattached:
            self.attach(pending.parent, pending.container)

    def _store_error(self, pending: PendingValue, error: Exception) -> None:
        """Report an error and write null at the nearest path that allows it."""
        if self._is_nulled(pending):
            return
        keys = pending.keys
        located = located_error(error, pending.slot.nodes, list(keys))
        path: ResponsePath | None = (pending.parent, pending.key, pending.slot)
        while path is not None and path[2].is_non_null:
            path = path[0]
        self._set_null(tuple(path_keys(path)), located)

    async def _await_all(self) -> None:
        """Await all pending values concurrently, and those that they lead to."""
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
                for pending in list(self._in_flight):
                    self._cancel(pending)
                if self._in_flight:
                    await asyncio.wait([p.future for p in self._in_flight if p.future is not None])

    def _start_waiting(self) -> None:
        """Start to await the pending values whose containers are created."""
        attached, self._attached = self._attached, []
        for pending in attached:
            if self._nulled_paths and self._is_nulled(pending):
                discard(pending.awaitable)
                continue
            self._in_flight.add(pending)
            on_settled = getattr(pending.awaitable, "on_settled", None)
            if on_settled is not None:
                on_settled(partial(self._on_settled, pending))
            elif isinstance(pending.awaitable, asyncio.Future):
                pending.future = pending.awaitable
                pending.future.add_done_callback(partial(self._on_future_done, pending))
            else:
                pending.future = asyncio.create_task(self._await_value(pending))
                pending.future.add_done_callback(partial(self._on_task_done, pending))

    def _cancel(self, pending: PendingValue) -> None:
        """Stop to wait for a value. A promise goes on, as others may wait for it."""
        pending.is_discarded = True
        if pending.future is None:
            self._in_flight.remove(pending)
        else:
            pending.future.cancel()

    def _on_settled(self, pending: PendingValue, promise: Any) -> None:
        """Leave a promise's value to the task of the request."""
        if not pending.is_discarded:
            self._in_flight.remove(pending)
            self._ready.append(pending)
            if len(self._ready) == 1:
                self._wake()

    def _on_future_done(self, pending: PendingValue, future: "asyncio.Future[Any]") -> None:
        """Leave a future's value to the task of the request."""
        retrieve_exception(future)
        if not pending.is_discarded:
            self._ready.append(pending)
        self._stop_waiting(pending)

    def _on_task_done(self, pending: PendingValue, task: "asyncio.Future[Any]") -> None:
        """Note how the task of a value ended; it stores the value itself."""
        if not task.cancelled():
            self._failure = task.exception() or self._failure
        else:
            discard(pending.awaitable)
            if not pending.is_discarded:  # the resolver cancelled itself, so the request ends
                self._failure = asyncio.CancelledError()
        self._stop_waiting(pending)

    def _stop_waiting(self, pending: PendingValue) -> None:
        """Remove a value from those in flight; wake the request's task if it has work."""
        self._in_flight.remove(pending)
        if self._ready or self._failure or not self._in_flight:
            self._wake()

    def _wake(self) -> None:
        if self._wakeup is not None and not self._wakeup.done():
            self._wakeup.set_result(None)

    def _store_ready(self) -> None:
        """Store the values of all futures that are done."""
        ready, self._ready = self._ready, []
        for pending in ready:
            try:
                value = (pending.future or pending.awaitable).result()
            except Exception as error:  # noqa: BLE001 - any error of a field is reported there
                self._store_error(pending, error)
            else:
                self._store_value(pending, value)


def _is_below(pending: PendingValue, keys: tuple[str | int, ...]) -> bool:
    return pending.keys[: len(keys)] == keys
