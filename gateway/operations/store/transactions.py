"""Transactions on SQLite or PostgreSQL, each in a thread.

A write that cannot be committed raises StoreUnavailable, which says whether it may have been
stored. If a session is lost before its commit, the transaction is repeated once in another one.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from gateway.operations.store.base import StoreUnavailable
from gateway.operations.store.lazy_sqlalchemy import sqlalchemy

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, TextClause

T = TypeVar("T")
Run = Callable[..., Any]
"""Executes a statement with named values: a `Transaction`."""

_READERS: Final = 4
# Values that are lists, by their names in statements.
_LISTS: Final = ("ids", "kinds")
_CLOSE_TIMEOUT_S: Final = 5.0


class Database(Protocol):
    """The differences between SQLite and PostgreSQL.

    Attributes:
        schema: the prefix of the names of tables.
        old_schema: the prefix of the names of the previous version's tables.
        for_update: SQL that locks the rows that a transaction reads.
        for_share: SQL that prevents changes of the rows, but lets others read them.
        skip_locked: like `for_update`, but leaves out rows that are already locked.
        now: SQL for the seconds since the epoch on the database's clock.
        writers: the number of write transactions at the same time.
        is_local: whether only processes of this machine can use the database.
    """

    schema: str
    old_schema: str
    for_update: str
    for_share: str
    skip_locked: str
    now: str
    writers: int
    is_local: bool

    def is_missing(self) -> bool:
        """Whether the database does not exist yet but can be created.

        Raises OSError if it cannot be created.
        """
        ...

    def connect(self, *, is_dry_run: bool) -> Engine:
        """Create the file or the pool, and return the engine. A dry run changes nothing."""
        ...

    def lock_setup(self, connection: Connection) -> None:
        """Prevent other processes from creating tables until the transaction ends.

        Raises StoreUnavailable for a database whose encoding cannot hold every text.
        """
        ...

    def has_tables(self, connection: Connection) -> bool:
        """Whether the tables exist. One transaction creates all of them."""
        ...

    def create_schema(self, connection: Connection) -> None: ...

    def has_previous_version(self, connection: Connection) -> bool:
        """Whether the previous version of the gateway stored operations here.

        Raises StoreUnavailable while a process of that version is running.
        """
        ...

    def unusable_reason(self) -> str | None:
        """Return why a write would be lost; None if it would not."""
        ...

    def explain(self, error: Exception) -> str:
        """Return what is wrong and what to do, without secrets."""
        ...


class _SessionLost(StoreUnavailable):
    """A session was lost before its commit: nothing was stored, and another session may work."""


class Transaction:
    """One transaction. Call it with a statement of `tables` and named values."""

    def __init__(self, connection: Connection, compile: Callable[[str], TextClause]) -> None:
        self.connection = connection
        self._compile = compile

    def __call__(self, statement: str, **values: Any) -> Any:
        return self.connection.execute(self._compile(statement), values)


class Transactions:
    """Executes the transactions of one database, each in a thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._engine: Engine | None = None
        self._writers = ThreadPoolExecutor(database.writers, "operations-write")
        self._readers = ThreadPoolExecutor(_READERS, "operations-read")
        self._compiled: dict[str, TextClause] = {}

    def connect(self, *, is_dry_run: bool = False) -> None:
        try:
            self._engine = self._engine or self._database.connect(is_dry_run=is_dry_run)
        except (sqlalchemy.exc.SQLAlchemyError, OSError) as error:
            raise StoreUnavailable(self._database.explain(error)) from error

    async def close(self) -> None:
        """Close the connections. A transaction that hangs ends by its own timeout."""
        loop, is_closed = asyncio.get_running_loop(), asyncio.Event()

        def close() -> None:
            for threads in (self._writers, self._readers):
                threads.shutdown(cancel_futures=True)
            if self._engine is not None:
                self._engine.dispose()
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(is_closed.set)

        threading.Thread(target=close, daemon=True, name="operations-close").start()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(is_closed.wait(), _CLOSE_TIMEOUT_S)

    async def write(self, act: Callable[[Transaction], T]) -> T:
        return await self._run_in(self._writers, lambda: self.execute(act))

    async def read(self, act: Callable[[Transaction], T]) -> T:
        return await self._run_in(self._readers, lambda: self.execute(act, writes=False))

    async def run_in_writer(self, act: Callable[[], T]) -> T:
        """Call a function in a thread for writes. It may block, as `connect` and `execute` do."""
        return await self._run_in(self._writers, act)

    async def _run_in(self, threads: ThreadPoolExecutor, act: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, act)
        except RuntimeError as closed:  # raised by an executor that was shut down
            raise StoreUnavailable("The store is closed.") from closed

    def execute(self, act: Callable[[Transaction], T], *, writes: bool = True) -> T:
        """Execute a transaction in the current thread, which blocks it."""
        try:
            return self._attempt(act, writes=writes)
        except _SessionLost:
            return self._attempt(act, writes=writes)

    def _attempt(self, act: Callable[[Transaction], T], *, writes: bool) -> T:
        if self._engine is None:
            raise StoreUnavailable("The store is not open.")
        self._require_usable()
        is_committing = False
        try:
            with self._engine.connect().execution_options(writes=writes) as connection:
                result = act(Transaction(connection, self._compile))
                is_committing = writes
                connection.commit()
        except (sqlalchemy.exc.SQLAlchemyError, OSError) as error:
            reason = self._database.explain(error)
            if not is_committing and getattr(error, "connection_invalidated", False):
                raise _SessionLost(reason) from error
            raise StoreUnavailable(reason, may_be_stored=is_committing) from error
        if writes:
            # It may have been committed to a file that was deleted meanwhile.
            self._require_usable(may_be_stored=True)
        return result

    def _require_usable(self, *, may_be_stored: bool = False) -> None:
        reason = self._database.unusable_reason()
        if reason is not None:
            raise StoreUnavailable(reason, may_be_stored=may_be_stored)

    def _compile(self, statement: str) -> TextClause:
        compiled = self._compiled.get(statement)
        if compiled is None:
            database = self._database
            compiled = sqlalchemy.text(
                statement.format(
                    s=database.schema,
                    old=database.old_schema,
                    for_update=database.for_update,
                    for_share=database.for_share,
                    skip_locked=database.skip_locked,
                    now=database.now,
                )
            )
            lists = (name for name in _LISTS if f"IN :{name}" in statement)
            compiled = compiled.bindparams(
                *(sqlalchemy.bindparam(name, expanding=True) for name in lists)
            )
            self._compiled[statement] = compiled
        return compiled
