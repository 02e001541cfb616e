"""Implements `OperationStore` for SQLite and PostgreSQL alike; every method is one transaction."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from gateway.operations.model.batch import (
    BatchCancellation,
    BatchRecord,
    BatchResult,
    parse_line_number,
)
from gateway.operations.model.record import OperationRecord, StoredStruct, to_microseconds
from gateway.operations.model.steps import OperationResult, Settlement, decode_step
from gateway.operations.store import tables
from gateway.operations.store.base import (
    BatchCancelled,
    Claim,
    OperationFilter,
    OwnershipLost,
    SeatReservation,
    StoredBatch,
    StoredOperation,
    StoreUnavailable,
    TakenOver,
)
from gateway.operations.store.dry_run import execute_all
from gateway.operations.store.lazy_sqlalchemy import preload
from gateway.operations.store.machine import is_gone, own_identity
from gateway.operations.store.previous_version import import_operations
from gateway.operations.store.rows import batch_columns, operation_columns
from gateway.operations.store.transactions import Database, Transactions
from schema.operation import OperationState

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

T = TypeVar("T")

LEASE_S: Final = 15.0
# Built at import: msgspec 0.22 crashes when several threads use a type for the first time.
_RECORD: Final = msgspec.json.Decoder(OperationRecord)
_ENDED: Final = msgspec.json.Decoder(OperationResult)
_SETTLEMENT: Final = msgspec.json.Decoder(Settlement)
_BATCH_RECORD: Final = msgspec.json.Decoder(BatchRecord)
_BATCH_ENDED: Final = msgspec.json.Decoder(BatchResult)
_CANCELLATION: Final = msgspec.json.Decoder(BatchCancellation)
_TAKEN_AT_ONCE: Final = 200


class _Rehearsed(Exception):
    """Ends a transaction that is not to be committed."""


class SqlOperationStore(Transactions):
    """The tables of operations in one database."""

    def __init__(self, database: Database, *, lease_s: float = LEASE_S) -> None:
        super().__init__(database)
        self.lease_s = lease_s

    async def open(self) -> None:
        """Create what is missing and import what an earlier version wrote."""
        await asyncio.to_thread(preload)
        await self._in(self._writers, self._open)

    def _open(self) -> None:
        self._connect()
        self._transact(self._prepare)
        self._rehearse()

    def _rehearse(self, prepare: Callable[[Connection], None] | None = None) -> None:
        """Execute what purchases will, so that none is sent and cannot be recorded."""

        def act(connection: Connection) -> None:
            if prepare is not None:
                prepare(connection)
            execute_all(partial(self._run, connection))
            raise _Rehearsed

        with contextlib.suppress(_Rehearsed):
            self._transact(act)

    def _prepare(self, connection: Connection) -> None:
        self._database.prepare(connection)
        # Who may use the tables need not be able to create them.
        if not self._database.has_tables(connection):
            self._database.create_schema(connection)
            for statement in tables.CREATE:
                self._run(connection, statement)
        version = self._run(connection, tables.READ_VERSION).scalar()
        if version is None:
            if self._database.has_previous_version(connection):
                import_operations(partial(self._run, connection))
            self._run(connection, tables.WRITE_VERSION, version=tables.VERSION)
        elif version < tables.VERSION:
            self._update(connection, version)
        elif version > tables.VERSION:
            raise StoreUnavailable(
                f"The database was written by a newer version of this gateway (its tables are of"
                f" version {version}, this one knows {tables.VERSION}). Start that version, or set"
                " database_url to another database."
            )

    def _update(self, connection: Connection, version: int) -> None:
        """Change the tables of an earlier version; what they hold is kept."""
        for later in range(version + 1, tables.VERSION + 1):
            for statement in tables.UPDATES[later]:
                self._run(connection, statement)
        self._run(connection, tables.WRITE_VERSION, version=tables.VERSION)

    async def dry_run(self) -> None:
        """Do all that a start and a purchase do, and undo it."""
        await asyncio.to_thread(preload)
        await self._in(self._writers, self._dry_run)

    def _dry_run(self) -> None:
        try:
            if self._database.is_missing():
                return
        except OSError as error:
            raise StoreUnavailable(self._database.explain(error)) from error
        self._connect(is_dry_run=True)
        self._rehearse(self._prepare)

    async def acquire_lease(self, process: str) -> None:
        """Take a lease for a new run of a process."""
        identity = own_identity()

        def act(connection: Connection) -> None:
            self._run(connection, tables.ACQUIRE_LEASE, process=process, identity=identity)

        await self._write(act)

    async def renew_lease(self, process: str) -> bool:
        """Renew the lease of a run of a process."""

        def act(connection: Connection) -> bool:
            return bool(self._run(connection, tables.RENEW_LEASE, process=process).rowcount)

        return await self._write(act)

    async def release_lease(self, process: str) -> None:
        """Give up the lease: others may take over at once."""
        await self._write(
            lambda connection: self._run(connection, tables.RELEASE_LEASE, process=process)
        )

    async def other_leases(self, process: str) -> dict[str, int]:
        """Read how often each other run of a process has renewed its lease."""

        def act(connection: Connection) -> dict[str, int]:
            others = self._run(connection, tables.OTHER_LEASES, process=process)
            return {other: renewals for other, _, renewals in others}

        return await self._read(act)

    async def take_over(self, process: str, expired: Mapping[str, int]) -> list[TakenOver]:
        """Take some open operations and batches whose owners are dead."""

        def act(connection: Connection) -> list[TakenOver]:
            if not self._run(connection, tables.HOLD_LEASE, process=process).first():
                return []
            for other, identity, renewals in self._run(
                connection, tables.OTHER_LEASES, process=process
            ).all():
                if expired.get(other) == renewals or is_gone(
                    identity, is_on_this_machine=self._database.is_local
                ):
                    self._run(connection, tables.REVOKE, process=other, renewals=renewals)
            orphans = self._run(connection, tables.ORPHANS, limit=_TAKEN_AT_ONCE).scalars().all()
            taken = [
                orphan_id
                for orphan_id in orphans
                if self._run(connection, tables.TAKE, process=process, id=orphan_id).rowcount
            ]
            return self._taken(connection, process, taken)

        return await self._write(act)

    async def owned_by(self, process: str) -> list[TakenOver]:
        """Read the open operations and batches of a run of a process."""

        def act(connection: Connection) -> list[TakenOver]:
            ids = self._run(connection, tables.OWNED, process=process).scalars().all()
            return self._taken(connection, process, ids)

        return await self._read(act)

    async def reclaim(self, process: str, executed: Collection[str]) -> list[TakenOver]:
        """Take what this run of a process owns and does not execute."""

        def act(connection: Connection) -> list[TakenOver]:
            ids = self._run(connection, tables.OWNED, process=process).scalars().all()
            reclaimed = [
                each
                for each in ids
                if each not in executed
                and self._run(connection, tables.RECLAIM, process=process, id=each).rowcount
            ]
            return self._taken(connection, process, reclaimed)

        return await self._write(act)

    def _taken(self, connection: Connection, process: str, ids: Iterable[str]) -> list[TakenOver]:
        rows = [row for each in ids for row in self._run(connection, tables.READ, id=each)]
        steps = self._steps(connection, rows)
        return [
            TakenOver(
                Claim(row.id, process, row.epoch),
                _batch(row) if row.is_batch else _operation(row, steps),
            )
            for row in rows
        ]

    async def record(self, record: OperationRecord, process: str) -> Claim | None:
        """Record an operation; None when its id is taken."""
        return await self._recorded(process, operation_columns(record))

    async def record_batch(self, record: BatchRecord, process: str) -> Claim | None:
        """Record a batch; None when its id is taken."""
        return await self._recorded(process, batch_columns(record))

    async def _recorded(self, process: str, columns: dict[str, Any]) -> Claim | None:
        def act(connection: Connection) -> bool:
            recorded = self._run(connection, tables.RECORD, owner=process, **columns)
            if recorded.rowcount:
                self._require_not_cancelled(connection, columns["batch_id"])
            if recorded.rowcount and columns["subject"] is not None:
                named = {name: columns[name] for name in ("id", "subject")}
                self._run(connection, tables.RESERVE_SUBJECT, **named)
            return bool(recorded.rowcount)

        is_new = await self._write(act)
        return Claim(columns["id"], process, 1) if is_new else None

    def _require_not_cancelled(self, connection: Connection, batch_id: str | None) -> None:
        if batch_id is None:
            return
        batch = self._run(connection, tables.BATCH_OF_LINE, batch_id=batch_id).first()
        if batch is not None and batch.cancellation is not None:
            raise BatchCancelled(batch_id)

    async def append(self, claim: Claim, number: int, name: str, step: StoredStruct) -> None:
        """Record the end of a step."""
        body = _json(step)

        def act(connection: Connection) -> None:
            self._fence(connection, claim)
            self._run(connection, tables.APPEND, id=claim.id, number=number, name=name, body=body)

        await self._write(act)

    async def finish(self, claim: Claim, ended: OperationResult) -> None:
        """Record the end with what it bought, and free the subject unless it is in doubt."""
        state = ended.outcome.state

        def act(connection: Connection) -> None:
            if self._fence(connection, claim) is None:
                self._run(
                    connection, tables.FINISH, id=claim.id, ended=_json(ended), state=state.name
                )
            for purchase in ended.purchases:
                self._run(connection, tables.CREDIT, id=claim.id, purchase=purchase)
            if state is not OperationState.IN_DOUBT:
                self._run(connection, tables.FREE_SUBJECT, id=claim.id)

        await self._write(act)

    async def finish_batch(self, claim: Claim, ended: BatchResult) -> None:
        """Record the end of a batch."""

        def act(connection: Connection) -> None:
            if self._fence(connection, claim) is None:
                self._run(connection, tables.FINISH, id=claim.id, ended=_json(ended), state=None)

        await self._write(act)

    def _fence(self, connection: Connection, claim: Claim) -> str | None:
        """Hold the operation for this transaction; returns how it ended, if it has."""
        row = self._run(
            connection, tables.FENCE, id=claim.id, owner=claim.owner, epoch=claim.epoch
        ).first()
        if row is None:
            raise OwnershipLost(claim.id)
        ended: str | None = row.ended
        return ended

    async def acquire_subject(self, claim: Claim, subject: str) -> StoredOperation | None:
        """Reserve a subject; None on success, else the operation that holds it."""

        def holds(connection: Connection) -> bool:
            holding = self._run(connection, tables.HOLDS_SUBJECT, subject=subject, **asdict(claim))
            return holding.first() is not None

        if await self._read(holds):  # since it was recorded
            return None

        def act(connection: Connection) -> StoredOperation | None:
            self._fence(connection, claim)
            while True:
                self._run(connection, tables.RESERVE_SUBJECT, subject=subject, id=claim.id)
                holder = self._run(connection, tables.SUBJECT_HOLDER, subject=subject).scalar()
                if holder == claim.id:
                    return None
                if holder is not None:  # or it was freed between the two
                    return self._find_by_id(connection, holder)

        return await self._write(act)

    async def credit(self, claim: Claim, purchase: str) -> str:
        """Credit a purchase to an operation unless another has it."""

        def act(connection: Connection) -> str:
            self._fence(connection, claim)
            self._run(connection, tables.CREDIT, purchase=purchase, id=claim.id)
            buyer: str = self._run(connection, tables.BUYER, purchase=purchase).scalar_one()
            return buyer

        return await self._write(act)

    async def others_of_customer(
        self, claim: Claim, customer_id: str, since: float
    ) -> list[StoredOperation]:
        """Read a customer's other operations: open, in doubt, or recorded since a time."""
        named = {
            "id": claim.id,
            "customer_id": customer_id.lower(),
            "since": to_microseconds(since),
        }

        def act(connection: Connection) -> list[StoredOperation]:
            self._fence(connection, claim)
            rows = self._run(connection, tables.OTHERS_OF_CUSTOMER, **named).all()
            steps = self._steps(connection, rows)
            return [_operation(row, steps) for row in rows]

        return await self._write(act)

    async def get(self, operation_id: str) -> StoredOperation | None:
        """Read an operation; None when there is none."""
        return await self._read(lambda connection: self._find_by_id(connection, operation_id))

    def _find_by_id(self, connection: Connection, operation_id: str) -> StoredOperation | None:
        rows = self._run(connection, tables.READ, id=operation_id).all()
        steps = self._steps(connection, rows)
        return next((_operation(row, steps) for row in rows if not row.is_batch), None)

    async def find(self, wanted: OperationFilter) -> list[StoredOperation]:
        """Read operations, newest first by creation time and then by id."""

        def act(connection: Connection) -> list[StoredOperation]:
            rows = self._find(connection, wanted, is_batch=0)
            steps = self._steps(connection, rows)
            return [_operation(row, steps) for row in rows]

        return await self._read(act)

    async def find_batches(self, wanted: OperationFilter) -> list[StoredBatch]:
        """Read batches, newest first by creation time and then by id."""
        return await self._read(
            lambda connection: [*map(_batch, self._find(connection, wanted, is_batch=1))]
        )

    def _find(
        self, connection: Connection, wanted: OperationFilter, *, is_batch: int
    ) -> Sequence[Row[Any]]:
        values = {
            "principal": wanted.principal,
            "customer_id": None if wanted.customer_id is None else wanted.customer_id.lower(),
            "subject": wanted.subject,
        }
        named: dict[str, Any] = {name: v for name, v in values.items() if v is not None}
        conditions = "".join(f" AND {name} = :{name}" for name in named)
        if wanted.before is not None:
            conditions += " AND (created_us, id) < (:created_us, :id)"
            named |= {"created_us": wanted.before[0], "id": wanted.before[1]}
        statement = tables.FIND.replace("{conditions}", conditions)
        found: Sequence[Row[Any]] = self._run(
            connection, statement, limit=wanted.limit, is_batch=is_batch, **named
        ).all()
        return found

    def _steps(
        self, connection: Connection, rows: Sequence[Row[Any]]
    ) -> dict[str, list[StoredStruct]]:
        """Read the steps of those that are open."""
        ids = [row.id for row in rows if row.ended is None and not row.is_batch]
        steps: dict[str, list[StoredStruct]] = {each: [] for each in ids}
        if ids:
            for operation_id, name, body in self._run(connection, tables.STEPS, ids=ids):
                steps[operation_id].append(decode_step(name, body))
        return steps

    async def settle(self, settlement: Settlement) -> Settlement:
        """Record a settlement unless there is one; returns the one that is recorded."""

        def act(connection: Connection) -> Settlement:
            settled_id = settlement.operation_id
            self._run(connection, tables.SETTLE, id=settled_id, settlement=_json(settlement))
            self._run(connection, tables.FREE_SUBJECT, id=settled_id)
            found = self._find_by_id(connection, settled_id)
            return settlement if found is None else found.settlement or settlement

        return await self._write(act)

    async def get_batch(self, batch_id: str) -> StoredBatch | None:
        """Read a batch; None when there is none."""

        def act(connection: Connection) -> StoredBatch | None:
            row = self._run(connection, tables.READ, id=batch_id).first()
            return _batch(row) if row is not None and row.is_batch else None

        return await self._read(act)

    async def line_states(self, batch_id: str) -> dict[int, OperationState | None]:
        """Read how the lines ended that have an operation; None for those that are open."""

        def act(connection: Connection) -> dict[int, OperationState | None]:
            found: dict[int, OperationState | None] = {}
            for line_id, state in self._run(connection, tables.LINES, id=batch_id):
                place = parse_line_number(line_id)
                if place is not None:
                    found[place[1]] = None if state is None else OperationState[state]
            return found

        return await self._read(act)

    async def cancel_batch(self, cancellation: BatchCancellation) -> None:
        """Record a cancellation unless there is one."""
        named = {"id": cancellation.batch_id, "cancellation": _json(cancellation)}
        await self._write(lambda connection: self._run(connection, tables.CANCEL, **named))

    async def reserve_seats(
        self, reservation: SeatReservation, since: float, refuse: Callable[[int], str | None]
    ) -> str | None:
        """Reserve seats unless `refuse`, given the number reserved since then, returns a reason."""
        principal = reservation.principal

        def act(connection: Connection) -> str | None:
            self._run(connection, tables.USE_ACCOUNT, principal=principal)
            self._run(connection, tables.FORGET_SEATS, principal=principal, since=since)
            reserved = dict(self._run(connection, tables.RESERVED_SEATS, principal=principal).all())
            if reservation.operation_id in reserved:
                return None
            reason = refuse(sum(reserved.values()))
            if reason is None:
                self._run(connection, tables.RESERVE_SEATS, **asdict(reservation))
            return reason

        return await self._write(act)

    async def preview_key(self, candidate: bytes) -> bytes:
        """Read the key that signs previews; keeps the candidate where there is none."""

        def act(connection: Connection) -> bytes:
            self._run(connection, tables.KEEP_KEY, secret=candidate.hex())
            return bytes.fromhex(self._run(connection, tables.READ_KEY).scalar_one())

        return await self._write(act)


def _operation(row: Row[Any], steps: dict[str, list[StoredStruct]]) -> StoredOperation:
    return StoredOperation(
        record=_RECORD.decode(row.record),
        steps=tuple(steps.get(row.id, ())),
        ended=_decode_if_any(_ENDED, row.ended),
        settlement=_decode_if_any(_SETTLEMENT, row.settlement),
    )


def _batch(row: Row[Any]) -> StoredBatch:
    return StoredBatch(
        record=_BATCH_RECORD.decode(row.record),
        ended=_decode_if_any(_BATCH_ENDED, row.ended),
        cancellation=_decode_if_any(_CANCELLATION, row.cancellation),
    )


def _decode_if_any(decoder: msgspec.json.Decoder[T], body: str | None) -> T | None:
    return None if body is None else decoder.decode(body)


def _json(value: StoredStruct) -> str:
    return msgspec.json.encode(value).decode()
