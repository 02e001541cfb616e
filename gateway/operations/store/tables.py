"""The tables of operations, in SQL for both SQLite and PostgreSQL.

`{s}` stands for the schema.
"""

from typing import Final

VERSION: Final = 5

CREATE: Final = (
    """
    CREATE TABLE IF NOT EXISTS {s}version (version INTEGER NOT NULL)
    """,
    """
    CREATE TABLE IF NOT EXISTS {s}leases (
      process TEXT PRIMARY KEY,
      identity TEXT NOT NULL,
      renewals BIGINT NOT NULL DEFAULT 0
    )
    """,
    # One table for operations and batches, because they share their ids.
    """
    CREATE TABLE IF NOT EXISTS {s}operations (
      id TEXT PRIMARY KEY,
      is_batch INTEGER NOT NULL,
      kind TEXT,
      principal TEXT NOT NULL,
      customer_id TEXT,
      subject TEXT,
      batch_id TEXT,
      created_us BIGINT NOT NULL,
      record TEXT NOT NULL,
      owner TEXT NOT NULL,
      epoch INTEGER NOT NULL,
      ended TEXT,
      state TEXT,
      settlement TEXT,
      cancellation TEXT,
      review_due_us BIGINT NOT NULL DEFAULT 0,
      audit TEXT
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS {s}steps (
      operation_id TEXT NOT NULL,
      number INTEGER NOT NULL,
      name TEXT NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (operation_id, number)
    )
    """,
    # Subjects of operations that are open or in doubt; each has one holder.
    """
    CREATE TABLE IF NOT EXISTS {s}subjects (subject TEXT PRIMARY KEY, operation_id TEXT NOT NULL)
    """,
    # Purchases, each credited to one operation.
    """
    CREATE TABLE IF NOT EXISTS {s}purchases (purchase TEXT PRIMARY KEY, operation_id TEXT NOT NULL)
    """,
    # The row of a principal is locked by its reservations, so that they run one at a time.
    """
    CREATE TABLE IF NOT EXISTS {s}seat_accounts (principal TEXT PRIMARY KEY, uses INTEGER NOT NULL)
    """,
    """
    CREATE TABLE IF NOT EXISTS {s}seats (
      operation_id TEXT PRIMARY KEY,
      principal TEXT NOT NULL,
      seats INTEGER NOT NULL,
      reserved_at DOUBLE PRECISION NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS {s}keys (name TEXT PRIMARY KEY, secret TEXT NOT NULL)
    """,
    # Rate limits that a 429 has paused, with the end in seconds of the database's clock.
    """
    CREATE TABLE IF NOT EXISTS {s}pauses (
      scope TEXT NOT NULL,
      process TEXT NOT NULL,
      ends_at DOUBLE PRECISION NOT NULL,
      PRIMARY KEY (scope, process)
    )
    """,
    "CREATE INDEX IF NOT EXISTS operations_time ON {s}operations (created_us, id)",
    "CREATE INDEX IF NOT EXISTS operations_kind ON {s}operations (kind, created_us, id)",
    "CREATE INDEX IF NOT EXISTS operations_state ON {s}operations (state, created_us, id)",
    """
    CREATE INDEX IF NOT EXISTS operations_principal_state
    ON {s}operations (principal, state, created_us, id)
    """,
    "CREATE INDEX IF NOT EXISTS operations_principal ON {s}operations (principal, created_us, id)",
    "CREATE INDEX IF NOT EXISTS operations_customer ON {s}operations (customer_id, created_us, id)",
    "CREATE INDEX IF NOT EXISTS operations_subject ON {s}operations (subject, created_us, id)",
    "CREATE INDEX IF NOT EXISTS operations_batch ON {s}operations (batch_id)",
    "CREATE INDEX IF NOT EXISTS operations_open ON {s}operations (owner) WHERE ended IS NULL",
    """
    CREATE INDEX IF NOT EXISTS operations_in_doubt ON {s}operations (review_due_us)
    WHERE state = 'IN_DOUBT' AND settlement IS NULL
    """,
    "CREATE INDEX IF NOT EXISTS subjects_operation ON {s}subjects (operation_id)",
    "CREATE INDEX IF NOT EXISTS seats_principal ON {s}seats (principal, reserved_at)",
)
# The changes of each version to the tables of the previous one.
UPDATES: Final = {
    2: (
        "ALTER TABLE {s}leases ADD COLUMN renewals BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE {s}leases DROP COLUMN expires_at",
    ),
    3: (
        "ALTER TABLE {s}operations ADD COLUMN kind TEXT",
        # Quotes in the texts of an order are escaped, so that only the record's kind matches.
        *(
            f"""
            UPDATE {{s}}operations SET kind = '{kind}'
            WHERE is_batch = 0 AND record LIKE '%"kind":"{kind}"%'
            """  # noqa: S608
            for kind in (
                "UPGRADE_SUBSCRIPTION",
                "REQUEST_PRODUCT_UPGRADE",
                "TRANSITION_SUBSCRIPTION",
            )
        ),
        "CREATE INDEX operations_kind ON {s}operations (kind, created_us, id)",
        "CREATE INDEX operations_state ON {s}operations (state, created_us, id)",
        """
        CREATE INDEX operations_principal_state
        ON {s}operations (principal, state, created_us, id)
        """,
    ),
    4: (
        "ALTER TABLE {s}operations ADD COLUMN review_due_us BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE {s}operations ADD COLUMN audit TEXT",
        """
        CREATE INDEX operations_in_doubt ON {s}operations (review_due_us)
        WHERE state = 'IN_DOUBT' AND settlement IS NULL
        """,
    ),
    5: (
        """
        CREATE TABLE {s}pauses (
          scope TEXT NOT NULL,
          process TEXT NOT NULL,
          ends_at DOUBLE PRECISION NOT NULL,
          PRIMARY KEY (scope, process)
        )
        """,
    ),
}
READ_VERSION: Final = "SELECT max(version) FROM {s}version"
WRITE_VERSION: Final = "INSERT INTO {s}version (version) VALUES (:version)"

