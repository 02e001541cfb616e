"""Transactions that reserve subjects, credit purchases and reserve seats."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from gateway.operations.model.record import to_microseconds
from gateway.operations.store import tables
from gateway.operations.store.ownership import fence
from gateway.operations.store.rows import read_operation, to_operations

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.operations.store.base import Claim, SeatReservation, StoredOperation
    from gateway.operations.store.transactions import Run


def holds_subject(run: Run, claim: Claim, subject: str) -> bool:
    return run(tables.HOLDS_SUBJECT, subject=subject, **asdict(claim)).first() is not None


def acquire_subject(run: Run, claim: Claim, subject: str) -> StoredOperation | None:
    """Reserve the resource that an operation changes (`subject`).

    Returns the operation that already has it, or None on success.
    """
    fence(run, claim)
    while True:
        run(tables.RESERVE_SUBJECT, subject=subject, id=claim.id)
        holder_id = run(tables.SUBJECT_HOLDER, subject=subject).scalar()
        if holder_id == claim.id:
            return None
        if holder_id is not None:  # else it was freed between the two statements
            return read_operation(run, holder_id)


def credit(run: Run, claim: Claim, purchase: str) -> str:
    """Assign a purchase to an operation, unless it is assigned. Returns the id of its operation."""
    fence(run, claim)
    run(tables.CREDIT, purchase=purchase, id=claim.id)
    buyer_id: str = run(tables.BUYER, purchase=purchase).scalar_one()
    return buyer_id


def find_others_of_customer(
    run: Run, claim: Claim, customer_id: str, since: float
) -> list[StoredOperation]:
    fence(run, claim)
    rows = run(
        tables.OTHERS_OF_CUSTOMER,
        id=claim.id,
        customer_id=customer_id.lower(),
        since=to_microseconds(since),
    ).all()
    return to_operations(run, rows)


def reserve_seats(
    run: Run, reservation: SeatReservation, since: float, refuse: Callable[[int], str | None]
) -> str | None:
    principal = reservation.principal
    run(tables.USE_ACCOUNT, principal=principal)
    run(tables.FORGET_SEATS, principal=principal, since=since)
    reserved = dict(run(tables.RESERVED_SEATS, principal=principal).all())
    if reservation.operation_id in reserved:
        return None
    reason = refuse(sum(reserved.values()))
    if reason is None:
        run(tables.RESERVE_SEATS, **asdict(reservation))
    return reason
