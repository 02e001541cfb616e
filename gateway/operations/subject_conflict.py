"""Who may change a subscription: the store gives each to one operation at a time.

The operation that the store has noted first keeps it until its end, and while that is in doubt.
"""

from gateway.operations.model.steps import Failure
from gateway.operations.store.base import StoredOperation
from schema.operation import OperationState
from schema.user_errors import UserErrorCode


def conflict_failure(holder: StoredOperation) -> Failure:
    """Refuse an operation whose subject another one holds."""
    operation_id, ended = holder.record.id, holder.ended
    if ended is not None and ended.outcome.state is OperationState.IN_DOUBT:
        return Failure(
            code=UserErrorCode.EARLIER_IN_DOUBT,
            message=(
                f"Operation {operation_id} may have upgraded it already, which nobody knows yet:"
                " look at the subscription, and have that operation settled first."
            ),
        )
    return Failure(
        code=UserErrorCode.UPGRADE_IN_PROGRESS,
        message=f"Operation {operation_id} upgrades it at this moment; wait for its end.",
    )