ACQUIRE_LEASE: Final = """
INSERT INTO {s}leases (process, identity) VALUES (:process, :identity)
ON CONFLICT (process) DO UPDATE SET renewals = leases.renewals + 1
"""
RENEW_LEASE: Final = "UPDATE {s}leases SET renewals = renewals + 1 WHERE process = :process"
RELEASE_LEASE: Final = "DELETE FROM {s}leases WHERE process = :process"
HOLD_LEASE: Final = "SELECT process FROM {s}leases WHERE process = :process{for_update}"
OTHER_LEASES: Final = """
SELECT process, identity, renewals FROM {s}leases WHERE process <> :process
"""
# A stalled process may have locked its lease: skip it instead of waiting.
REVOKE: Final = """
DELETE FROM {s}leases WHERE process IN (
  SELECT process FROM {s}leases
  WHERE process = :process AND renewals = :renewals{skip_locked}
)
"""
# Operations of kinds that only a later version knows are left to it.
ORPHANS: Final = """
SELECT id FROM {s}operations
WHERE ended IS NULL AND (kind IS NULL OR kind IN :kinds)
  AND owner NOT IN (SELECT process FROM {s}leases)
ORDER BY created_us LIMIT :limit{skip_locked}
"""
# Another process may have taken this operation over since the orphans were selected.
TAKE: Final = """
UPDATE {s}operations SET owner = :process, epoch = epoch + 1
WHERE id = :id AND owner NOT IN (SELECT process FROM {s}leases)
"""
RECLAIM: Final = """
UPDATE {s}operations SET epoch = epoch + 1
WHERE id = :id AND owner = :process AND ended IS NULL
"""
OWNED: Final = "SELECT id FROM {s}operations WHERE ended IS NULL AND owner = :process"

RECORD: Final = """
INSERT INTO {s}operations
  (id, is_batch, kind, principal, customer_id, subject, batch_id, created_us, record, owner, epoch)
VALUES (:id, :is_batch, :kind, :principal, :customer_id, :subject, :batch_id, :created_us, :record,
  :owner, 1)
ON CONFLICT (id) DO NOTHING
"""
FENCE: Final = """
SELECT ended FROM {s}operations WHERE id = :id AND owner = :owner AND epoch = :epoch{for_update}
"""
APPEND: Final = """
INSERT INTO {s}steps (operation_id, number, name, body) VALUES (:id, :number, :name, :body)
ON CONFLICT (operation_id, number) DO NOTHING
"""
FINISH: Final = "UPDATE {s}operations SET ended = :ended, state = :state WHERE id = :id"
FREE_SUBJECT: Final = "DELETE FROM {s}subjects WHERE operation_id = :id"
RESERVE_SUBJECT: Final = """
INSERT INTO {s}subjects (subject, operation_id) VALUES (:subject, :id)
ON CONFLICT (subject) DO NOTHING
"""
HOLDS_SUBJECT: Final = """
SELECT 1 FROM {s}subjects JOIN {s}operations ON id = operation_id
WHERE subjects.subject = :subject AND id = :id AND owner = :owner AND epoch = :epoch
"""
SUBJECT_HOLDER: Final = "SELECT operation_id FROM {s}subjects WHERE subject = :subject"
CREDIT: Final = """
INSERT INTO {s}purchases (purchase, operation_id) VALUES (:purchase, :id)
ON CONFLICT (purchase) DO NOTHING
"""
BUYER: Final = "SELECT operation_id FROM {s}purchases WHERE purchase = :purchase"
SETTLE: Final = """
UPDATE {s}operations SET settlement = :settlement WHERE id = :id AND settlement IS NULL
"""
DUE_REVIEWS: Final = """
SELECT id FROM {s}operations
WHERE state = 'IN_DOUBT' AND settlement IS NULL AND review_due_us <= :now
ORDER BY review_due_us LIMIT :limit
"""
# Only one of several processes that have selected the operation reviews it.
CLAIM_REVIEW: Final = """
UPDATE {s}operations SET review_due_us = :due WHERE id = :id AND review_due_us <= :now
"""
STORE_AUDIT: Final = "UPDATE {s}operations SET audit = :audit WHERE id = :id"
# Locks the batch until the line is committed: a cancellation is stored before that or after it.
BATCH_OF_LINE: Final = "SELECT cancellation FROM {s}operations WHERE id = :batch_id{for_share}"
CANCEL: Final = """
UPDATE {s}operations SET cancellation = :cancellation WHERE id = :id AND cancellation IS NULL
"""

