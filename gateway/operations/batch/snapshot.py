"""Where a batch stands, and the same as the graph shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from strawberry import ID

from gateway.operations.model.batch import BatchRecord
from schema.batch import BatchState, UpgradeBatch, count_by_state
from schema.operation import OperationState


@dataclass(frozen=True, slots=True)
class BatchSnapshot:
    """A batch at a moment.

    Attributes:
        states: of the lines, in their order.
        is_final: the end of the batch is stored: it says the same everywhere from now on.
    """

    record: BatchRecord
    states: Sequence[OperationState]
    updated_at: float
    cancelled_at: float | None
    is_final: bool = False

    @property
    def state(self) -> BatchState:
        """What the lines make of it."""
        if not self.is_final:
            return BatchState.RUNNING if self.cancelled_at is None else BatchState.CANCELLING
        was_cancelled = OperationState.CANCELLED in self.states
        return BatchState.CANCELLED if was_cancelled else BatchState.COMPLETED


def batch_to_graphql(found: BatchSnapshot) -> UpgradeBatch:
    """Show a batch in the graph."""
    return UpgradeBatch(
        id=ID(found.record.id),
        state=found.state,
        idempotency_key=found.record.idempotency_key,
        counts=count_by_state(found.states),
        created_at=_instant(found.record.created_at),
        updated_at=_instant(found.updated_at),
        cancelled_at=None if found.cancelled_at is None else _instant(found.cancelled_at),
        principal=found.record.principal,
    )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
