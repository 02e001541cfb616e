"""Who upgrades what at this moment: one operation at a time for each subject."""

from collections.abc import Iterable

from gateway.operations.entries import Failure
from gateway.operations.record import Record
from gateway.operations.standing import Standing
from schema.operation import OPEN_STATES, OperationState, UserErrorCode


class Claims:
    """What the open operations of this process hold."""

    def __init__(self) -> None:
        self._holders: dict[str, str] = {}

    def holder(self, record: Record) -> str:
        """Claim what an order changes unless it is held; returns the id of who holds it."""
        return self._holders.setdefault(record.subject, record.id)

    def release(self, record: Record) -> None:
        """Give back what an operation holds, if it does."""
        if self._holders.get(record.subject) == record.id:
            del self._holders[record.subject]


def in_the_way(record: Record, others: Iterable[Standing]) -> Failure | None:
    """Decide whether what is recorded of others, in any process, forbids to send an operation.

    Of two that nothing has been announced of the earlier goes on, so that not both are refused.
    """
    mine = (record.created_at, record.id)
    for other in others:
        if other.state is OperationState.IN_DOUBT:
            return _in_doubt(other.record.id)
        is_ahead = (other.record.created_at, other.record.id) < mine
        if other.state in OPEN_STATES and (is_ahead or other.state is not OperationState.ACCEPTED):
            return held_by(other.record.id)
    return None


def held_by(operation_id: str) -> Failure:
    """Refuse because another operation is not at its end."""
    return Failure(
        code=UserErrorCode.UPGRADE_IN_PROGRESS,
        message=f"Operation {operation_id} upgrades it at this moment; wait for its end.",
    )


def _in_doubt(operation_id: str) -> Failure:
    return Failure(
        code=UserErrorCode.EARLIER_IN_DOUBT,
        message=(
            f"Operation {operation_id} may have upgraded it already, which nobody knows yet:"
            " look at the subscription, and have that operation settled first."
        ),
    )
