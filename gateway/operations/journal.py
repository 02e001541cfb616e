"""The steps of an operation: performed once, stored, and replayed after a restart."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.observability.tracing import Tracing
from gateway.operations.model.record import StoredStruct
from gateway.operations.model.steps import AttemptIntended, CheckResult
from gateway.operations.running_batch import RunningBatches
from gateway.operations.running_operation import RunningOperation
from gateway.operations.store_session import StoreSession

S = TypeVar("S", bound=StoredStruct)


class StoredJournal:
    """Stores the steps of one operation. Implements `Journal` of `activities`."""

    def __init__(
        self,
        running: RunningOperation,
        session: StoreSession,
        batches: RunningBatches,
        tracing: Tracing | None = None,
    ) -> None:
        self._running = running
        self._session = session
        self._batches = batches
        self._tracing = tracing
        self._position = 0

    async def step(self, name: str, kind: type[S], act: Callable[[], Awaitable[S]]) -> S:
        """Perform a step and store its result, or return the result that is stored already.

        Raises OwnershipLost if another process executes the operation now, and TypeError if the
        stored step has another type, because the code of the workflow has changed.
        """
        position = self._position
        self._position += 1
        if position < len(self._running.steps):
            stored = self._running.steps[position]
            if not isinstance(stored, kind):
                raise TypeError(f"step {position} is stored as {type(stored).__name__}, not {name}")
            return stored
        if name != "wait":
            # A call from here on may be too late for this step: it lets the next wait pass.
            self._running.caller_returned.clear()
        if self._tracing is None:
            return await self._perform(name, act)
        with self._tracing.span(name, {"upgrade_gateway.operation.id": self._running.record.id}):
            return await self._perform(name, act)

    async def _perform(self, name: str, act: Callable[[], Awaitable[S]]) -> S:
        result = await act()
        await self._store(name, result)
        return result

    async def _store(self, name: str, step: StoredStruct) -> None:
        running, store = self._running, self._session.store
        number = len(running.steps)
        await self._session.retry(lambda: store.append(running.claim, number, name, step), running)
        # True from the announcement of an attempt until the next step, which is its result.
        running.is_sending = (
            isinstance(step, CheckResult | AttemptIntended) and step.intent is not None
        )
        running.add_step(step)
        self._batches.update_line(running)
