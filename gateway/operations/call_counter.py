"""Counts the upstream calls of operations for the mutations that wait for them.

An operation calls upstream by itself, whatever becomes of the request that ordered it. A mutation
costs what its operation, or the operations of its batch, called from its submission until it
stopped waiting. Whoever joins a running operation is told the calls since then.
"""

from weakref import WeakKeyDictionary

from gateway.operations.model.record import OperationRecord


class OperationCallCounter:
    """The mutations of this process that wait at this moment."""

    def __init__(self) -> None:
        # By operation or batch. A request that is broken off takes its mutation with it.
        self._waiting: WeakKeyDictionary[MutationCallCounter, str] = WeakKeyDictionary()

    def count(self, record: OperationRecord) -> None:
        """Count a call of an operation."""
        ids = (record.id, record.batch_id)
        for mutation, waited_for in self._waiting.items():
            if waited_for in ids:
                mutation.count += 1

    def start_mutation(self) -> "MutationCallCounter":
        """Begin the count of one request, which waits for nothing yet."""
        return MutationCallCounter(self._waiting)


class MutationCallCounter:
    """The calls that were made for one request's mutations while they waited.

    Attributes:
        made: how many, retries and calls that are shared with others included.
    """

    def __init__(self, waiting: "WeakKeyDictionary[MutationCallCounter, str]") -> None:
        self._waiting = waiting
        self.count = 0

    def wait_for(self, submitted_id: str) -> None:
        """Count the calls of an operation, or of a batch, from now on."""
        self._waiting[self] = submitted_id

    def stop(self) -> None:
        """Count no more."""
        self._waiting.pop(self, None)
