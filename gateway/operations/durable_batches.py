"""Batches as DBOS keeps them; `durable.py` starts it.

A batch is one workflow without steps: its input is all of its lines, its output how they ended.
Run again after a crash, it finds out from the operations of its lines how far it was.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from gateway.operations.batch_record import BatchEnded, BatchRecord, Cancellation, line_of
from gateway.operations.entries import Ended
from gateway.operations.late import dbos
from resolvers.ports.refusals import KeyReused
from schema.operation import OperationState

RunBatch = Callable[[BatchRecord], Awaitable[BatchEnded]]

_BATCH: Final = "batch"
_CANCELLATION: Final = "cancellation"
_LINE: Final = "operation"
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch as it is stored; without `ended` it is open."""

    record: BatchRecord
    ended: BatchEnded | None


class DurableBatches:
    """The batches of one store.

    Args:
        run: carries a batch out, from its start or again after a crash.
    """

    def __init__(self, run: RunBatch) -> None:
        self._run = run
        self._start: Any = None
        self._cancel: Any = None

    def register(self) -> None:
        """Tell DBOS how batches are carried out; it takes plain functions."""

        async def batch(record: Any) -> Any:
            return msgspec.to_builtins(await self._run(msgspec.convert(record, BatchRecord)))

        async def cancellation(wanted: Any) -> Any:
            return wanted

        self._start = dbos.DBOS.workflow(name=_BATCH, max_recovery_attempts=None)(batch)
        self._cancel = dbos.DBOS.workflow(name=_CANCELLATION)(cancellation)

    async def begin(self, record: BatchRecord) -> bool:
        """Record a batch and run it; False when it was recorded already, elsewhere.

        Raises KeyReused when the id is an operation's.
        """
        try:
            with dbos.SetWorkflowID(record.id):
                handle = await dbos.DBOS.start_workflow_async(
                    self._start, msgspec.to_builtins(record)
                )
        except dbos.error.DBOSConflictingWorkflowError as conflict:
            raise KeyReused from conflict
        return hasattr(handle, "task")  # which only the handle of an execution here has

    async def row(self, batch_id: str) -> BatchRow | None:
        """Read a batch; None when there is none."""
        status = await dbos.DBOS.get_workflow_status_async(batch_id)
        if status is None or status.name != _BATCH:
            return None
        inputs: Any = status.input
        return BatchRow(
            record=msgspec.convert(inputs["args"][0], BatchRecord),
            ended=(
                msgspec.convert(status.output, BatchEnded) if status.status == "SUCCESS" else None
            ),
        )

    async def line_states(self, batch_id: str) -> dict[int, OperationState | None]:
        """Tell how the lines ended that have an operation; None for those that have not ended."""
        found: dict[int, OperationState | None] = {}
        for offset in range(0, 1 << 31, _PAGE):
            page = await dbos.DBOS.list_workflows_async(
                name=_LINE,
                workflow_id_prefix=f"{batch_id}.",
                load_input=False,
                limit=_PAGE,
                offset=offset or None,
            )
            for status in page:
                place = line_of(status.workflow_id)
                if place is not None:
                    is_ended = status.status == "SUCCESS"
                    found[place[1]] = _state_of(status.output) if is_ended else None
            if len(page) < _PAGE:
                break
        return found

    async def cancel(self, wanted: Cancellation) -> None:
        """Record a cancellation unless there is one."""
        with dbos.SetWorkflowID(_cancelled_id(wanted.batch_id)):
            await dbos.DBOS.start_workflow_async(self._cancel, msgspec.to_builtins(wanted))

    async def cancellation(self, batch_id: str) -> Cancellation | None:
        """Read how a batch was cancelled; None when it was not."""
        status = await dbos.DBOS.get_workflow_status_async(_cancelled_id(batch_id))
        if status is None:
            return None
        inputs: Any = status.input
        return msgspec.convert(inputs["args"][0], Cancellation)


def _state_of(output: Any) -> OperationState:
    return msgspec.convert(output, Ended).ending.state


def _cancelled_id(batch_id: str) -> str:
    return f"{batch_id}.cancelled"
