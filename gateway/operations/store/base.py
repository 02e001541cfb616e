"""The port of the store of operations.

Callers only see states that are committed here. The store also decides which process may write.
Each run of a process holds a lease and renews it. An operation has one owner and an epoch that
every takeover raises. Every write to an operation names its owner and epoch, and raises
`OwnershipLost` once either has changed. A process that was mistaken for dead can therefore neither
announce an attempt nor finish an operation.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from gateway.operations.model.audit import AuditFinding
from gateway.operations.model.batch import BatchCancellation, BatchRecord, BatchResult
from gateway.operations.model.record import OperationRecord, StoredStruct
from gateway.operations.model.steps import OperationResult, Settlement
from schema.operation import OperationState


class StoreUnavailable(Exception):
    """The store cannot be read or written now. The text is for the log, not for callers.

    Attributes:
        may_be_stored: whether the write may have been committed; the database did not confirm it.
    """

    def __init__(self, message: str, *, may_be_stored: bool = False) -> None:
        super().__init__(message)
        self.may_be_stored = may_be_stored


class OwnershipLost(Exception):
    """Another process executes the operation or batch now, so this one has to stop."""


class BatchCancelled(Exception):
    """An operation was not recorded, because it is a line of a cancelled batch."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right of a process to write to one operation or batch. Another one may take it over.

    Attributes:
        id: the id of the operation or batch.
        owner: the id of the run of the process.
        epoch: increases when another process takes over, which makes older claims invalid.
    """

    id: str
    owner: str
    epoch: int


@dataclass(frozen=True, slots=True)
class StoredOperation:
    """An operation as it is stored.

    Attributes:
        steps: the results of its steps, in order; empty once it has ended.
        result: None until it has ended.
        settlement: None unless the operation ended in doubt and was settled.
        audit: the last review of an operation that ended in doubt.
    """

    record: OperationRecord
    steps: tuple[StoredStruct, ...] = ()
    result: OperationResult | None = None
    settlement: Settlement | None = None
    audit: AuditFinding | None = None


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch as it is stored. It has no result until it has ended."""

    record: BatchRecord
    result: BatchResult | None = None
    cancellation: BatchCancellation | None = None


@dataclass(frozen=True, slots=True)
class Takeover:
    """An open operation or batch that this process has taken over, and its claim."""

    claim: Claim
    stored: StoredOperation | StoredBatch


@dataclass(frozen=True, slots=True)
class OperationFilter:
    """Selects a page of operations or batches.

    Attributes:
        principal: the owner; None for all.
        since: the earliest creation time, in µs, which is included.
        until: the latest creation time, in µs, which is excluded.
        kinds: the kinds of operations; empty for all.
        states: the states of operations; empty for all. The store also returns operations whose
            exact state it does not know: open and settled ones.
        before: creation time in µs and id of the last operation of the previous page.
    """

    limit: int
    principal: str | None = None
    customer_id: str | None = None
    subject: str | None = None
    since: int | None = None
    until: int | None = None
    kinds: Collection[str] = ()
    states: Collection[OperationState] = ()
    before: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class SeatReservation:
    """The seats that one operation or batch orders. `at` is in seconds since the epoch."""

    principal: str
    operation_id: str
    seats: int
    at: float


@dataclass(frozen=True, slots=True)
class OperationCounts:
    """The number of operations that need attention.

    Attributes:
        open: operations without a result, by kind.
        in_doubt: operations in doubt that are not settled, by kind.
        oldest_in_doubt_us: the creation time of the oldest operation in doubt, in µs; None if there
            is none.
    """

    open: Mapping[str, int]
    in_doubt: Mapping[str, int]
    oldest_in_doubt_us: int | None


