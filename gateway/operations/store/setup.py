"""Creates the tables, updates those of earlier versions, and tries every statement once."""

import contextlib
from collections.abc import Callable

from gateway.operations.store import tables
from gateway.operations.store.base import StoreUnavailable
from gateway.operations.store.dry_run import execute_all
from gateway.operations.store.previous_version import import_operations
from gateway.operations.store.transactions import Database, Transaction, Transactions


class _RollBack(Exception):
    """Ends a transaction without a commit."""


def set_up(transactions: Transactions, database: Database) -> None:
    """Create missing tables, import from an earlier version, and try each of the statements."""
    transactions.connect()
    transactions.execute(lambda transaction: _prepare_tables(transaction, database))
    # A missing right is found now, not after a purchase that cannot be recorded.
    _roll_back(transactions, execute_all)


def try_out(transactions: Transactions, database: Database) -> None:
    """Do the same as `set_up`, but roll it back. Raises StoreUnavailable."""
    try:
        if database.is_missing():
            return
    except OSError as error:
        raise StoreUnavailable(database.explain(error)) from error
    transactions.connect(is_dry_run=True)

    def act(transaction: Transaction) -> None:
        _prepare_tables(transaction, database)
        execute_all(transaction)

    _roll_back(transactions, act)


def _roll_back(transactions: Transactions, act: Callable[[Transaction], None]) -> None:
    def act_and_roll_back(transaction: Transaction) -> None:
        act(transaction)
        raise _RollBack

    with contextlib.suppress(_RollBack):
        transactions.execute(act_and_roll_back)


def _prepare_tables(transaction: Transaction, database: Database) -> None:
    database.lock_setup(transaction.connection)
    # A user who may use the tables need not be allowed to create them.
    if not database.has_tables(transaction.connection):
        database.create_schema(transaction.connection)
        for statement in tables.CREATE:
            transaction(statement)
    version = transaction(tables.READ_VERSION).scalar()
    if version is None:
        if database.has_previous_version(transaction.connection):
            import_operations(transaction)
        transaction(tables.WRITE_VERSION, version=tables.VERSION)
    elif version < tables.VERSION:
        _update_tables(transaction, version)
    elif version > tables.VERSION:
        raise StoreUnavailable(
            f"A newer version of the gateway wrote this database (its tables have version"
            f" {version}; this gateway supports {tables.VERSION}). Start that version, or set"
            " database_url to another database."
        )


def _update_tables(transaction: Transaction, version: int) -> None:
    for later in range(version + 1, tables.VERSION + 1):
        for statement in tables.UPDATES[later]:
            transaction(statement)
    transaction(tables.WRITE_VERSION, version=tables.VERSION)
