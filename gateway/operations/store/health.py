"""Whether the store can be written now, known before a caller's patience ends."""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Self

import structlog

from gateway.operations.store.base import StoreUnavailable
from resolvers.ports.errors import OperationsUnavailable

LOG: Final = structlog.get_logger("gateway.operations")

_STARTING: Final = "operations are starting"
_UNWRITABLE: Final = "operations cannot be recorded at the moment (the gateway's log says why)"
_UNREADABLE: Final = "Operations cannot be read at the moment (the gateway's log says why)"
_UNCONFIRMED: Final = (
    "The database has not confirmed the record in time: it may be recorded, and will be performed"
    " then"
)
_LOG_EVERY_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class StoreTimeouts:
    """How long the store is waited for before it counts as failed, in seconds.

    Attributes:
        trust_s: for so long after a write the store needs no probe.
        lock_s: how long a transaction waits for a lock of others.
        write_s: how long a record, or a probe, may take while nothing else is written.
        read_s: how long a read may take.
        open_s: how long callers wait for the store to be opened.
        connect_s: how long a connection to a server may take.
    """

    trust_s: float
    lock_s: float
    write_s: float
    read_s: float
    open_s: float
    connect_s: float

    @classmethod
    def from_setting(cls, refuse_after_s: float) -> Self:
        """Refuse what could not be recorded for so long."""
        return cls(
            trust_s=0.2 * refuse_after_s,
            lock_s=10 * refuse_after_s,
            write_s=0.9 * refuse_after_s,
            read_s=5 * refuse_after_s,
            open_s=10 * refuse_after_s,
            connect_s=2 * refuse_after_s,
        )


class StoreHealth:
    """What is known of the store. Callers learn what is wrong in general, the log has the reason.

    Args:
        probe: writes something; raises StoreUnavailable.
        monotonic: the clock that all times here are read from.

    Attributes:
        closed: why nothing is recorded whatever the store could do; None while it is open.
    """

    def __init__(
        self,
        probe: Callable[[], Awaitable[object]],
        timeouts: StoreTimeouts,
        monotonic: Callable[[], float],
    ) -> None:
        self.closed: str | None = _STARTING
        self._probe = probe
        self._timeouts = timeouts
        self._monotonic = monotonic
        self._is_found_out = asyncio.Event()
        self._written_at = -math.inf
        self._failures = 0
        self._logged_at = -math.inf
        self._probing: asyncio.Task[object] | None = None

    @property
    def is_starting(self) -> bool:
        """Whether it is still open if the store can be opened."""
        return not self._is_found_out.is_set()

    def open(self) -> None:
        """Note that the store is open."""
        self.closed = None
        self._is_found_out.set()
        self.record_write()

    def close(self, reason: str) -> None:
        """Note why nothing is recorded from now on, in words for everybody."""
        self.closed = reason
        self._is_found_out.set()

    def close_unopened(self, reason: str) -> None:
        """Note that the store could not be opened."""
        self.record_failure(reason)
        self.close(_UNWRITABLE)

    def record_write(self) -> None:
        """Note that something was committed."""
        if self._failures:
            LOG.info("operations can be recorded again", failures=self._failures)
        self._written_at = self._monotonic()
        self._failures = 0
        self._logged_at = -math.inf

    def record_failure(self, reason: str) -> None:
        """Log a failure of the store, at most one a minute, with their count."""
        self._failures += 1
        self._written_at = -math.inf
        now = self._monotonic()
        if now >= self._logged_at + _LOG_EVERY_S:
            self._logged_at = now
            LOG.error("operations are unavailable", reason=reason, failures=self._failures)

    async def wait_or_failure(self, working: "asyncio.Task[object]") -> bool:
        """Wait for a task as long as the store takes anything; False when it does not."""
        while not working.done():
            begun_at = self._monotonic()
            await asyncio.wait({working}, timeout=self._timeouts.write_s)
            # Of many that write, this one may be the one that waits.
            if not working.done() and self._written_at < begun_at:
                return False
        return True

    async def require_open(self) -> None:
        """Raise OperationsUnavailable when there is no store to read."""
        await self._wait_found_out()
        if self.closed is not None:
            raise OperationsUnavailable(_UNREADABLE)

    async def require_not_closed(self) -> None:
        """Raise OperationsUnavailable while the store is not open, with the reason."""
        await self._wait_found_out()
        if self.closed is not None:
            raise OperationsUnavailable(self.closed)

    def unwritten(self, error: StoreUnavailable) -> OperationsUnavailable:
        """Log why something was not recorded; returns what callers may know."""
        self.record_failure(str(error))
        return unconfirmed() if error.may_be_stored else OperationsUnavailable(_UNWRITABLE)

    def unreadable(self, reason: str) -> OperationsUnavailable:
        """Log why the store was not read; returns what callers may know."""
        self.record_failure(reason)
        return OperationsUnavailable(_UNREADABLE)

    async def require_writable(self) -> None:
        """Raise OperationsUnavailable when nothing can be recorded now."""
        reason = await self.unavailable_reason()
        if reason is not None:
            raise OperationsUnavailable(reason)

    async def unavailable_reason(self) -> str | None:
        """Say why nothing can be recorded now; None when it can."""
        await self._wait_found_out()
        if self.closed is not None:
            return self.closed
        if self._monotonic() < self._written_at + self._timeouts.trust_s:
            return None
        # One for all who ask meanwhile. One that hangs is not repeated before it ends, or each
        # question would leave a thread behind.
        if self._probing is None or self._probing.done():
            self._probing = asyncio.create_task(self._run_probe())
        begun_at = self._monotonic()
        has_answered = await self.wait_or_failure(self._probing)
        return None if has_answered and self._written_at >= begun_at else _UNWRITABLE

    async def _wait_found_out(self) -> None:
        """Wait for a store that is being opened, but not for ever."""
        if self.is_starting:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_found_out.wait(), self._timeouts.open_s)

    async def _run_probe(self) -> None:
        try:
            await self._probe()
        except StoreUnavailable as error:
            self.record_failure(str(error))
        else:
            self.record_write()


def unconfirmed() -> OperationsUnavailable:
    """Say that something may be recorded, which is not known."""
    return OperationsUnavailable(_UNCONFIRMED, may_be_recorded=True)