class OperationStore(Protocol):
    """Stores operations and batches, and decides which process executes each.

    Every method raises StoreUnavailable; methods that take a claim raise OwnershipLost.

    Attributes:
        lease_s: how long a lease lasts after a renewal, in seconds. The store has no clock:
            processes observe each other's renewals.
    """

    lease_s: float

    async def open(self) -> None:
        """Create missing tables, and import the operations of an earlier version."""
        ...

    async def close(self) -> None:
        """Close the connections. Never raises."""
        ...

    async def acquire_lease(self, process: str) -> None:
        """Create a lease for a new run of a process. Repeating it is safe."""
        ...

    async def renew_lease(self, process: str) -> bool:
        """Renew a lease in a transaction of its own.

        Returns False if another process has revoked the lease and may own the operations of this
        run.
        """
        ...

    async def release_lease(self, process: str) -> None:
        """Delete a lease, so that other processes can take over its operations at once."""
        ...

    async def read_other_leases(self, process: str) -> dict[str, int]:
        """Return the leases of all other runs of processes, each with its number of renewals."""
        ...

    async def take_over(self, process: str, expired: Mapping[str, int]) -> list[Takeover]:
        """Take over some of the open operations and batches whose owners have ended.

        An owner counts as ended if its process has ended according to the operating system, or if
        its lease was released or has expired.

        Args:
            process: the new owner.
            expired: expired leases, each with its number of renewals. A lease that has been renewed
                since is kept.
        """
        ...

    async def list_owned(self, process: str) -> list[Takeover]:
        """Return the open operations and batches that a run of a process owns."""
        ...

    async def reclaim(self, process: str, executed: Collection[str]) -> list[Takeover]:
        """Return new claims on what a run of a process owns but does not execute.

        Earlier claims on these operations and batches become invalid.
        """
        ...

    async def record(self, record: OperationRecord, process: str) -> Claim | None:
        """Record an operation; also reserves the resource that it changes, if that is free.

        Returns None if the id is that of a recorded operation or batch. Raises BatchCancelled for a
        new line of a cancelled batch.
        """
        ...

    async def append(self, claim: Claim, number: int, name: str, step: StoredStruct) -> None:
        """Store the result of a step. Repeating it is safe."""
        ...

    async def finish(self, claim: Claim, result: OperationResult) -> None:
        """Store the result of an operation, and assign its purchases to it.

        Also frees the resource that the operation changes, unless it ended in doubt.
        """
        ...

    async def acquire_subject(self, claim: Claim, subject: str) -> StoredOperation | None:
        """Reserve the resource that an operation changes (`subject`).

        Returns the operation that already has it, or None on success.
        """
        ...

    async def credit(self, claim: Claim, purchase: str) -> str:
        """Assign a purchase to an operation, unless it is assigned.

        Returns the id of its operation.
        """
        ...

    async def find_others_of_customer(
        self, claim: Claim, customer_id: str, since: float
    ) -> list[StoredOperation]:
        """Return other operations of a customer: open, in doubt, or recorded after `since`."""
        ...

    async def get(self, operation_id: str) -> StoredOperation | None: ...

    async def find(self, query: OperationFilter) -> list[StoredOperation]:
        """Return one page of operations, newest first by creation time and then by id."""
        ...

    async def count_operations(self) -> OperationCounts: ...

    async def settle(self, settlement: Settlement) -> Settlement:
        """Store a settlement, unless there is one. Returns the settlement that is stored then."""
        ...

    async def record_batch(self, record: BatchRecord, process: str) -> Claim | None:
        """Record a batch. Returns None if the id is that of a recorded operation or batch."""
        ...

    async def get_batch(self, batch_id: str) -> StoredBatch | None: ...

    async def find_batches(self, query: OperationFilter) -> list[StoredBatch]:
        """Return one page of batches, newest first. Applies no filter but `principal`."""
        ...

    async def read_line_states(self, batch_id: str) -> dict[int, OperationState | None]:
        """Return the states of recorded lines by line number; None for open lines."""
        ...

    async def cancel_batch(self, cancellation: BatchCancellation) -> None:
        """Store a cancellation, unless the batch has one."""
        ...

    async def finish_batch(self, claim: Claim, result: BatchResult) -> None: ...

    async def reserve_seats(
        self, reservation: SeatReservation, since: float, refuse: Callable[[int], str | None]
    ) -> str | None:
        """Reserve seats unless `refuse` returns a reason; that reason is returned.

        `refuse` receives the number of seats that the principal has reserved since `since`. An
        operation that has a reservation gets no second one.
        """
        ...

    async def preview_key(self, candidate: bytes) -> bytes:
        """Return the key that signs previews.

        If there is none, stores `candidate` and returns it.
        """
        ...
