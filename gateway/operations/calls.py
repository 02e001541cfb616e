"""Counts the upstream calls of operations for the mutations that wait for them.

An operation calls upstream by itself, whatever becomes of the request that ordered it. A mutation
costs what its operation, or the operations of its batch, called from its submission until it
stopped waiting. Whoever joins a running operation is told the calls since then.
"""

from weakref import WeakKeyDictionary

from gateway.operations.record import Record


class OperationCalls:
    """The mutations of this process that wait at this moment."""

    def __init__(self) -> None:
        # By operation or batch. A request that is broken off takes its mutation with it.
        self._waiting: WeakKeyDictionary[MutationCalls, str] = WeakKeyDictionary()

    def count(self, record: Record) -> None:
        """Count a call of an operation."""
        ids = (record.id, record.batch_id)
        for mutation, waited_for in self._waiting.items():
            if waited_for in ids:
                mutation.made += 1

    def of_mutation(self) -> "MutationCalls":
        """Begin the count of one request, which waits for nothing yet."""
        return MutationCalls(self._waiting)


class MutationCalls:
    """The calls that were made for one request's mutations while they waited.

    Attributes:
        made: how many, retries and calls that are shared with others included.
    """

    def __init__(self, waiting: "WeakKeyDictionary[MutationCalls, str]") -> None:
        self._waiting = waiting
        self.made = 0

    def wait_for(self, submitted_id: str) -> None:
        """Count the calls of an operation, or of a batch, from now on."""
        self._waiting[self] = submitted_id

    def stop(self) -> None:
        """Count no more."""
        self._waiting.pop(self, None)
