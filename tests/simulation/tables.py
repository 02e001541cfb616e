"""The tables of operations in memory, with the transactions of `gateway/operations/store/sql.py`.

Each method is one transaction and happens at one instant: row locks, conditional writes and unique
keys make the store's real transactions serializable. Values are stored as JSON, as in SQL. Whether
`SKIP LOCKED` skips a row is random.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import msgspec

from gateway.operations.model.batch import (
    BatchCancellation,
    BatchRecord,
    BatchResult,
    parse_line_number,
)
from gateway.operations.model.record import OperationRecord, StoredStruct, to_microseconds
from gateway.operations.model.steps import OperationResult, Settlement, decode_step
from gateway.operations.store.base import (
    BatchCancelled,
    Claim,
    OperationCounts,
    OperationFilter,
    OwnershipLost,
    SeatReservation,
    StoredBatch,
    StoredOperation,
    Takeover,
)
from schema.operation import OPEN_STATES, OperationState

T = TypeVar("T", bound=StoredStruct)

_TAKEOVER_BATCH = 200


class TableHost(Protocol):
    """The machine of the database."""

    def has_ended(self, process: str) -> bool:
        """Whether the operating system reports that a process has ended."""
        ...

    def is_locked(self) -> bool:
        """Decide whether another transaction locks a row now."""
        ...


@dataclass
class Row:
    """An operation or a batch; see `gateway/operations/store/tables.py`."""

    id: str
    is_batch: bool
    kind: str | None
    principal: str
    customer_id: str | None
    subject: str | None
    batch_id: str | None
    created_us: int
    record: bytes
    owner: str
    epoch: int = 1
    ended: bytes | None = None
    state: str | None = None
    settlement: bytes | None = None
    cancellation: bytes | None = None


class Tables:
    """The rows, and the transactions on them."""

    LEASE_S = 15.0

    def __init__(self, surroundings: TableHost) -> None:
        self._host = surroundings
        self.leases: dict[str, int] = {}
        self.rows: dict[str, Row] = {}
        self.steps: dict[str, dict[int, tuple[str, bytes]]] = {}
        self.subjects: dict[str, str] = {}
        self.purchases: dict[str, str] = {}
        self.seats: dict[str, SeatReservation] = {}
        self.key: bytes | None = None

    def acquire_lease(self, process: str) -> None:
        self.leases[process] = self.leases.get(process, -1) + 1

    def renew_lease(self, process: str) -> bool:
        if process not in self.leases:
            return False
        self.leases[process] += 1
        return True

    def release_lease(self, process: str) -> None:
        self.leases.pop(process, None)

    def read_other_leases(self, process: str) -> dict[str, int]:
        return {other: number for other, number in self.leases.items() if other != process}

    def take_over(self, process: str, expired: Mapping[str, int]) -> list[Takeover]:
        if process not in self.leases:
            return []
        for other, renewals in self.read_other_leases(process).items():
            if expired.get(other) == renewals or self._host.has_ended(other):
                del self.leases[other]
        orphans = [
            row
            for row in sorted(self.rows.values(), key=lambda row: row.created_us)
            if row.ended is None and row.owner not in self.leases and not self._host.is_locked()
        ][:_TAKEOVER_BATCH]
        for row in orphans:
            self.assign(row, process)
        return self._to_takeovers(orphans)

    def assign(self, row: Row, process: str) -> None:
        row.owner = process
        row.epoch += 1

    def list_owned(self, process: str) -> list[Takeover]:
        return self._to_takeovers(
            row for row in self.rows.values() if row.ended is None and row.owner == process
        )

    def reclaim(self, process: str, executed: Collection[str]) -> list[Takeover]:
        reclaimed = [
            row
            for row in self.rows.values()
            if row.ended is None and row.owner == process and row.id not in executed
        ]
        for row in reclaimed:
            row.epoch += 1
        return self._to_takeovers(reclaimed)

    def _to_takeovers(self, rows: Iterable[Row]) -> list[Takeover]:
        return [
            Takeover(
                Claim(row.id, row.owner, row.epoch),
                _to_stored_batch(row) if row.is_batch else self._operation(row),
            )
            for row in rows
        ]

    def record(self, record: OperationRecord, process: str) -> Claim | None:
        return self._record(
            Row(
                id=record.id,
                is_batch=False,
                kind=record.kind,
                principal=record.principal,
                customer_id=record.order.customer_id.lower(),
                subject=record.subject,
                batch_id=record.batch_id,
                created_us=to_microseconds(record.created_at),
                record=msgspec.json.encode(record),
                owner=process,
            )
        )

    def record_batch(self, record: BatchRecord, process: str) -> Claim | None:
        return self._record(
            Row(
                id=record.id,
                is_batch=True,
                kind=None,
                principal=record.principal,
                customer_id=None,
                subject=None,
                batch_id=None,
                created_us=to_microseconds(record.created_at),
                record=msgspec.json.encode(record),
                owner=process,
            )
        )

    def _record(self, row: Row) -> Claim | None:
        if row.id in self.rows:
            return None
        if row.batch_id is not None and self.is_cancelled(row.batch_id):
            raise BatchCancelled(row.batch_id)
        self.rows[row.id] = row
        if row.subject is not None:
            self.reserve_subject(row.id, row.subject)
        return Claim(row.id, row.owner, row.epoch)

    def is_cancelled(self, batch_id: str) -> bool:
        batch = self.rows.get(batch_id)
        return batch is not None and batch.cancellation is not None

    def append(self, claim: Claim, number: int, name: str, step: StoredStruct) -> bool:
        """Return False if it was stored before."""
        self.fence(claim)
        steps = self.steps.setdefault(claim.id, {})
        if number in steps:
            return False
        steps[number] = name, msgspec.json.encode(step)
        return True

    def finish(self, claim: Claim, ended: OperationResult) -> bool:
        """Return False if it was stored before."""
        row = self.fence(claim)
        is_new = row.ended is None
        if is_new:
            row.ended = msgspec.json.encode(ended)
            row.state = ended.outcome.state.name
        for purchase in ended.purchases:
            self.purchases.setdefault(purchase, claim.id)
        if ended.outcome.state is not OperationState.IN_DOUBT:
            self.free_subject(claim.id)
        return is_new

    def finish_batch(self, claim: Claim, ended: BatchResult) -> None:
        row = self.fence(claim)
        if row.ended is None:
            row.ended = msgspec.json.encode(ended)

    def fence(self, claim: Claim) -> Row:
        row = self.rows.get(claim.id)
        if row is None or (row.owner, row.epoch) != (claim.owner, claim.epoch):
            raise OwnershipLost(claim.id)
        return row

    def free_subject(self, operation_id: str) -> None:
        for subject, holder in list(self.subjects.items()):
            if holder == operation_id:
                del self.subjects[subject]

    def reserve_subject(self, operation_id: str, subject: str) -> str:
        return self.subjects.setdefault(subject, operation_id)

    def holds_subject(self, claim: Claim, subject: str) -> bool:
        row = self.rows.get(claim.id)
        is_owned = row is not None and (row.owner, row.epoch) == (claim.owner, claim.epoch)
        return is_owned and self.subjects.get(subject) == claim.id

    def acquire_subject(self, claim: Claim, subject: str) -> StoredOperation | None:
        self.fence(claim)
        holder = self.reserve_subject(claim.id, subject)
        return None if holder == claim.id else self.get(holder)

    def credit(self, claim: Claim, purchase: str) -> str:
        self.fence(claim)
        return self.purchases.setdefault(purchase, claim.id)

    def find_others_of_customer(
        self, claim: Claim, customer_id: str, since: float
    ) -> list[StoredOperation]:
        self.fence(claim)
        return [
            self._operation(row)
            for row in self.rows.values()
            if row.customer_id == customer_id.lower()
            and row.id != claim.id
            and (
                row.ended is None
                or row.state == OperationState.IN_DOUBT.name
                or row.created_us > to_microseconds(since)
            )
        ]

    def get(self, operation_id: str) -> StoredOperation | None:
        row = self.rows.get(operation_id)
        return None if row is None or row.is_batch else self._operation(row)

    def find(self, wanted: OperationFilter) -> list[StoredOperation]:
        return [self._operation(row) for row in self._find(wanted, is_batch=False)]

    def count_operations(self) -> OperationCounts:
        operations = [row for row in self.rows.values() if not row.is_batch]
        doubted = [
            row
            for row in operations
            if row.state == OperationState.IN_DOUBT.name and row.settlement is None
        ]
        return OperationCounts(
            Counter(row.kind or "" for row in operations if row.ended is None),
            Counter(row.kind or "" for row in doubted),
            min((row.created_us for row in doubted), default=None),
        )

    def find_batches(self, wanted: OperationFilter) -> list[StoredBatch]:
        return [_to_stored_batch(row) for row in self._find(wanted, is_batch=True)]

    def _find(self, wanted: OperationFilter, *, is_batch: bool) -> list[Row]:
        customer_id = None if wanted.customer_id is None else wanted.customer_id.lower()
        found = [
            row
            for row in self.rows.values()
            if row.is_batch is is_batch
            and wanted.principal in {None, row.principal}
            and customer_id in {None, row.customer_id}
            and wanted.subject in {None, row.subject}
            and (not wanted.kinds or row.kind in wanted.kinds)
            and (not wanted.states or _may_be_in(row, wanted.states))
            and row.created_us >= (wanted.since or row.created_us)
            and row.created_us < (wanted.until or row.created_us + 1)
            and (wanted.before is None or (row.created_us, row.id) < wanted.before)
        ]
        found.sort(key=lambda row: (row.created_us, row.id), reverse=True)
        return found[: wanted.limit]

    def settle(self, settlement: Settlement) -> Settlement:
        row = self.rows.get(settlement.operation_id)
        if row is not None and row.settlement is None:
            row.settlement = msgspec.json.encode(settlement)
        self.free_subject(settlement.operation_id)
        found = self.get(settlement.operation_id)
        return settlement if found is None else found.settlement or settlement

    def get_batch(self, batch_id: str) -> StoredBatch | None:
        row = self.rows.get(batch_id)
        return _to_stored_batch(row) if row is not None and row.is_batch else None

    def read_line_states(self, batch_id: str) -> dict[int, OperationState | None]:
        found: dict[int, OperationState | None] = {}
        for row in self.rows.values():
            place = parse_line_number(row.id)
            if row.batch_id == batch_id and place is not None:
                found[place[1]] = None if row.state is None else OperationState[row.state]
        return found

    def cancel_batch(self, cancellation: BatchCancellation) -> None:
        row = self.rows.get(cancellation.batch_id)
        if row is not None and row.cancellation is None:
            row.cancellation = msgspec.json.encode(cancellation)

    def reserve_seats(
        self, reservation: SeatReservation, since: float, refuse: Callable[[int], str | None]
    ) -> str | None:
        mine = [each for each in self.seats.values() if each.principal == reservation.principal]
        for each in mine:
            if each.at <= since:
                del self.seats[each.operation_id]
        if reservation.operation_id in self.seats:
            return None
        reason = refuse(sum(each.seats for each in mine if each.at > since))
        if reason is None:
            self.seats[reservation.operation_id] = replace(reservation)
        return reason

    def preview_key(self, candidate: bytes) -> bytes:
        self.key = self.key or candidate
        return self.key

    def operations(self) -> Iterator[StoredOperation]:
        """Read all operations, without a transaction."""
        return (self._operation(row) for row in self.rows.values() if not row.is_batch)

    def _operation(self, row: Row) -> StoredOperation:
        steps = {} if row.ended is not None else self.steps.get(row.id, {})
        return StoredOperation(
            record=msgspec.json.decode(row.record, type=OperationRecord),
            steps=tuple(decode_step(*named) for _, named in sorted(_decode_bodies(steps))),
            result=_decode(row.ended, OperationResult),
            settlement=_decode(row.settlement, Settlement),
        )


def _decode_bodies(steps: dict[int, tuple[str, bytes]]) -> Iterator[tuple[int, tuple[str, str]]]:
    return ((number, (name, body.decode())) for number, (name, body) in steps.items())


def _to_stored_batch(row: Row) -> StoredBatch:
    return StoredBatch(
        record=msgspec.json.decode(row.record, type=BatchRecord),
        result=_decode(row.ended, BatchResult),
        cancellation=_decode(row.cancellation, BatchCancellation),
    )


def _decode(body: bytes | None, kind: type[T]) -> T | None:
    return None if body is None else msgspec.json.decode(body, type=kind)


def _may_be_in(row: Row, states: Collection[OperationState]) -> bool:
    """Whether an operation may be shown in one of these states."""
    if row.state is None:
        return not OPEN_STATES.isdisjoint(states)
    if row.settlement is not None:
        return not {OperationState.DONE, OperationState.FAILED}.isdisjoint(states)
    return OperationState[row.state] in states
