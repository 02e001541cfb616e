"""Counts the upstream calls of operations for the mutations that wait for them.

An operation continues independently of the request that submitted it. The upstream calls of a
mutation are those that its operation, or the operations of its batch, make from the submission
until the mutation stops waiting.
"""

from weakref import WeakKeyDictionary

from gateway.operations.model.record import OperationRecord


class OperationCallCounter:
    """Counts upstream calls for the mutations of this process that are waiting."""

    def __init__(self) -> None:
        # Values are ids of operations or batches. Weak, because a cancelled request only drops its
        # counter.
        self._waiting: WeakKeyDictionary[MutationCallCounter, str] = WeakKeyDictionary()

    def count(self, record: OperationRecord) -> None:
        ids = (record.id, record.batch_id)
        for mutation, submitted_id in self._waiting.items():
            if submitted_id in ids:
                mutation.count += 1

    def start_mutation(self) -> "MutationCallCounter":
        """Return a counter for the mutations of one request."""
        return MutationCallCounter(self._waiting)


class MutationCallCounter:
    """The upstream calls of one request's mutations.

    Attributes:
        count: the number of calls, including retries and calls that other requests share.
    """

    def __init__(self, waiting: "WeakKeyDictionary[MutationCallCounter, str]") -> None:
        self._waiting = waiting
        self.count = 0

    def wait_for(self, submitted_id: str) -> None:
        """Count the calls of this operation or batch from now on."""
        self._waiting[self] = submitted_id

    def stop(self) -> None:
        self._waiting.pop(self, None)
