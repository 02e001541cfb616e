"""Executes every statement once, in a transaction that is rolled back.

A missing right, or a table that rejects writes, is found before anything is sent.
"""

from typing import Final

from gateway.ids import new_uuid
from gateway.operations.store import tables
from gateway.operations.store.transactions import Run

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
    tables.DUE_REVIEWS,
    tables.CLAIM_REVIEW,
    tables.STORE_AUDIT,
    tables.WITH_LICENSE_ERRORS,
    tables.REPLACE_RESULT,
    tables.STEP_BODIES,
    tables.REPLACE_STEP,
    tables.CANCEL,
    tables.FREE_SUBJECT,
    tables.READ,
    tables.FIND.replace("{conditions}", ""),
    tables.OTHERS_OF_CUSTOMER,
    tables.STEPS,
    tables.COUNT_OPEN,
    tables.COUNT_IN_DOUBT,
    tables.LINES,
    tables.SHARE_PAUSE,
    tables.OTHER_PAUSES,
    tables.FORGET_PAUSES,
    tables.RELEASE_LEASE,
)
_TEXT: Final = '{"text": "Ελλάδα 日本 🎉"}'


def execute_all(run: Run) -> None:
    """Execute every statement once, on rows with a new id. Raises the database's errors."""
    own_id = f"rehearsal-{new_uuid()}"
    numbers = dict.fromkeys(
        (
            "is_batch",
            "renewals",
            "created_us",
            "number",
            "since",
            "at",
            "seats",
            "seconds",
            "now",
            "due",
            "before_us",
        ),
        0,
    )
    texts = dict.fromkeys(
        ("kind", "record", "name", "body", "ended", "state", "settlement", "cancellation", "audit"),
        _TEXT,
    )
    values = {
        **dict.fromkeys(
            ("id", "operation_id", "process", "owner", "principal", "customer_id"), own_id
        ),
        **dict.fromkeys(("subject", "batch_id", "purchase", "scope"), own_id),
        **numbers,
        **texts,
        "identity": "",
        "secret": "",
        "epoch": 1,
        "limit": 0,  # leaves the rows of others alone
        "ids": [own_id],
        "kinds": [own_id],
    }
    for statement in STATEMENTS:
        run(statement, **values)
