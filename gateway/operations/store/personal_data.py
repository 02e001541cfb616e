"""Deletes personal data from the rows of ended operations."""

from typing import Final

from gateway.operations.model.personal_data import without_personal_data
from gateway.operations.store import tables
from gateway.operations.store.transactions import Run

_PAGE: Final = 100


def delete_page(run: Run, before_us: int, after: tuple[int, str]) -> tuple[int, str] | None:
    """Delete personal data from the next operations.

    Returns the position of the last one; None if there are no more.
    """
    created_us, last_id = after
    rows = run(
        tables.WITH_LICENSE_ERRORS,
        before_us=before_us,
        created_us=created_us,
        id=last_id,
        limit=_PAGE,
    ).all()
    for row in rows:
        ended = without_personal_data(row.ended)
        if ended != row.ended:
            run(tables.REPLACE_RESULT, id=row.id, ended=ended)
        _delete_from_steps(run, row.id)
    return (rows[-1].created_us, rows[-1].id) if rows else None


def _delete_from_steps(run: Run, operation_id: str) -> None:
    for number, body in run(tables.STEP_BODIES, operation_id=operation_id).all():
        cleaned = without_personal_data(body)
        if cleaned != body:
            run(tables.REPLACE_STEP, operation_id=operation_id, number=number, body=cleaned)
