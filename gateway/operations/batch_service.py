"""The batches of one principal: implements `resolvers.ports.batches.Batches`."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from functools import cached_property

from strawberry import ID

from gateway.operations.call_counter import MutationCallCounter, OperationCallCounter
from gateway.operations.model.batch import (
    BatchCancellation,
    create_batch,
    line_id,
    parse_line_number,
)
from gateway.operations.model.record import Policy, operation_id, principal_prefix, to_microseconds
from gateway.operations.policy.admission import PrincipalAdmission
from gateway.operations.presenter import operation_to_graphql, to_datetime
from gateway.operations.running_batch import BatchSnapshot
from gateway.operations.runtime import OperationRuntime
from gateway.operations.store.base import OperationFilter
from resolvers.orders import Order
from resolvers.ports.batches import BatchAlreadyEnded, BatchesPage
from resolvers.ports.errors import KeyReused
from resolvers.ports.operations import Position
from schema.batch import BatchLinesPage, UpgradeBatch, UpgradeBatchLine, count_by_state
from schema.keys import BatchLinesKey


class BatchService:
    """The batches of one principal; see `resolvers.ports.batches.Batches`.

    Args:
        admission: applies the purchase policy to new orders; None admits all.
        calls: counts the upstream calls of the lines while the request waits.
        sees_all: whether the principal may read and cancel the batches of every principal.
    """

    def __init__(
        self,
        runtime: OperationRuntime,
        principal: str,
        policy: Policy,
        admission: PrincipalAdmission | None = None,
        calls: MutationCallCounter | None = None,
        *,
        sees_all: bool = False,
    ) -> None:
        self._runtime = runtime
        self._batches = runtime.batches
        self._principal = principal
        self._policy = policy
        self._admission = admission
        self._sees_all = sees_all
        self._calls = calls or OperationCallCounter().start_mutation()

    @cached_property
    def _prefix(self) -> str:
        """The prefix of the ids that the principal may read."""
        return "" if self._sees_all else principal_prefix(self._principal)

    async def submit(self, orders: Sequence[Order], idempotency_key: str) -> UpgradeBatch:
        """Record orders as one batch; if the key has a batch already, return that one."""
        record = create_batch(
            orders,
            self._principal,
            idempotency_key,
            request_seed=self._runtime.new_id(),
            now=self._runtime.clock.wall(),
            policy=self._policy,
        )
        if self._admission is not None and await self._runtime.reader.get_batch(record.id) is None:
            await self._admission.admit(record.id, orders)
        self._calls.wait_for(record.id)
        stored = await self._batches.submit(record)
        if stored.payload_hash != record.payload_hash:
            raise KeyReused
        return batch_to_graphql(await self._get_existing(record.id))

    async def wait_for_outcome(self, batch_id: str, timeout_s: float) -> UpgradeBatch:
        """Wait until the batch has ended, but at most `timeout_s`, and return its state."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._batches.wait_ended(batch_id)
        self._calls.stop()
        return batch_to_graphql(await self._get_existing(batch_id))

    async def find(self, batch_id: str) -> UpgradeBatch | None:
        """Return a batch; None if there is none that the principal may read."""
        batch = await self._get_visible(batch_id)
        return None if batch is None else batch_to_graphql(batch)

    async def find_by_key(self, idempotency_key: str, principal: str | None) -> UpgradeBatch | None:
        """Return the batch with this key; of another principal only if this one may read all."""
        return await self.find(operation_id(principal or self._principal, idempotency_key))

    async def list_page(self, first: int, after: Position | None) -> BatchesPage:
        """Return one page of batches after a position, newest first."""
        visible = None if self._sees_all else self._principal
        query = OperationFilter(first + 1, principal=visible, before=after)
        batches = await self._runtime.reader.find_batches(query)
        positions = [(to_microseconds(each.record.created_at), each.record.id) for each in batches]
        return BatchesPage(
            [batch_to_graphql(each) for each in batches[:first]],
            positions[:first],
            has_next=len(batches) > first,
        )

    async def list_lines(self, key: BatchLinesKey) -> BatchLinesPage:
        """Return one page of a batch's lines that have one of the requested states."""
        batch = await self._get_existing(key.batch_id)
        numbers = [
            number
            for number, state in enumerate(batch.states, 1)
            if number > key.after_number and (not key.states or state in key.states)
        ]
        ids = [line_id(batch.record.id, number) for number in numbers[: key.first]]
        lines = [
            UpgradeBatchLine(
                number=position[1], operation=operation_to_graphql(line, self._runtime.families)
            )
            for line in await self._runtime.reader.get_many(ids)
            if (position := parse_line_number(line.record.id)) is not None
        ]
        return BatchLinesPage(lines, has_next=len(numbers) > key.first)

    async def cancel(self, batch_id: str) -> UpgradeBatch | None:
        """Cancel a batch, so that no more lines start. Returns None for an unknown batch."""
        batch = await self._get_visible(batch_id)
        if batch is None:
            return None
        if batch.is_final and batch.cancelled_at is None:
            raise BatchAlreadyEnded
        if batch.cancelled_at is None:
            at = self._runtime.clock.wall()
            await self._batches.cancel(
                BatchCancellation(batch_id=batch_id, principal=self._principal, at=at)
            )
        return batch_to_graphql(await self._get_existing(batch_id))

    async def watch(self, batch_id: str) -> AsyncGenerator[UpgradeBatch, None]:
        """Yield a batch now and after changes, until it has ended."""
        if batch_id.startswith(self._prefix):
            async for batch in self._batches.watch(batch_id):
                yield batch_to_graphql(batch)

    async def _get_visible(self, batch_id: str) -> BatchSnapshot | None:
        if not batch_id.startswith(self._prefix):
            return None
        return await self._runtime.reader.get_batch(batch_id)

    async def _get_existing(self, batch_id: str) -> BatchSnapshot:
        batch = await self._get_visible(batch_id)
        if batch is None:
            raise LookupError(f"batch {batch_id} was recorded but cannot be found")
        return batch


def batch_to_graphql(batch: BatchSnapshot) -> UpgradeBatch:
    return UpgradeBatch(
        id=ID(batch.record.id),
        state=batch.state,
        idempotency_key=batch.record.idempotency_key,
        counts=count_by_state(batch.states),
        created_at=to_datetime(batch.record.created_at),
        updated_at=to_datetime(batch.updated_at),
        cancelled_at=None if batch.cancelled_at is None else to_datetime(batch.cancelled_at),
        principal=batch.record.principal,
    )
