"""How long a store is waited for before it counts as failed."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Patience:
    """The times of all who wait for a store.

    Attributes:
        unsure_after_s: a record that takes longer may be one of many, or the store has failed
            meanwhile. For so long a write vouches for the store: a probe would only be in its way.
        lock_within_s: how long a probe waits for a lock of others.
        probe_within_s: how long a probe may take; longer, so that a lock is told as the reason.
        read_within_s: how long a read may take.
        open_within_s: how long whoever needs a store waits for it to be opened.
        connect_within_s: how long a connection to a server may take.
    """

    unsure_after_s: float
    lock_within_s: float
    probe_within_s: float
    read_within_s: float
    open_within_s: float
    connect_within_s: float

    @classmethod
    def of(cls, refuse_after_s: float) -> Self:
        """Refuse what could not be recorded for so long; a tenth of it is left to tell so."""
        return cls(
            unsure_after_s=0.2 * refuse_after_s,
            lock_within_s=0.6 * refuse_after_s,
            probe_within_s=0.7 * refuse_after_s,
            read_within_s=5 * refuse_after_s,
            open_within_s=10 * refuse_after_s,
            connect_within_s=2 * refuse_after_s,
        )
