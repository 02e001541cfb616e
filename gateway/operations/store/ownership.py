"""Transactions that decide which process owns an operation or a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.operations.store import tables
from gateway.operations.store.base import Claim, OwnershipLost, Takeover
from gateway.operations.store.machine import is_gone
from gateway.operations.store.rows import to_batch, to_operations
from resolvers.orders import known_kinds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gateway.operations.store.transactions import Run

_MAX_TAKEN_OVER: Final = 200


def fence(run: Run, claim: Claim) -> str | None:
    """Lock the row of an operation or batch that this process owns, and return its stored result.

    Raises OwnershipLost if another process has taken it over.
    """
    row = run(tables.FENCE, id=claim.id, owner=claim.owner, epoch=claim.epoch).first()
    if row is None:
        raise OwnershipLost(claim.id)
    result: str | None = row.ended
    return result


def take_over(
    run: Run, process: str, expired: Mapping[str, int], *, is_local: bool
) -> list[Takeover]:
    """Take over some of the open operations and batches whose owners have ended."""
    if not run(tables.HOLD_LEASE, process=process).first():
        return []
    for other, identity, renewals in run(tables.OTHER_LEASES, process=process).all():
        has_expired = expired.get(other) == renewals
        if has_expired or is_gone(identity, is_on_this_machine=is_local):
            run(tables.REVOKE, process=other, renewals=renewals)
    found = run(tables.ORPHANS, limit=_MAX_TAKEN_OVER, kinds=known_kinds())
    orphans = found.scalars().all()
    ids = [each for each in orphans if run(tables.TAKE, process=process, id=each).rowcount]
    return _read_claimed(run, process, ids)


def list_owned(run: Run, process: str) -> list[Takeover]:
    return _read_claimed(run, process, run(tables.OWNED, process=process).scalars().all())


def reclaim(run: Run, process: str, executed: Collection[str]) -> list[Takeover]:
    """Return new claims on what a process owns but does not execute.

    Earlier claims on these operations and batches become invalid.
    """
    ids = [
        each
        for each in run(tables.OWNED, process=process).scalars().all()
        if each not in executed and run(tables.RECLAIM, process=process, id=each).rowcount
    ]
    return _read_claimed(run, process, ids)


def _read_claimed(run: Run, process: str, ids: Iterable[str]) -> list[Takeover]:
    rows: list[Any] = [row for each in ids for row in run(tables.READ, id=each)]
    operations = iter(to_operations(run, [row for row in rows if not row.is_batch]))
    return [
        Takeover(
            Claim(row.id, process, row.epoch), to_batch(row) if row.is_batch else next(operations)
        )
        for row in rows
    ]
