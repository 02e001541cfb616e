"""Transactions on SQLite or PostgreSQL, each in a thread of its own.

A write that cannot be committed raises StoreUnavailable, which says whether it may have been stored
all the same. A session that was lost before its commit is replaced once.
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

_READERS: Final = 4
_CLOSE_WITHIN_S: Final = 5.0


class Database(Protocol):
    """What differs between SQLite and PostgreSQL.

    Attributes:
        schema: prefix of the tables' names.
        old_schema: likewise of the version before.
        for_update: SQL that locks the rows which a transaction has read.
        for_share: likewise, against changes alone.
        skip_locked: like `for_update`, leaving out rows that others have locked.
        writers: write transactions at a time.
        is_local: only processes of this machine use it.
    """

    schema: str
    old_schema: str
    for_update: str
    for_share: str
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


class Transactions:
    """The transactions of one database; statements are those of `tables`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._engine: Engine | None = None
        self._writers = ThreadPoolExecutor(database.writers, "operations-write")
        self._readers = ThreadPoolExecutor(_READERS, "operations-read")
        self._statements: dict[str, TextClause] = {}

    def _connect(self, *, is_dry_run: bool = False) -> None:
        try:
            self._engine = self._engine or self._database.connect(is_dry_run=is_dry_run)
        except (sqlalchemy.exc.SQLAlchemyError, OSError) as error:
            raise StoreUnavailable(self._database.explain(error)) from error

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
                    for_update=database.for_update,
                    for_share=database.for_share,
                    skip_locked=database.skip_locked,
                )
            )
            if ":ids" in statement:
                found = found.bindparams(sqlalchemy.bindparam("ids", expanding=True))
            self._statements[statement] = found
        return found
