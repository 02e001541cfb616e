"""The store as one process reaches it: over a network, and with faults.

A transaction that was sent can execute after its task was cancelled, and after its process was
killed. A transaction of a suspended process executes now, or when the process continues.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Final, Protocol, TypeVar

from gateway.operations.model.batch import BatchCancellation, BatchRecord, BatchResult
from gateway.operations.model.record import OperationRecord, StoredStruct
from gateway.operations.model.steps import OperationResult, Settlement
from gateway.operations.store.base import (
    Claim,
    OperationCounts,
    OperationFilter,
    SeatReservation,
    StoredBatch,
    StoredOperation,
    StoreUnavailable,
    Takeover,
)
from schema.operation import OperationState
from tests.simulation.faults import TransactionFate
from tests.simulation.loop import Actor, SimulatedLoop
from tests.simulation.tables import Tables

T = TypeVar("T")

# Other transactions lock the row of their operation, so that later ones wait for their commit.
_COMMITTED_LATE: Final = frozenset({"record", "batch", "take over"})


class StoreClient(Protocol):
    """A process that uses the store."""

    @property
    def actor(self) -> Actor: ...

    @property
    def loop(self) -> SimulatedLoop: ...

    def draw_transaction_fate(self, *, writes: bool) -> TransactionFate: ...

    def store_error(self, *, writes: bool) -> str | None:
        """Return why the database rejects calls of this process now; None if it accepts them."""
        ...

    def reached(self, point: str) -> None:
        """Fire the faults that are triggered at a point."""
        ...

    def on_recorded(self, record: OperationRecord) -> None:
        """Called when an operation is committed."""
        ...

    def on_stored(self, operation_id: str, what: StoredStruct) -> None:
        """Called when a step or an outcome is committed."""
        ...

    def on_resume(self, act: Callable[[], None]) -> None:
        """Call `act` when the process continues or ends."""
        ...


class SimulatedStore:
    """Implements `gateway.operations.store.base.OperationStore` for a run of a process."""

    def __init__(self, tables: Tables, user: StoreClient) -> None:
        self.lease_s = tables.LEASE_S
        self._tables = tables
        self._client = user
        self._is_open = False

    async def open(self) -> None:
        await self._transact("open", lambda: None, writes=True)
        self._is_open = True

    async def close(self) -> None:
        self._is_open = False

    async def acquire_lease(self, process: str) -> None:
        await self._write("lease", partial(self._tables.acquire_lease, process))

    async def renew_lease(self, process: str) -> bool:
        return await self._write("renew", partial(self._tables.renew_lease, process))

    async def release_lease(self, process: str) -> None:
        await self._write("release", partial(self._tables.release_lease, process))

    async def read_other_leases(self, process: str) -> dict[str, int]:
        return await self._read("leases", partial(self._tables.read_other_leases, process))

    async def take_over(self, process: str, expired: Mapping[str, int]) -> list[Takeover]:
        act = partial(self._tables.take_over, process, expired)
        return await self._write("take over", act)

    async def list_owned(self, process: str) -> list[Takeover]:
        return await self._read("owned", partial(self._tables.list_owned, process))

    async def reclaim(self, process: str, executed: Collection[str]) -> list[Takeover]:
        return await self._write("reclaim", partial(self._tables.reclaim, process, executed))

    async def record(self, record: OperationRecord, process: str) -> Claim | None:
        def act() -> Claim | None:
            claim = self._tables.record(record, process)
            if claim is not None:
                self._client.on_recorded(record)
            return claim

        return await self._write("record", act)

    async def append(self, claim: Claim, number: int, name: str, step: StoredStruct) -> None:
        def act() -> None:
            if self._tables.append(claim, number, name, step):
                self._client.on_stored(claim.id, step)

        await self._write(name, act)

    async def finish(self, claim: Claim, ended: OperationResult) -> None:
        def act() -> None:
            if self._tables.finish(claim, ended):
                self._client.on_stored(claim.id, ended)

        await self._write("finish", act)

    async def acquire_subject(self, claim: Claim, subject: str) -> StoredOperation | None:
        holds = partial(self._tables.holds_subject, claim, subject)
        if await self._read("subject held", holds):
            return None
        return await self._write("subject", partial(self._tables.acquire_subject, claim, subject))

    async def credit(self, claim: Claim, purchase: str) -> str:
        return await self._write("credit", partial(self._tables.credit, claim, purchase))

    async def find_others_of_customer(
        self, claim: Claim, customer_id: str, since: float
    ) -> list[StoredOperation]:
        act = partial(self._tables.find_others_of_customer, claim, customer_id, since)
        return await self._write("others", act)

    async def get(self, operation_id: str) -> StoredOperation | None:
        return await self._read("get", partial(self._tables.get, operation_id))

    async def find(self, wanted: OperationFilter) -> list[StoredOperation]:
        return await self._read("find", partial(self._tables.find, wanted))

    async def count_operations(self) -> OperationCounts:
        return await self._read("count", self._tables.count_operations)

    async def settle(self, settlement: Settlement) -> Settlement:
        return await self._write("settle", partial(self._tables.settle, settlement))

    async def record_batch(self, record: BatchRecord, process: str) -> Claim | None:
        return await self._write("batch", partial(self._tables.record_batch, record, process))

    async def get_batch(self, batch_id: str) -> StoredBatch | None:
        return await self._read("get batch", partial(self._tables.get_batch, batch_id))

    async def find_batches(self, wanted: OperationFilter) -> list[StoredBatch]:
        return await self._read("find batches", partial(self._tables.find_batches, wanted))

    async def read_line_states(self, batch_id: str) -> dict[int, OperationState | None]:
        return await self._read("lines", partial(self._tables.read_line_states, batch_id))

    async def cancel_batch(self, cancellation: BatchCancellation) -> None:
        await self._write("cancel", partial(self._tables.cancel_batch, cancellation))

    async def finish_batch(self, claim: Claim, ended: BatchResult) -> None:
        await self._write("finish batch", partial(self._tables.finish_batch, claim, ended))

    async def reserve_seats(
        self, reservation: SeatReservation, since: float, refuse: Callable[[int], str | None]
    ) -> str | None:
        act = partial(self._tables.reserve_seats, reservation, since, refuse)
        return await self._write("seats", act)

    async def preview_key(self, candidate: bytes) -> bytes:
        return await self._write("key", partial(self._tables.preview_key, candidate))

    async def _write(self, name: str, act: Callable[[], T]) -> T:
        return await self._transact(name, act, writes=True)

    async def _read(self, name: str, act: Callable[[], T]) -> T:
        return await self._transact(name, act, writes=False)

    async def _transact(self, name: str, act: Callable[[], T], *, writes: bool) -> T:
        if self._client.actor.is_killed:
            raise asyncio.CancelledError
        if not self._is_open and name != "open":
            raise StoreUnavailable("the store is not open")
        fate = self._client.draw_transaction_fate(writes=writes)
        answer: asyncio.Future[T] = self._client.loop.create_future()
        if fate.delay_s:
            arrive = partial(self._execute, name, act, fate, writes, answer)
            self._client.loop.schedule(fate.delay_s, arrive)
        else:
            self._execute(name, act, fate, writes, answer)
        self._client.reached(f"{name} sent")
        return await answer

    def _execute(
        self,
        name: str,
        act: Callable[[], T],
        fate: TransactionFate,
        writes: bool,
        answer: "asyncio.Future[T]",
    ) -> None:
        """Execute the transaction at the database."""
        user = self._client
        if user.actor.is_killed and not fate.survives_process:
            return
        if answer.cancelled() and not fate.survives_cancellation:
            return
        if user.actor.is_suspended and not fate.survives_process:
            user.on_resume(partial(self._execute, name, act, fate, writes, answer))
            return
        refusal = user.store_error(writes=writes) or fate.error
        result: T | Exception
        if refusal is not None:
            result = StoreUnavailable(refusal)
        elif fate.is_response_lost:
            result = StoreUnavailable("the connection was lost", may_be_stored=True)
            if fate.is_committed:
                committed_s = fate.commit_delay_s if name in _COMMITTED_LATE else 0.0
                user.loop.schedule(committed_s, partial(self._commit, name, act))
        else:
            result = self._commit(name, act)
        user.loop.schedule(fate.response_s, partial(_deliver, answer, result))

    def _commit(self, name: str, act: Callable[[], T]) -> T | Exception:
        try:
            result = act()
        except Exception as error:  # noqa: BLE001 - sent as the response
            return error
        self._client.reached(f"{name} stored")
        return result


def _deliver(answer: "asyncio.Future[T]", result: T | Exception) -> None:
    if answer.done():
        return
    if isinstance(result, Exception):
        answer.set_exception(result)
    else:
        answer.set_result(result)
