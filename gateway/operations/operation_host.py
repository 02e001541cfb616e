"""Gives workflows access to subjects, other operations, pauses and cancellations."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from gateway.clock import Clock
from gateway.operations.batch_slots import BatchSlots
from gateway.operations.execution_registry import ExecutionRegistry
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import Failure
from gateway.operations.rival_operations import RECENT_S, RivalOperations
from gateway.operations.running_batch import RunningBatches
from gateway.operations.running_operation import RunningOperation
from gateway.operations.store.base import StoredOperation
from gateway.operations.store_session import StoreSession
from schema.operation import OperationState
from schema.user_errors import UserErrorCode


class OperationHost:
    """Gives the workflow of an operation access to the runtime. `WorkflowHost` documents it."""

    def __init__(
        self,
        session: StoreSession,
        running: ExecutionRegistry[RunningOperation],
        batches: RunningBatches,
        slots: BatchSlots,
        clock: Clock,
    ) -> None:
        self._session = session
        self._running = running
        self._batches = batches
        self._slots = slots
        self._clock = clock

    @property
    def process_run_id(self) -> str:
        return self._session.lease.process

    @property
    def may_send(self) -> bool:
        return self._session.lease.is_valid

    async def acquire_subject(self, record: OperationRecord) -> Failure | None:
        operation = self._get_running(record)
        holder = await self._session.retry(
            lambda: self._session.store.acquire_subject(operation.claim, record.subject), operation
        )
        return None if holder is None else conflict_failure(holder)

    async def rivals(self, record: OperationRecord) -> RivalOperations:
        operation = self._get_running(record)
        customer_id, since = record.order.customer_id, record.created_at - RECENT_S
        others = await self._session.retry(
            lambda: self._session.store.find_others_of_customer(
                operation.claim, customer_id, since
            ),
            operation,
        )
        return RivalOperations(record, tuple(others))

    async def is_credited_to_another(self, record: OperationRecord, purchase: str) -> bool:
        operation = self._get_running(record)
        buyer_id = await self._session.retry(
            lambda: self._session.store.credit(operation.claim, purchase.lower()), operation
        )
        return buyer_id != record.id

    async def pause(
        self, record: OperationRecord, seconds: float | None, *, is_unsent: bool
    ) -> None:
        """Wait as `WorkflowHost` says. A line of a batch lets other lines run meanwhile."""
        waiting: Coroutine[Any, Any, object] = (
            self._get_running(record).caller_returned.wait()
            if seconds is None
            else self._clock.sleep(seconds)
        )
        async with self._slots.released(record):
            if record.batch_id is None or not is_unsent:
                await waiting
            else:
                await _wait_first(waiting, self._batches.wait_cancelled(record.batch_id))

    async def is_cancelled(self, record: OperationRecord) -> bool:
        return record.batch_id is not None and await self._batches.is_cancelled(record.batch_id)

    def _get_running(self, record: OperationRecord) -> RunningOperation:
        operation = self._running.get(record.id)
        assert operation is not None  # noqa: S101 - only executed operations have workflows
        return operation


def conflict_failure(holder: StoredOperation) -> Failure:
    """Build the failure of an operation whose resource another operation is changing."""
    operation_id, result = holder.record.id, holder.result
    if result is not None and result.outcome.state is OperationState.IN_DOUBT:
        return Failure(
            code=UserErrorCode.EARLIER_IN_DOUBT,
            message=(
                f"Operation {operation_id} for the same subscription or product is IN_DOUBT: it"
                " may have taken effect. Check Partner Center, then call settleOperation for it."
            ),
        )
    return Failure(
        code=UserErrorCode.UPGRADE_IN_PROGRESS,
        message=(
            f"Operation {operation_id} is already changing the same subscription or product. Wait"
            " until it has ended before you submit another order."
        ),
    )


async def _wait_first(*waiting: Coroutine[Any, Any, object]) -> None:
    tasks = [asyncio.ensure_future(each) for each in waiting]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
