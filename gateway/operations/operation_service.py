"""The operations of one principal: implements `resolvers.ports.operations.Operations`."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import cached_property
from typing import Final

from gateway.operations.call_counter import MutationCallCounter, OperationCallCounter
from gateway.operations.model.batch import line_id
from gateway.operations.model.record import (
    Policy,
    create_record,
    hash_order,
    operation_id,
    principal_prefix,
    to_microseconds,
)
from gateway.operations.model.steps import Settlement
from gateway.operations.policy.admission import PrincipalAdmission
from gateway.operations.presenter import operation_to_graphql
from gateway.operations.runtime import OperationRuntime
from gateway.operations.snapshot import OperationSnapshot
from gateway.operations.store.base import OperationFilter
from resolvers.orders import Order, subscription_subject
from resolvers.ports.errors import KeyReused
from resolvers.ports.operations import NotInDoubt, OperationsKey, OperationsPage, Position
from schema.keys import SubscriptionKey
from schema.operation import OperationState, UpgradeOperation

_PAGE_SIZE: Final = 100


class OperationService:
    """What one principal may do and see.

    Args:
        gate: lets its new orders in; None lets all in.
        calls: counts the upstream calls of what it orders, while it waits.
        sees_all: it may look after the operations of every principal.
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
        self._principal = principal
        self._policy = policy
        self._admission = admission
        self._calls = calls or OperationCallCounter().start_mutation()
        self._sees_all = sees_all

    @cached_property
    def _prefix(self) -> str:
        """What the ids of all that it may see begin with; most requests ask for none."""
        return "" if self._sees_all else principal_prefix(self._principal)

    async def submit(self, order: Order, idempotency_key: str) -> UpgradeOperation:
        """Record an order, or find what was recorded under its key."""
        record = create_record(
            order,
            self._principal,
            idempotency_key,
            request_id=self._runtime.new_id(),
            now=self._runtime.clock.wall(),
            policy=self._policy,
        )
        if self._admission is not None and await self._runtime.reader.get(record.id) is None:
            await self._admission.admit(record.id, [order])
        self._calls.wait_for(record.id)
        recorded = await self._runtime.submit(record)
        if recorded.payload_hash != hash_order(order):
            raise KeyReused
        return await self._get_existing(record.id)

    async def wait_for_outcome(self, operation_id: str, timeout_s: float) -> UpgradeOperation:
        """Wait for the end, or for the time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                ended = await self._runtime.reader.wait_ended(operation_id)
                if ended is not None:
                    self._calls.stop()
                    return self._to_graphql(ended)
        self._calls.stop()
        return await self._get_existing(operation_id)

    async def find(self, operation_id: str) -> UpgradeOperation | None:
        """Find an operation that this principal may see."""
        if not operation_id.startswith(self._prefix):
            return None
        found = await self._runtime.reader.get(operation_id)
        return None if found is None else self._to_graphql(found)

    async def find_by_key(
        self, idempotency_key: str, principal: str | None = None
    ) -> UpgradeOperation | None:
        """Find the operation of a key, or the line of a batch that bears it."""
        whose = principal or self._principal
        found = await self.find(operation_id(whose, idempotency_key))
        batch_key, _, number = idempotency_key.rpartition("#")
        if found is not None or not number.isdecimal():
            return found
        return await self.find(line_id(operation_id(whose, batch_key), int(number)))

    async def watch(self, operation_id: str) -> AsyncGenerator[UpgradeOperation, None]:
        """Yield it as it stands and after changes, up to its end."""
        if not operation_id.startswith(self._prefix):
            return
        async with aclosing(self._runtime.streams.watch(operation_id)) as standings:
            async for found in standings:
                yield self._to_graphql(found)

    async def settle(
        self, operation_id: str, *, is_done: bool, note: str
    ) -> UpgradeOperation | None:
        """Give an operation in doubt its end, once."""
        if await self.find(operation_id) is None:
            return None
        found = await self._runtime.reader.get(operation_id)
        if found is None or found.state is not OperationState.IN_DOUBT:
            raise NotInDoubt("Only an operation that is IN_DOUBT can be settled.")
        settlement = Settlement(
            operation_id=operation_id,
            principal=self._principal,
            is_done=is_done,
            note=note,
            at=self._runtime.clock.wall(),
        )
        recorded = await self._runtime.settle(settlement)
        if recorded.is_done != is_done:
            raise NotInDoubt("It has been settled otherwise at the same time.")
        return await self._get_existing(operation_id)

    async def list_page(self, key: OperationsKey) -> OperationsPage:
        """Read on from a position until there are enough that fit."""
        operations: list[UpgradeOperation] = []
        positions: list[Position] = []
        behind = key.after
        while True:
            scanned = await self._scan(key.customer_id, behind)
            for found in scanned:
                behind = to_microseconds(found.record.created_at), found.record.id
                if key.states and found.state not in key.states:
                    continue
                if len(operations) == key.first:
                    return OperationsPage(operations, positions, has_next=True)
                operations.append(self._to_graphql(found))
                positions.append(behind)
            if len(scanned) < _PAGE_SIZE:
                return OperationsPage(operations, positions, has_next=False)

    async def list_for_subscription(self, key: SubscriptionKey) -> Sequence[UpgradeOperation]:
        """Find them by what they change."""
        wanted = OperationFilter(
            _PAGE_SIZE, principal=self._visible, subject=subscription_subject(key)
        )
        return [self._to_graphql(each) for each in await self._runtime.reader.find(wanted)]

    async def _scan(
        self, customer_id: str | None, behind: Position | None
    ) -> list[OperationSnapshot]:
        wanted = OperationFilter(
            _PAGE_SIZE, principal=self._visible, customer_id=customer_id, before=behind
        )
        return await self._runtime.reader.find(wanted)

    @property
    def _visible(self) -> str | None:
        """Whose operations it may see; None for everybody's."""
        return None if self._sees_all else self._principal

    async def _get_existing(self, operation_id: str) -> UpgradeOperation:
        found = await self._runtime.reader.get(operation_id)
        if found is None:
            raise LookupError(f"operation {operation_id} was recorded and is gone")
        return self._to_graphql(found)

    def _to_graphql(self, found: OperationSnapshot) -> UpgradeOperation:
        return operation_to_graphql(found, self._runtime.families)
