"""The operations or batches that this process executes."""

from collections.abc import Iterator, KeysView
from typing import Generic, Protocol, TypeVar

from gateway.operations.store.base import Claim
from gateway.operations.store.lease import ProcessLease


class ClaimedExecution(Protocol):
    """An operation or batch that this process executes, and its right to do so (`claim`)."""

    @property
    def claim(self) -> Claim: ...

    def release(self) -> None:
        """Stop executing the operation or batch."""
        ...


E = TypeVar("E", bound=ClaimedExecution)


class ExecutionRegistry(Generic[E]):
    """The operations or batches that this process executes, by id."""

    def __init__(self, lease: ProcessLease) -> None:
        self._lease = lease
        self._by_id: dict[str, E] = {}

    def __iter__(self) -> Iterator[E]:
        return iter(list(self._by_id.values()))

    @property
    def ids(self) -> KeysView[str]:
        return self._by_id.keys()

    def get(self, id: str) -> E | None:
        """Return an operation or batch, even if another process may have taken it over."""
        return self._by_id.get(id)

    def get_owned(self, id: str) -> E | None:
        """Return an operation or batch that no other process can have taken over."""
        return self._by_id.get(id) if self._lease.is_valid else None

    def add(self, execution: E) -> bool:
        """Add an operation or batch; returns False if this process already executes it."""
        claim = execution.claim
        current = self._by_id.get(claim.id)
        if current is not None:
            if current.claim.epoch >= claim.epoch:
                return False
            current.release()  # it began under a lease that this process has lost
        self._by_id[claim.id] = execution
        return True

    def remove(self, execution: E) -> None:
        if self._by_id.get(execution.claim.id) is execution:
            del self._by_id[execution.claim.id]

    def release_all(self) -> None:
        """Stop executing everything, because another process has taken over or this one stops."""
        for execution in self:
            execution.release()
        self._by_id.clear()
