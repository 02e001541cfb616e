"""The operations of one principal: implements `resolvers.ports.operations.Operations`."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import cached_property
from typing import Final

from gateway.operations.call_counter import MutationCallCounter, OperationCallCounter
from gateway.operations.model.batch import line_id
from gateway.operations.model.record import (
    Policy,
    create_record,
    datetime_to_microseconds,
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
from schema.errors import Forbidden
from schema.keys import SubscriptionKey
from schema.operation import OperationState, UpgradeOperation
from schema.quoting import quote

_PAGE_SIZE: Final = 100


class OperationService:
    """The operations of one principal; see `resolvers.ports.operations.Operations`.

    Args:
        admission: applies the purchase policy to new orders; None admits all.
        calls: counts the upstream calls of the orders while the request waits.
        sees_all: whether the principal may read and settle the operations of every principal.
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
        """The prefix of the ids that the principal may read."""
        return "" if self._sees_all else principal_prefix(self._principal)

    async def submit(self, order: Order, idempotency_key: str) -> UpgradeOperation:
        """Record an order; if the key has an operation already, return that one."""
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
        stored = await self._runtime.submit(record)
        if stored.payload_hash != hash_order(order):
            raise KeyReused
        return await self._get_existing(record.id)

    async def wait_for_outcome(self, operation_id: str, timeout_s: float) -> UpgradeOperation:
        """Wait until the operation has ended, but at most `timeout_s`, and return its state."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                snapshot = await self._runtime.reader.wait_ended(operation_id)
                if snapshot is not None:
                    self._calls.stop()
                    return self._to_graphql(snapshot)
        self._calls.stop()
        return await self._get_existing(operation_id)

    async def find(self, operation_id: str) -> UpgradeOperation | None:
        """Return an operation; None if there is none that the principal may read."""
        if not operation_id.startswith(self._prefix):
            return None
        snapshot = await self._runtime.reader.get(operation_id)
        return None if snapshot is None else self._to_graphql(snapshot)

    async def find_by_key(
        self, idempotency_key: str, principal: str | None = None
    ) -> UpgradeOperation | None:
        """Return the operation with this key, which may be the key of a line of a batch."""
        owner = principal or self._principal
        operation = await self.find(operation_id(owner, idempotency_key))
        batch_key, _, number = idempotency_key.rpartition("#")
        if operation is not None or not number.isdecimal():
            return operation
        return await self.find(line_id(operation_id(owner, batch_key), int(number)))

    async def watch(self, operation_id: str) -> AsyncGenerator[UpgradeOperation, None]:
        """Yield an operation now and after changes, until it has ended."""
        if not operation_id.startswith(self._prefix):
            return
        async with aclosing(self._runtime.streams.watch(operation_id)) as snapshots:
            async for snapshot in snapshots:
                yield self._to_graphql(snapshot)

    async def settle(
        self, operation_id: str, *, is_done: bool, note: str
    ) -> UpgradeOperation | None:
        """Store the outcome that a person has found; returns None for an unknown operation."""
        if await self.find(operation_id) is None:
            return None
        snapshot = await self._runtime.reader.get(operation_id)
        if snapshot is None or snapshot.state is not OperationState.IN_DOUBT:
            raise NotInDoubt("Only an operation whose state is IN_DOUBT can be settled.")
        settlement = Settlement(
            operation_id=operation_id,
            principal=self._principal,
            is_done=is_done,
            note=note,
            at=self._runtime.clock.wall(),
        )
        stored = await self._runtime.settle(settlement)
        if stored.is_done != is_done:
            raise NotInDoubt("The operation has been settled with the opposite result.")
        return await self._get_existing(operation_id)

    async def list_page(self, key: OperationsKey) -> OperationsPage:
        """Return one page of operations with the wanted states.

        Reads as many pages from the store as this takes.
        """
        operations: list[UpgradeOperation] = []
        positions: list[Position] = []
        query = self._query(key)
        while True:
            scanned = await self._runtime.reader.find(query)
            for snapshot in scanned:
                after = to_microseconds(snapshot.record.created_at), snapshot.record.id
                query = replace(query, before=after)
                if key.states and snapshot.state not in key.states:
                    continue
                if len(operations) == key.first:
                    return OperationsPage(operations, positions, has_next=True)
                operations.append(self._to_graphql(snapshot))
                positions.append(after)
            if len(scanned) < _PAGE_SIZE:
                return OperationsPage(operations, positions, has_next=False)

    async def list_for_subscription(self, key: SubscriptionKey) -> Sequence[UpgradeOperation]:
        """Return the operations that change a subscription."""
        query = OperationFilter(
            _PAGE_SIZE, principal=self._visible, subject=subscription_subject(key)
        )
        return [self._to_graphql(each) for each in await self._runtime.reader.find(query)]

    def _query(self, key: OperationsKey) -> OperationFilter:
        if key.principal not in {None, self._principal} and not self._sees_all:
            raise Forbidden(
                f"principal is {quote(str(key.principal))}: reading another principal's operations"
                " requires the scope upgrades:admin. Omit principal to read your own."
            )
        return OperationFilter(
            _PAGE_SIZE,
            principal=self._visible if key.principal is None else key.principal,
            customer_id=key.customer_id,
            since=None if key.created_from is None else datetime_to_microseconds(key.created_from),
            until=(
                None if key.created_before is None else datetime_to_microseconds(key.created_before)
            ),
            kinds=[kind.name for kind in key.kinds],
            states=key.states,
            before=key.after,
        )

    @property
    def _visible(self) -> str | None:
        """The principal whose operations it may read; None for all."""
        return None if self._sees_all else self._principal

    async def _get_existing(self, operation_id: str) -> UpgradeOperation:
        snapshot = await self._runtime.reader.get(operation_id)
        if snapshot is None:
            raise LookupError(f"operation {operation_id} was recorded but cannot be found")
        return self._to_graphql(snapshot)

    def _to_graphql(self, snapshot: OperationSnapshot) -> UpgradeOperation:
        return operation_to_graphql(snapshot, self._runtime.families)
