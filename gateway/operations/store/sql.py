"""Implements `OperationStore` for SQLite and PostgreSQL; each write is one transaction."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from gateway.operations.model.batch import parse_line_number
from gateway.operations.model.record import to_microseconds
from gateway.operations.store import ownership, personal_data, subjects, tables
from gateway.operations.store.base import BatchCancelled, Claim, OperationCounts
from gateway.operations.store.lazy_sqlalchemy import preload
from gateway.operations.store.machine import own_identity
from gateway.operations.store.rows import (
    batch_columns,
    encode_json,
    operation_columns,
    read_operation,
    select_rows,
    to_batch,
    to_operations,
)
from gateway.operations.store.setup import set_up, try_out
from gateway.operations.store.transactions import Database, Run, Transactions
from schema.operation import OperationState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from gateway.operations.model.audit import AuditFinding
    from gateway.operations.model.batch import BatchCancellation, BatchRecord, BatchResult
    from gateway.operations.model.record import OperationRecord, StoredStruct
    from gateway.operations.model.steps import OperationResult, Settlement
    from gateway.operations.store.base import (
        OperationFilter,
        SeatReservation,
        StoredBatch,
        StoredOperation,
        Takeover,
    )

LEASE_S: Final = 15.0
_MAX_REVIEWS: Final = 200


class SqlOperationStore:
    """Stores operations with SQL. `OperationStore` documents the methods."""

    def __init__(self, database: Database, *, lease_s: float = LEASE_S) -> None:
        self.lease_s = lease_s
        self._database = database
        self._transactions = Transactions(database)

    async def open(self) -> None:
        await asyncio.to_thread(preload)
        await self._transactions.run_in_writer(self._set_up)

    def _set_up(self) -> None:
        set_up(self._transactions, self._database)

    async def dry_run(self) -> None:
        """Execute everything that starting and buying execute, and roll it back."""
        await asyncio.to_thread(preload)
        await self._transactions.run_in_writer(partial(try_out, self._transactions, self._database))

    async def close(self) -> None:
        await self._transactions.close()

    # Leases

    async def acquire_lease(self, process: str) -> None:
        values = {"process": process, "identity": own_identity()}
        await self._transactions.write(lambda run: run(tables.ACQUIRE_LEASE, **values))

    async def renew_lease(self, process: str) -> bool:
        return await self._transactions.write(
            lambda run: bool(run(tables.RENEW_LEASE, process=process).rowcount)
        )

    async def release_lease(self, process: str) -> None:
        await self._transactions.write(lambda run: run(tables.RELEASE_LEASE, process=process))

    async def read_other_leases(self, process: str) -> dict[str, int]:
        def act(run: Run) -> dict[str, int]:
            rows = run(tables.OTHER_LEASES, process=process)
            return {other: renewals for other, _, renewals in rows}

        return await self._transactions.read(act)

    async def take_over(self, process: str, expired: Mapping[str, int]) -> list[Takeover]:
        is_local = self._database.is_local
        return await self._transactions.write(
            lambda run: ownership.take_over(run, process, expired, is_local=is_local)
        )

    async def list_owned(self, process: str) -> list[Takeover]:
        return await self._transactions.read(lambda run: ownership.list_owned(run, process))

    async def reclaim(self, process: str, executed: Collection[str]) -> list[Takeover]:
        return await self._transactions.write(lambda run: ownership.reclaim(run, process, executed))

    # Operations

    async def record(self, record: OperationRecord, process: str) -> Claim | None:
        return await self._insert(process, operation_columns(record))

    async def _insert(self, process: str, columns: dict[str, Any]) -> Claim | None:
        def act(run: Run) -> bool:
            is_new = bool(run(tables.RECORD, owner=process, **columns).rowcount)
            if is_new:
                _require_not_cancelled(run, columns["batch_id"])
            if is_new and columns["subject"] is not None:
                run(tables.RESERVE_SUBJECT, id=columns["id"], subject=columns["subject"])
            return is_new

        is_new = await self._transactions.write(act)
        return Claim(columns["id"], process, 1) if is_new else None

    async def append(self, claim: Claim, number: int, name: str, step: StoredStruct) -> None:
        body = encode_json(step)

        def act(run: Run) -> None:
            ownership.fence(run, claim)
            run(tables.APPEND, id=claim.id, number=number, name=name, body=body)

        await self._transactions.write(act)

    async def finish(self, claim: Claim, result: OperationResult) -> None:
        state = result.outcome.state

        def act(run: Run) -> None:
            if ownership.fence(run, claim) is None:
                run(tables.FINISH, id=claim.id, ended=encode_json(result), state=state.name)
            for purchase in result.purchases:
                run(tables.CREDIT, id=claim.id, purchase=purchase)
            if state is not OperationState.IN_DOUBT:
                run(tables.FREE_SUBJECT, id=claim.id)

        await self._transactions.write(act)

    async def acquire_subject(self, claim: Claim, subject: str) -> StoredOperation | None:
        # Most operations have reserved theirs when they were recorded; reading costs no commit.
        if await self._transactions.read(lambda run: subjects.holds_subject(run, claim, subject)):
            return None
        return await self._transactions.write(
            lambda run: subjects.acquire_subject(run, claim, subject)
        )

    async def credit(self, claim: Claim, purchase: str) -> str:
        return await self._transactions.write(lambda run: subjects.credit(run, claim, purchase))

    async def find_others_of_customer(
        self, claim: Claim, customer_id: str, since: float
    ) -> list[StoredOperation]:
        return await self._transactions.write(
            lambda run: subjects.find_others_of_customer(run, claim, customer_id, since)
        )

    async def get(self, operation_id: str) -> StoredOperation | None:
        return await self._transactions.read(lambda run: read_operation(run, operation_id))

    async def find(self, query: OperationFilter) -> list[StoredOperation]:
        return await self._transactions.read(
            lambda run: to_operations(run, select_rows(run, query, is_batch=0))
        )

    async def count_operations(self) -> OperationCounts:
        def act(run: Run) -> OperationCounts:
            is_open = dict(run(tables.COUNT_OPEN).all())
            in_doubt = run(tables.COUNT_IN_DOUBT).all()
            oldest = min((created_us for _, _, created_us in in_doubt), default=None)
            return OperationCounts(is_open, {kind: n for kind, n, _ in in_doubt}, oldest)

        return await self._transactions.read(act)

    async def settle(self, settlement: Settlement) -> Settlement:
        def act(run: Run) -> Settlement:
            operation_id = settlement.operation_id
            run(tables.SETTLE, id=operation_id, settlement=encode_json(settlement))
            run(tables.FREE_SUBJECT, id=operation_id)
            stored = read_operation(run, operation_id)
            return settlement if stored is None else stored.settlement or settlement

        return await self._transactions.write(act)

    # Reviews of operations in doubt

    async def claim_reviews(
        self, now: float, next_due: Callable[[StoredOperation], float]
    ) -> list[StoredOperation]:
        def act(run: Run) -> list[StoredOperation]:
            now_us = to_microseconds(now)
            ids = run(tables.DUE_REVIEWS, now=now_us, limit=_MAX_REVIEWS).scalars().all()
            found = (read_operation(run, each) for each in ids)
            return [each for each in found if each and claim(run, each, now_us)]

        def claim(run: Run, stored: StoredOperation, now_us: int) -> bool:
            due_us = to_microseconds(next_due(stored))
            return bool(
                run(tables.CLAIM_REVIEW, id=stored.record.id, now=now_us, due=due_us).rowcount
            )

        return await self._transactions.write(act)

    async def store_finding(self, finding: AuditFinding) -> None:
        values = {"id": finding.operation_id, "audit": encode_json(finding)}
        await self._transactions.write(lambda run: run(tables.STORE_AUDIT, **values))

    async def delete_personal_data(
        self, before: float, after: tuple[int, str]
    ) -> tuple[int, str] | None:
        before_us = to_microseconds(before)
        return await self._transactions.write(
            lambda run: personal_data.delete_page(run, before_us, after)
        )

    # Batches

    async def record_batch(self, record: BatchRecord, process: str) -> Claim | None:
        return await self._insert(process, batch_columns(record))

    async def get_batch(self, batch_id: str) -> StoredBatch | None:
        def act(run: Run) -> StoredBatch | None:
            row = run(tables.READ, id=batch_id).first()
            return to_batch(row) if row is not None and row.is_batch else None

        return await self._transactions.read(act)

    async def find_batches(self, query: OperationFilter) -> list[StoredBatch]:
        return await self._transactions.read(
            lambda run: [*map(to_batch, select_rows(run, query, is_batch=1))]
        )

    async def read_line_states(self, batch_id: str) -> dict[int, OperationState | None]:
        def act(run: Run) -> dict[int, OperationState | None]:
            states: dict[int, OperationState | None] = {}
            for line_id, state in run(tables.LINES, id=batch_id):
                line = parse_line_number(line_id)
                if line is not None:
                    states[line[1]] = None if state is None else OperationState[state]
            return states

        return await self._transactions.read(act)

    async def cancel_batch(self, cancellation: BatchCancellation) -> None:
        values = {"id": cancellation.batch_id, "cancellation": encode_json(cancellation)}
        await self._transactions.write(lambda run: run(tables.CANCEL, **values))

    async def finish_batch(self, claim: Claim, result: BatchResult) -> None:
        def act(run: Run) -> None:
            if ownership.fence(run, claim) is None:
                run(tables.FINISH, id=claim.id, ended=encode_json(result), state=None)

        await self._transactions.write(act)

    # Seats and the preview key

    async def reserve_seats(
        self, reservation: SeatReservation, since: float, refuse: Callable[[int], str | None]
    ) -> str | None:
        return await self._transactions.write(
            lambda run: subjects.reserve_seats(run, reservation, since, refuse)
        )

    async def preview_key(self, candidate: bytes) -> bytes:
        def act(run: Run) -> bytes:
            run(tables.KEEP_KEY, secret=candidate.hex())
            return bytes.fromhex(run(tables.READ_KEY).scalar_one())

        return await self._transactions.write(act)

    # Pauses of rate limits

    async def share_pauses(self, process: str, pauses: Mapping[str, float]) -> None:
        def act(run: Run) -> None:
            for scope, seconds in pauses.items():
                run(tables.SHARE_PAUSE, scope=scope, process=process, seconds=seconds)
            run(tables.FORGET_PAUSES)

        await self._transactions.write(act)

    async def read_other_pauses(self, process: str) -> dict[str, float]:
        return await self._transactions.read(
            lambda run: dict(run(tables.OTHER_PAUSES, process=process).all())
        )


def _require_not_cancelled(run: Run, batch_id: str | None) -> None:
    if batch_id is None:
        return
    batch = run(tables.BATCH_OF_LINE, batch_id=batch_id).first()
    if batch is not None and batch.cancellation is not None:
        raise BatchCancelled(batch_id)
