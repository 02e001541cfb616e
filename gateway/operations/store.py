"""What operations need of a database beside DBOS: that it can be written, and who lives on it.

DBOS recovers what an executor left behind when it is told that the executor is dead. An executor
is a name; a name is held by a process, in a way that ends with the process however that ends: a
locked file beside a SQLite database, an advisory lock on PostgreSQL. Whoever can take the name of
another knows that it is dead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.operations.newest import PositionsKey
from resolvers.ports.operations import Position


class StoreUnavailable(Exception):
    """Operations cannot be recorded now; the text says why and what to do, to the operator alone.

    It may name addresses, paths and what a driver said.
    """


@dataclass(frozen=True, slots=True)
class HeldName:
    """A name of an executor that no other process can hold meanwhile.

    Attributes:
        release: lets others have it.
    """

    name: str
    release: Callable[[], None]


class Store(Protocol):
    """A database. Every method blocks, and raises StoreUnavailable."""

    @property
    def url(self) -> str:
        """Its address, as DBOS takes it."""
        ...

    @property
    def engine_options(self) -> dict[str, Any]:
        """What SQLAlchemy's `create_engine` gets for DBOS beside the address."""
        ...

    def prepare(self) -> None:
        """Refuse a database that this gateway cannot use."""
        ...

    def rehearse(self) -> None:
        """Refuse likewise a database that is not used yet, and leave nothing there."""
        ...

    def probe(self, lock_within_s: float) -> None:
        """Try to begin a write, and wait no longer than that for a lock of others."""
        ...

    def take_name(self) -> HeldName:
        """Take a name for this process."""
        ...

    def keep_name(self) -> None:
        """Take the name of this process again, if a lost connection has lost it."""
        ...

    def left_names(self) -> list[HeldName]:
        """Take every name that belonged to a process that is dead."""
        ...

    def index(self) -> None:
        """Index DBOS's table and make the gateway's own, once DBOS has made its tables."""
        ...

    def ids_on(self, subject: str) -> list[str]:
        """Find the ids of all operations on a subject."""
        ...

    def positions(self, key: PositionsKey) -> list[Position]:
        """Find a page of operations."""
        ...

    def preview_key(self, candidate: bytes) -> bytes:
        """Return the key that signs previews: the stored one, or else the candidate, now stored.

        Of processes that find none at the same time, all get the same one.
        """
        ...

    def close(self) -> None:
        """Give back connections; names are released on their own."""
        ...
