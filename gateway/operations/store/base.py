"""The store of operations, as the runtime sees it.

The store is the one truth: whatever is told of an operation has been committed here. It also says
who may write. Each run of a process holds a lease and renews it; an operation belongs to one
process and carries an epoch that every takeover raises. All writes to an operation name its owner
and epoch, and fail with `OwnershipLost` once either has changed. A process that was taken for dead
can therefore neither announce an attempt nor end an operation, whatever it still believes.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from gateway.operations.model.batch import BatchCancellation, BatchRecord, BatchResult
from gateway.operations.model.record import OperationRecord, StoredStruct
from gateway.operations.model.steps import OperationResult, Settlement
from schema.operation import OperationState


class StoreUnavailable(Exception):
    """The store cannot be read or written now; the text is for the operator's log alone.

    Attributes:
        may_be_stored: the commit was not answered, so the write may have taken place.
    """

    def __init__(self, message: str, *, may_be_stored: bool = False) -> None:
        super().__init__(message)
        self.may_be_stored = may_be_stored


class OwnershipLost(Exception):
    """Another process owns the operation now; this one must let go of it."""


class BatchCancelled(Exception):
    """The batch of a line was cancelled: the line is not recorded."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write to one operation or batch, until another process takes it over.

    Attributes:
        owner: id of the run of the process that has it.
        epoch: raised by every takeover.
    """

    id: str
    owner: str
    epoch: int


@dataclass(frozen=True, slots=True)
class StoredOperation:
    """An operation as it is stored.

    Attributes:
        steps: the ends of its steps, in order; not read for one that has ended.
        ended: how it ended; None while it is open.
        settlement: what somebody found out about an operation in doubt.
    """

    record: OperationRecord
    steps: tuple[StoredStruct, ...] = ()
    result: OperationResult | None = None
    settlement: Settlement | None = None


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch as it is stored; without `ended` it is open."""

    record: BatchRecord
    result: BatchResult | None = None
    cancellation: BatchCancellation | None = None


@dataclass(frozen=True, slots=True)
class TakenOver:
    """An open operation or batch that this process owns now."""

    claim: Claim
    stored: StoredOperation | StoredBatch


@dataclass(frozen=True, slots=True)
class OperationFilter:
    """Which operations to list.

    Attributes:
        principal: None for those of every principal.
        before: creation time in µs and id of the last operation of the page before.
    """

    limit: int
    principal: str | None = None
    customer_id: str | None = None
    subject: str | None = None
    before: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class SeatReservation:
    """Seats that a principal has asked for, by one operation or batch."""

    principal: str
    operation_id: str
    seats: int
    at: float


class OperationStore(Protocol):
    """Every method raises StoreUnavailable; methods that take a claim raise OwnershipLost.

    Attributes:
        lease_s: how long a lease lasts from its last renewal, in seconds; the store has no clock,
            so whoever wants to know watches the renewals.
    """

    lease_s: float

    async def open(self) -> None:
        """Create what is missing and import what an earlier version wrote."""
        ...

    async def close(self) -> None:
        """Close the connections. Never raises."""
        ...

    async def acquire_lease(self, process: str) -> None:
        """Take a lease for a new run of a process; repeating it is safe."""
        ...

    async def renew_lease(self, process: str) -> bool:
        """Renew the lease of a run of a process; a committed write each time.

        Returns False when the lease has been taken away: all operations of the run belong to
        others now.
        """
        ...

    async def release_lease(self, process: str) -> None:
        """Give up the lease: others may take over at once."""
        ...

    async def other_leases(self, process: str) -> dict[str, int]:
        """Read how often each other run of a process has renewed its lease."""
        ...

    async def take_over(self, process: str, expired: Mapping[str, int]) -> list[TakenOver]:
        """Take some open operations and batches whose owners are dead.

        An owner is dead when the operating system says that it is gone, when it has given up its
        lease, or when that has expired.

        Args:
            process: the new owner.
            expired: leases that have expired, with their renewals; one renewed since is kept.
        """
        ...

    async def owned_by(self, process: str) -> list[TakenOver]:
        """Read the open operations and batches of a run of a process."""
        ...

    async def reclaim(self, process: str, executed: Collection[str]) -> list[TakenOver]:
        """Take what this run of a process owns and does not execute.

        Whatever claims on it the process may have had until then, they are void.
        """
        ...

    async def record(self, record: OperationRecord, process: str) -> Claim | None:
        """Record an operation, and reserve its subject if that is free.

        None when its id is taken, by an operation or a batch. Raises BatchCancelled for a new line
        of a batch whose cancellation is stored.
        """
        ...

    async def append(self, claim: Claim, number: int, name: str, step: StoredStruct) -> None:
        """Record the end of a step. Repeating a write that may have succeeded is safe."""
        ...

    async def finish(self, claim: Claim, ended: OperationResult) -> None:
        """Record the end, credit what it bought, and free the subject unless it is in doubt."""
        ...

    async def acquire_subject(self, claim: Claim, subject: str) -> StoredOperation | None:
        """Reserve a subject; None on success, else the operation that holds it."""
        ...

    async def credit(self, claim: Claim, purchase: str) -> str:
        """Credit a purchase to an operation unless another has it; returns the id of who has it."""
        ...

    async def others_of_customer(
        self, claim: Claim, customer_id: str, since: float
    ) -> list[StoredOperation]:
        """Read a customer's other operations: open, in doubt, or recorded since a time."""
        ...

    async def get(self, operation_id: str) -> StoredOperation | None:
        """Read an operation; None when there is none."""
        ...

    async def find(self, wanted: OperationFilter) -> list[StoredOperation]:
        """Read operations, newest first by creation time and then by id."""
        ...

    async def settle(self, settlement: Settlement) -> Settlement:
        """Record a settlement unless there is one; returns the one that is recorded."""
        ...

    async def record_batch(self, record: BatchRecord, process: str) -> Claim | None:
        """Record a batch; None when its id is taken, by an operation or a batch."""
        ...

    async def get_batch(self, batch_id: str) -> StoredBatch | None:
        """Read a batch; None when there is none."""
        ...

    async def find_batches(self, wanted: OperationFilter) -> list[StoredBatch]:
        """Read batches, newest first by creation time and then by id; of principals alone."""
        ...

    async def line_states(self, batch_id: str) -> dict[int, OperationState | None]:
        """Read how the lines ended that have an operation; None for those that are open."""
        ...

    async def cancel_batch(self, cancellation: BatchCancellation) -> None:
        """Record a cancellation unless there is one."""
        ...

    async def finish_batch(self, claim: Claim, ended: BatchResult) -> None:
        """Record the end of a batch."""
        ...

    async def reserve_seats(
        self, reservation: SeatReservation, since: float, refuse: Callable[[int], str | None]
    ) -> str | None:
        """Reserve seats unless `refuse`, given the number reserved since then, returns a reason.

        An operation that has a reservation gets no second one. Returns the reason.
        """
        ...

    async def preview_key(self, candidate: bytes) -> bytes:
        """Read the key that signs previews; keeps the candidate where there is none."""
        ...
