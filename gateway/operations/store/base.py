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
        may_be_stored: the result of the commit is unknown.
    """

    def __init__(self, message: str, *, may_be_stored: bool = False) -> None:
        super().__init__(message)
        self.may_be_stored = may_be_stored


class OwnershipLost(Exception):
    """Another process owns the operation now; this one has to stop executing it."""


class BatchCancelled(Exception):
    """The batch of a line was cancelled: the line is not recorded."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write to one operation or batch, until another process takes it over.

    Attributes:
        owner: the id of a run of a process.
        epoch: raised by every takeover.
    """

    id: str
    owner: str
    epoch: int


@dataclass(frozen=True, slots=True)
class StoredOperation:
    """An operation as it is stored.

    Attributes:
        steps: results of its steps, in order; empty once it has ended.
        result: None while it is open.
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
    """A batch as it is stored; it is open while it has no result."""

    record: BatchRecord
    result: BatchResult | None = None
    cancellation: BatchCancellation | None = None


@dataclass(frozen=True, slots=True)
class Takeover:
    """An open operation or batch that this process owns now."""

    claim: Claim
    stored: StoredOperation | StoredBatch


@dataclass(frozen=True, slots=True)
class OperationFilter:
    """A page of operations or batches.

    Attributes:
        principal: None for all principals.
        since: the earliest creation time, in µs.
        until: the creation time, in µs, before which they were created.
        kinds: empty for all.
        states: empty for all. The store also returns operations whose state it does not know
            exactly: open ones, and settled ones.
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
    """The seats that one operation or batch orders; `at` is in seconds since the epoch."""

    principal: str
    operation_id: str
    seats: int
    at: float


class OperationStore(Protocol):
    """Every method raises StoreUnavailable; methods that take a claim raise OwnershipLost.

    Attributes:
        lease_s: the duration of a lease after a renewal, in seconds. The store has no clock:
            processes observe each other's renewals.
    """

    lease_s: float

    async def open(self) -> None:
        """Create missing tables, and import operations that an earlier version stored."""
        ...

    async def close(self) -> None:
        """Close the connections. Never raises."""
        ...

    async def acquire_lease(self, process: str) -> None:
        """Create a lease for a new run of a process; repeating it is safe."""
        ...

    async def renew_lease(self, process: str) -> bool:
        """Renew a lease, with a commit each time.

        Returns False if the lease was revoked: other processes own the operations of the run now.
        """
        ...

    async def release_lease(self, process: str) -> None:
        """Delete a lease, so that others can take over at once."""
        ...

    async def read_other_leases(self, process: str) -> dict[str, int]:
        """Return the number of renewals of each other run of a process."""
        ...

    async def take_over(self, process: str, expired: Mapping[str, int]) -> list[Takeover]:
        """Take over some open operations and batches whose owners are dead.

        An owner is dead if the operating system knows that its process has ended, or if its lease
        was released or has expired.

        Args:
            process: the new owner.
            expired: expired leases with their renewals; a lease that was renewed since is kept.
        """
        ...

    async def list_owned(self, process: str) -> list[Takeover]:
        """Read the open operations and batches that a run of a process owns."""
        ...

    async def reclaim(self, process: str, executed: Collection[str]) -> list[Takeover]:
        """Return new claims on everything that a run of a process owns but does not execute.

        Earlier claims on it become invalid.
        """
        ...

    async def record(self, record: OperationRecord, process: str) -> Claim | None:
        """Record an operation, and reserve its subject if that is free.

        Returns None if an operation or a batch has its id. Raises BatchCancelled for a new line of
        a cancelled batch.
        """
        ...

    async def append(self, claim: Claim, number: int, name: str, step: StoredStruct) -> None:
        """Store the result of a step; repeating it is safe."""
        ...

    async def finish(self, claim: Claim, result: OperationResult) -> None:
        """Store a result, credit its purchases, and free the subject unless it is in doubt."""
        ...

    async def acquire_subject(self, claim: Claim, subject: str) -> StoredOperation | None:
        """Reserve a subject; None on success, else the operation that holds it."""
        ...

    async def credit(self, claim: Claim, purchase: str) -> str:
        """Credit a purchase to an operation unless it is credited already; returns its buyer."""
        ...

    async def find_others_of_customer(
        self, claim: Claim, customer_id: str, since: float
    ) -> list[StoredOperation]:
        """Read a customer's other operations: open, in doubt, or recorded since a time."""
        ...

    async def get(self, operation_id: str) -> StoredOperation | None:
        """Read an operation; None if there is none."""
        ...

    async def find(self, query: OperationFilter) -> list[StoredOperation]:
        """Read operations, newest first by creation time and then by id."""
        ...

    async def settle(self, settlement: Settlement) -> Settlement:
        """Store a settlement unless there is one; returns the one that is stored."""
        ...

    async def record_batch(self, record: BatchRecord, process: str) -> Claim | None:
        """Record a batch; returns None if an operation or a batch has its id."""
        ...

    async def get_batch(self, batch_id: str) -> StoredBatch | None:
        """Read a batch; None if there is none."""
        ...

    async def find_batches(self, query: OperationFilter) -> list[StoredBatch]:
        """Read batches, newest first by creation time and then by id; only `principal` filters."""
        ...

    async def read_line_states(self, batch_id: str) -> dict[int, OperationState | None]:
        """Return the states of recorded lines by number; None for those that are open."""
        ...

    async def cancel_batch(self, cancellation: BatchCancellation) -> None:
        """Store a cancellation unless there is one."""
        ...

    async def finish_batch(self, claim: Claim, result: BatchResult) -> None:
        """Store the result of a batch."""
        ...

    async def reserve_seats(
        self, reservation: SeatReservation, since: float, refuse: Callable[[int], str | None]
    ) -> str | None:
        """Reserve seats unless `refuse` returns a reason; returns that reason.

        `refuse` gets the number of seats that were reserved since a time. An operation that has a
        reservation gets no second one.
        """
        ...

    async def preview_key(self, candidate: bytes) -> bytes:
        """Return the key that signs previews; stores the candidate if there is none."""
        ...
