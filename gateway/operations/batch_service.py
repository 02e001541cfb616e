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
from resolvers.orders import UpgradeOrder
from resolvers.ports.batches import BatchAlreadyEnded, BatchesPage
from resolvers.ports.errors import KeyReused
from resolvers.ports.operations import Position
from schema.batch import BatchLinesPage, UpgradeBatch, UpgradeBatchLine, count_by_state
from schema.keys import BatchLinesKey


class BatchService:
    """What one principal may do and see.

    Args:
        gate: lets its new orders in; None lets all in.
        sees_all: it may look after the batches of every principal.
        calls: counts the upstream calls of its lines, while it waits.
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
        """What the ids of all that it may see begin with; most requests ask for none."""
        return "" if self._sees_all else principal_prefix(self._principal)

    async def submit(self, orders: Sequence[UpgradeOrder], idempotency_key: str) -> UpgradeBatch:
        """Record orders as one batch, or find what was recorded under its key."""
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
        recorded = await self._batches.submit(record)
        if recorded.payload_hash != record.payload_hash:
            raise KeyReused
        return batch_to_graphql(await self._get_existing(record.id))

    async def wait_for_outcome(self, batch_id: str, timeout_s: float) -> UpgradeBatch:
        """Wait for the end, or for the time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._batches.wait_ended(batch_id)
        self._calls.stop()
        return batch_to_graphql(await self._get_existing(batch_id))

    async def find(self, batch_id: str) -> UpgradeBatch | None:
        """Find a batch that this principal may see."""
        found = await self._own(batch_id)
        return None if found is None else batch_to_graphql(found)

    async def find_by_key(self, idempotency_key: str, principal: str | None) -> UpgradeBatch | None:
        """Find the batch of a key, of another principal where it may see that."""
        return await self.find(operation_id(principal or self._principal, idempotency_key))

    async def list_page(self, first: int, after: Position | None) -> BatchesPage:
        """Read on from a position, and see whether more follow."""
        visible = None if self._sees_all else self._principal
        wanted = OperationFilter(first + 1, principal=visible, before=after)
        found = await self._runtime.reader.find_batches(wanted)
        positions = [(to_microseconds(each.record.created_at), each.record.id) for each in found]
        return BatchesPage(
            [batch_to_graphql(each) for each in found[:first]],
            positions[:first],
            has_next=len(found) > first,
        )

    async def list_lines(self, key: BatchLinesKey) -> BatchLinesPage:
        """Pick the lines that fit, and read the operations of one page of them."""
        found = await self._get_existing(key.batch_id)
        numbers = [
            number
            for number, state in enumerate(found.states, 1)
            if number > key.after_number and (not key.states or state in key.states)
        ]
        ids = [line_id(found.record.id, number) for number in numbers[: key.first]]
        lines = [
            UpgradeBatchLine(
                number=place[1], operation=operation_to_graphql(line, self._runtime.families)
            )
            for line in await self._runtime.reader.get_many(ids)
            if (place := parse_line_number(line.record.id)) is not None
        ]
        return BatchLinesPage(lines, has_next=len(numbers) > key.first)

    async def cancel(self, batch_id: str) -> UpgradeBatch | None:
        """Record that nothing more of a batch is to be sent."""
        found = await self._own(batch_id)
        if found is None:
            return None
        if found.is_final and found.cancelled_at is None:
            raise BatchAlreadyEnded
        if found.cancelled_at is None:
            at = self._runtime.clock.wall()
            await self._batches.cancel(
                BatchCancellation(batch_id=batch_id, principal=self._principal, at=at)
            )
        return batch_to_graphql(await self._get_existing(batch_id))

    async def watch(self, batch_id: str) -> AsyncGenerator[UpgradeBatch, None]:
        """Yield it as it stands and after changes, up to its end."""
        if batch_id.startswith(self._prefix):
            async for found in self._batches.watch(batch_id):
                yield batch_to_graphql(found)

    async def _own(self, batch_id: str) -> BatchSnapshot | None:
        if not batch_id.startswith(self._prefix):
            return None
        return await self._runtime.reader.get_batch(batch_id)

    async def _get_existing(self, batch_id: str) -> BatchSnapshot:
        found = await self._own(batch_id)
        if found is None:
            raise LookupError(f"batch {batch_id} was recorded and is gone")
        return found


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