COLUMNS: Final = "id, is_batch, record, epoch, ended, settlement, cancellation, audit"
READ: Final = f"SELECT {COLUMNS} FROM {{s}}operations WHERE id = :id"  # noqa: S608
FIND: Final = f"""
SELECT {COLUMNS}, created_us FROM {{s}}operations
WHERE is_batch = :is_batch{{conditions}} ORDER BY created_us DESC, id DESC LIMIT :limit
"""  # noqa: S608
OTHERS_OF_CUSTOMER: Final = f"""
SELECT {COLUMNS} FROM {{s}}operations
WHERE customer_id = :customer_id AND id <> :id
  AND (ended IS NULL OR state = 'IN_DOUBT' OR created_us > :since)
"""  # noqa: S608
STEPS: Final = """
SELECT operation_id, name, body FROM {s}steps WHERE operation_id IN :ids
ORDER BY operation_id, number
"""
COUNT_OPEN: Final = """
SELECT kind, count(*) FROM {s}operations WHERE ended IS NULL AND is_batch = 0 GROUP BY kind
"""
COUNT_IN_DOUBT: Final = """
SELECT kind, count(*), min(created_us) FROM {s}operations
WHERE state = 'IN_DOUBT' AND settlement IS NULL GROUP BY kind
"""
LINES: Final = "SELECT id, state FROM {s}operations WHERE batch_id = :id"

USE_ACCOUNT: Final = """
INSERT INTO {s}seat_accounts (principal, uses) VALUES (:principal, 1)
ON CONFLICT (principal) DO UPDATE SET uses = seat_accounts.uses + 1
"""
FORGET_SEATS: Final = "DELETE FROM {s}seats WHERE principal = :principal AND reserved_at <= :since"
RESERVED_SEATS: Final = "SELECT operation_id, seats FROM {s}seats WHERE principal = :principal"
RESERVE_SEATS: Final = """
INSERT INTO {s}seats (operation_id, principal, seats, reserved_at)
VALUES (:operation_id, :principal, :seats, :at)
"""
WITH_LICENSE_ERRORS: Final = """
SELECT id, created_us, ended FROM {s}operations
WHERE state IN ('DONE_WITH_LICENSE_ERRORS', 'REFUSED') AND ended LIKE '%icense%rrors%'
  AND created_us < :before_us AND (created_us, id) > (:created_us, :id)
ORDER BY created_us, id LIMIT :limit
"""
REPLACE_RESULT: Final = "UPDATE {s}operations SET ended = :ended WHERE id = :id"
STEP_BODIES: Final = "SELECT number, body FROM {s}steps WHERE operation_id = :operation_id"
REPLACE_STEP: Final = """
UPDATE {s}steps SET body = :body WHERE operation_id = :operation_id AND number = :number
"""
READ_KEY: Final = "SELECT secret FROM {s}keys WHERE name = 'preview'"
KEEP_KEY: Final = """
INSERT INTO {s}keys (name, secret) VALUES ('preview', :secret) ON CONFLICT (name) DO NOTHING
"""
SHARE_PAUSE: Final = """
INSERT INTO {s}pauses (scope, process, ends_at) VALUES (:scope, :process, {now} + :seconds)
ON CONFLICT (scope, process) DO UPDATE SET ends_at = excluded.ends_at
"""
OTHER_PAUSES: Final = """
SELECT scope, max(ends_at) - {now} FROM {s}pauses
WHERE process <> :process AND ends_at > {now} GROUP BY scope
"""
# Skips rows that another process is deleting, which prevents deadlocks.
FORGET_PAUSES: Final = """
DELETE FROM {s}pauses WHERE (scope, process) IN (
  SELECT scope, process FROM {s}pauses WHERE ends_at <= {now}{skip_locked}
)
"""
