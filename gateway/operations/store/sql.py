"""Implements `OperationStore` over SQLAlchemy, for SQLite and PostgreSQL alike.

Every method is one transaction in a thread of its own. A write that cannot be committed raises
StoreUnavailable, which says whether it may have been stored all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import msgspec

from gateway.operations.batch_record import BatchEnded, BatchRecord, Cancellation, line_of
from gateway.operations.entries import Ended, Settlement, decode_step
from gateway.operations.record import Record, Stored, created_us
from gateway.operations.store import tables
from gateway.operations.store.base import (
    Claim,
    OperationFilter,
    OwnershipLost,
    SeatReservation,
    StoredBatch,
    StoredOperation,
    StoreUnavailable,
    TakenOver,
)
from gateway.operations.store.lazy_sqlalchemy import preload, sqlalchemy
from gateway.operations.store.machine import is_gone, own_identity
from gateway.operations.store.previous_version import import_operations
from gateway.operations.store.rehearsal import rehearse
from schema.operation import OperationState

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Row, TextClause

T = TypeVar("T")

LEASE_S: Final = 15.0
_TAKEN_AT_ONCE: Final = 200
_READERS: Final = 4
_CLOSE_WITHIN_S: Final = 5.0


class Database(Protocol):
    """What differs between SQLite and PostgreSQL.

    Attributes:
        schema: prefix of the tables' names.
        old_schema: likewise of the version before.
        now: SQL for the store's clock, in seconds.
        for_update: SQL that locks the rows which a transaction has read.
        skip_locked: likewise, leaving out rows that others have locked.
        writers: write transactions at a time.
        is_local: only processes of this machine use it.
    """

    schema: str
    old_schema: str
    now: str
    for_update: str
    skip_locked: str
    writers: int
    is_local: bool

    def is_missing(self) -> bool:
        """Whether nothing is there yet, and can be created. Raises OSError otherwise."""
        ...

    def connect(self, *, is_dry_run: bool) -> Engine:
        """Create what holds the tables, and return the connections to it.

        A dry run leaves what is there as it was.
        """
        ...

    def prepare(self, connection: Connection) -> None:
        """Keep others from preparing until the transaction ends.

        Raises StoreUnavailable for a database that cannot hold every text.
        """
        ...

    def has_tables(self, connection: Connection) -> bool:
        """Whether the tables are there; they are created all together."""
        ...

    def create_schema(self, connection: Connection) -> None:
        """Create what the tables are in."""
        ...

    def has_previous_version(self, connection: Connection) -> bool:
        """Whether the version before this one stored operations here.

        Raises StoreUnavailable while a process of that version is running.
        """
        ...

    def unusable_reason(self) -> str | None:
        """Say why writes would go nowhere; None when they would not."""
        ...

    def explain(self, error: Exception) -> str:
        """Say what is wrong and what to do, without secrets."""
        ...


class _SessionLost(StoreUnavailable):
    """A session ended before its commit: nothing was stored, and another session may work."""


class _Rehearsed(Exception):
    """Ends a transaction that is not to be committed."""


class SqlOperationStore:
    """The tables of operations in one database."""

    def __init__(self, database: Database, *, lease_s: float = LEASE_S) -> None:
        self._database = database
        self.lease_s = lease_s
        self._engine: Engine | None = None
        self._writers = ThreadPoolExecutor(database.writers, "operations-write")
        self._readers = ThreadPoolExecutor(_READERS, "operations-read")
        self._statements: dict[str, TextClause] = {}

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
            rehearse(partial(self._run, connection))
            raise _Rehearsed

        with contextlib.suppress(_Rehearsed):
            self._transact(act)

    def _connect(self, *, is_dry_run: bool = False) -> None:
        try:
            self._engine = self._engine or self._database.connect(is_dry_run=is_dry_run)
        except (sqlalchemy.exc.SQLAlchemyError, OSError) as error:
            raise StoreUnavailable(self._database.explain(error)) from error

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
        elif version > tables.VERSION:
            raise StoreUnavailable(
                f"The database was written by a newer version of this gateway (its tables are of"
                f" version {version}, this one knows {tables.VERSION}). Start that version, or set"
                " database_url to another database."
            )

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

    async def close(self) -> None:
        """Close the connections. A transaction that hangs is left to its time limit."""
        loop, is_closed = asyncio.get_running_loop(), asyncio.Event()

        def close() -> None:
            for threads in (self._writers, self._readers):
                threads.shutdown(cancel_futures=True)
            if self._engine is not None:
                self._engine.dispose()
            with contextlib.suppress(RuntimeError):  # the loop is over
                loop.call_soon_threadsafe(is_closed.set)

        threading.Thread(target=close, daemon=True, name="operations-close").start()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(is_closed.wait(), _CLOSE_WITHIN_S)

    async def acquire_lease(self, process: str) -> None:
        """Take a lease for a new run of a process."""
        identity = own_identity()

        def act(connection: Connection) -> None:
            self._run(
                connection,
                tables.ACQUIRE_LEASE,
                process=process,
                identity=identity,
                ttl_s=self.lease_s,
            )

        await self._write(act)

    async def renew_lease(self, process: str) -> bool:
        """Renew the lease of a run of a process."""

        def act(connection: Connection) -> bool:
            renewed = self._run(connection, tables.RENEW_LEASE, process=process, ttl_s=self.lease_s)
            return bool(renewed.rowcount)

        return await self._write(act)

    async def release_lease(self, process: str) -> None:
        """Give up the lease: others may take over at once."""
        await self._write(
            lambda connection: self._run(connection, tables.RELEASE_LEASE, process=process)
        )

    async def take_over(self, process: str, *, with_expired: bool) -> list[TakenOver]:
        """Take some open operations and batches whose owners are dead."""

        def act(connection: Connection) -> list[TakenOver]:
            if not self._run(connection, tables.HOLD_LEASE, process=process).first():
                return []
            for other, identity, has_expired in self._run(
                connection, tables.OTHER_LEASES, process=process
            ).all():
                gone = is_gone(identity, is_on_this_machine=self._database.is_local)
                if gone or (has_expired and with_expired):
                    self._run(connection, tables.REVOKE, process=other, is_gone=int(gone))
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

    async def record(self, record: Record, process: str) -> Claim | None:
        """Record an operation; None when its id is taken."""
        return await self._recorded(
            process,
            id=record.id,
            is_batch=0,
            principal=record.principal,
            customer_id=record.order.customer_id.lower(),
            subject=record.subject,
            batch_id=record.batch_id,
            created_us=created_us(record.created_at),
            record=_json(record),
        )

    async def record_batch(self, record: BatchRecord, process: str) -> Claim | None:
        """Record a batch; None when its id is taken."""
        return await self._recorded(
            process,
            id=record.id,
            is_batch=1,
            principal=record.principal,
            customer_id=None,
            subject=None,
            batch_id=None,
            created_us=created_us(record.created_at),
            record=_json(record),
        )

    async def _recorded(self, process: str, **columns: Any) -> Claim | None:
        def act(connection: Connection) -> bool:
            recorded = self._run(connection, tables.RECORD, owner=process, **columns)
            if recorded.rowcount and columns["subject"] is not None:
                named = {name: columns[name] for name in ("id", "subject")}
                self._run(connection, tables.RESERVE_SUBJECT, **named)
            return bool(recorded.rowcount)

        is_new = await self._write(act)
        return Claim(columns["id"], process, 1) if is_new else None

    async def append(self, claim: Claim, number: int, name: str, step: Stored) -> None:
        """Record the end of a step."""
        body = _json(step)

        def act(connection: Connection) -> None:
            self._fence(connection, claim)
            self._run(connection, tables.APPEND, id=claim.id, number=number, name=name, body=body)

        await self._write(act)

    async def finish(self, claim: Claim, ended: Ended) -> None:
        """Record the end with what it bought, and free the subject unless it is in doubt."""
        state = ended.ending.state

        def act(connection: Connection) -> None:
            if self._fence(connection, claim) is None:
                self._run(
                    connection, tables.FINISH, id=claim.id, ended=_json(ended), state=state.name
                )
            if ended.purchase is not None:
                self._run(connection, tables.CREDIT, id=claim.id, purchase=ended.purchase)
            if state is not OperationState.IN_DOUBT:
                self._run(connection, tables.FREE_SUBJECT, id=claim.id)

        await self._write(act)

    async def finish_batch(self, claim: Claim, ended: BatchEnded) -> None:
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

    def _steps(self, connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, list[Stored]]:
        """Read the steps of those that are open."""
        ids = [row.id for row in rows if row.ended is None and not row.is_batch]
        steps: dict[str, list[Stored]] = {each: [] for each in ids}
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
                place = line_of(line_id)
                if place is not None:
                    found[place[1]] = None if state is None else OperationState[state]
            return found

        return await self._read(act)

    async def cancel_batch(self, cancellation: Cancellation) -> None:
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

    async def _write(self, act: Callable[[Connection], T]) -> T:
        return await self._in(self._writers, lambda: self._transact(act, writes=True))

    async def _read(self, act: Callable[[Connection], T]) -> T:
        return await self._in(self._readers, lambda: self._transact(act, writes=False))

    async def _in(self, threads: ThreadPoolExecutor, act: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, act)
        except RuntimeError as closed:  # by the executor, whose threads are shut down
            raise StoreUnavailable("The store is closed.") from closed

    def _transact(self, act: Callable[[Connection], T], *, writes: bool = True) -> T:
        try:
            return self._attempt(act, writes=writes)
        except _SessionLost:
            return self._attempt(act, writes=writes)

    def _attempt(self, act: Callable[[Connection], T], *, writes: bool) -> T:
        if self._engine is None:
            raise StoreUnavailable("The store is not open.")
        self._require_usable()
        is_committing = False
        try:
            with self._engine.connect().execution_options(writes=writes) as connection:
                result = act(connection)
                is_committing = writes
                connection.commit()
        except (sqlalchemy.exc.SQLAlchemyError, OSError) as error:
            reason = self._database.explain(error)
            if not is_committing and getattr(error, "connection_invalidated", False):
                raise _SessionLost(reason) from error
            raise StoreUnavailable(reason, may_be_stored=is_committing) from error
        if writes:
            self._require_usable(may_be_stored=True)  # or it was committed to a file that is gone
        return result

    def _require_usable(self, *, may_be_stored: bool = False) -> None:
        reason = self._database.unusable_reason()
        if reason is not None:
            raise StoreUnavailable(reason, may_be_stored=may_be_stored)

    def _run(self, connection: Connection, statement: str, **named: Any) -> Any:
        return connection.execute(self._prepared(statement), named)

    def _prepared(self, statement: str) -> TextClause:
        found = self._statements.get(statement)
        if found is None:
            database = self._database
            found = sqlalchemy.text(
                statement.format(
                    s=database.schema,
                    old=database.old_schema,
                    now=database.now,
                    for_update=database.for_update,
                    skip_locked=database.skip_locked,
                )
            )
            if ":ids" in statement:
                found = found.bindparams(sqlalchemy.bindparam("ids", expanding=True))
            self._statements[statement] = found
        return found


def _operation(row: Row[Any], steps: dict[str, list[Stored]]) -> StoredOperation:
    return StoredOperation(
        record=msgspec.json.decode(row.record, type=Record),
        steps=tuple(steps.get(row.id, ())),
        ended=_decoded(row.ended, Ended),
        settlement=_decoded(row.settlement, Settlement),
    )


def _batch(row: Row[Any]) -> StoredBatch:
    return StoredBatch(
        record=msgspec.json.decode(row.record, type=BatchRecord),
        ended=_decoded(row.ended, BatchEnded),
        cancellation=_decoded(row.cancellation, Cancellation),
    )


def _decoded(body: str | None, kind: type[T]) -> T | None:
    return None if body is None else msgspec.json.decode(body, type=kind)


def _json(value: Stored) -> str:
    return msgspec.json.encode(value).decode()
