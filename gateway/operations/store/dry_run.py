"""Executes every statement of operations once, to be undone.

A right that is missing, or a table that takes no writes, is found before anything is sent.
"""

import uuid
from collections.abc import Callable
from typing import Any, Final

from gateway.operations.store import tables

Run = Callable[..., Any]
"""Executes a statement of `tables` with named values."""

STATEMENTS: Final = (
    tables.READ_VERSION,
    tables.ACQUIRE_LEASE,
    tables.RENEW_LEASE,
    tables.HOLD_LEASE,
    tables.OTHER_LEASES,
    tables.REVOKE,
    tables.KEEP_KEY,
    tables.READ_KEY,
    tables.USE_ACCOUNT,
    tables.RESERVE_SEATS,
    tables.RESERVED_SEATS,
    tables.FORGET_SEATS,
    tables.RECORD,
    tables.BATCH_OF_LINE,
    tables.RESERVE_SUBJECT,
    tables.HOLDS_SUBJECT,
    tables.SUBJECT_HOLDER,
    tables.FENCE,
    tables.APPEND,
    tables.ORPHANS,
    tables.TAKE,
    tables.RECLAIM,
    tables.OWNED,
    tables.CREDIT,
    tables.BUYER,
    tables.FINISH,
    tables.SETTLE,
    tables.CANCEL,
    tables.FREE_SUBJECT,
    tables.READ,
    tables.FIND.replace("{conditions}", ""),
    tables.OTHERS_OF_CUSTOMER,
    tables.STEPS,
    tables.LINES,
    tables.RELEASE_LEASE,
)
_TEXT: Final = '{"text": "Ελλάδα 日本 🎉"}'


def execute_all(run: Run) -> None:
    """Raise what the database raises. Its rows have an id that no other row has."""
    own = f"rehearsal-{uuid.uuid4()}"
    numbers = dict.fromkeys(
        ("is_batch", "renewals", "created_us", "number", "since", "at", "seats"), 0
    )
    texts = dict.fromkeys(
        ("record", "name", "body", "ended", "state", "settlement", "cancellation"), _TEXT
    )
    named = {
        **dict.fromkeys(
            ("id", "operation_id", "process", "owner", "principal", "customer_id"), own
        ),
        **dict.fromkeys(("subject", "batch_id", "purchase"), own),
        **numbers,
        **texts,
        "identity": "",
        "secret": "",
        "epoch": 1,
        "limit": 0,  # the rows of others are left alone
        "ids": [own],
    }
    for statement in STATEMENTS:
        run(statement, **named)
