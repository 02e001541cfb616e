"""Whether the store can be read and written, known within the time that callers wait."""

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
_UNWRITABLE: Final = "operations cannot be recorded at the moment (see the gateway's log)"
_UNREADABLE: Final = "Operations cannot be read at the moment (see the gateway's log)"
_UNCONFIRMED: Final = (
    "The database did not confirm the record in time, so it may be recorded and executed"
)
_LOG_EVERY_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class StoreTimeouts:
    """How long to wait for the store before it counts as unavailable, in seconds.

    Attributes:
        probe_after_s: how long after a write the store counts as writable without a test write.
        lock_s: how long a transaction waits for a lock.
        write_s: how long a write may take while no other write succeeds.
        read_s: how long a read may take.
        open_s: how long callers wait for the store to open.
        connect_s: how long a connection to a server may take.
    """

    probe_after_s: float
    lock_s: float
    write_s: float
    read_s: float
    open_s: float
    connect_s: float

    @classmethod
    def from_setting(cls, store_timeout_s: float) -> Self:
        """Derive all timeouts from `operations.store_timeout_s`."""
        return cls(
            probe_after_s=0.2 * store_timeout_s,
            lock_s=10 * store_timeout_s,
            write_s=0.9 * store_timeout_s,
            read_s=5 * store_timeout_s,
            open_s=10 * store_timeout_s,
            connect_s=2 * store_timeout_s,
        )


class StoreHealth:
    """Knows whether the store can be read and written.

    Callers get a general reason; the details are only logged.

    Args:
        probe: commits a test write; raises StoreUnavailable.
        monotonic: a clock, in seconds.

    Attributes:
        closed_reason: why the store is not used at all; None while it is open.
    """

    def __init__(
        self,
        probe: Callable[[], Awaitable[object]],
        timeouts: StoreTimeouts,
        monotonic: Callable[[], float],
    ) -> None:
        self.closed_reason: str | None = _STARTING
        self._probe = probe
        self._timeouts = timeouts
        self._monotonic = monotonic
        self._has_started = asyncio.Event()
        self._written_at = -math.inf
        self._failures = 0
        self._logged_at = -math.inf
        self._probing: asyncio.Task[object] | None = None

    @property
    def is_starting(self) -> bool:
        """Whether the store is still being opened."""
        return not self._has_started.is_set()

    def open(self) -> None:
        self.closed_reason = None
        self._has_started.set()
        self.record_write()

    def close(self, reason: str) -> None:
        """Stop using the store. Callers get this reason."""
        self.closed_reason = reason
        self._has_started.set()

    def close_unopened(self, reason: str) -> None:
        """Stop using the store, because it could not be opened. The reason is only logged."""
        self.record_failure(reason)
        self.close(_UNWRITABLE)

    def record_write(self) -> None:
        """Remember that a write was committed, which shows that the store is writable."""
        if self._failures:
            LOG.info("operations can be recorded again", failures=self._failures)
        self._written_at = self._monotonic()
        self._failures = 0
        self._logged_at = -math.inf

    def record_failure(self, reason: str) -> None:
        """Log a failure of the store, with the number of failures; at most once a minute."""
        self._failures += 1
        self._written_at = -math.inf
        now = self._monotonic()
        if now >= self._logged_at + _LOG_EVERY_S:
            self._logged_at = now
            LOG.error("operations are unavailable", reason=reason, failures=self._failures)

    async def wait_while_writable(self, task: "asyncio.Task[object]") -> bool:
        """Wait for a write for as long as other writes succeed. Returns False if none does."""
        while not task.done():
            started_at = self._monotonic()
            await asyncio.wait({task}, timeout=self._timeouts.write_s)
            # Other writes may succeed while this one waits for its turn.
            if not task.done() and self._written_at < started_at:
                return False
        return True

    async def require_open(self) -> None:
        """Raise OperationsUnavailable unless the store is open. Its text is about reading."""
        await self._wait_started()
        if self.closed_reason is not None:
            raise OperationsUnavailable(_UNREADABLE)

    async def require_not_closed(self) -> None:
        """Raise OperationsUnavailable unless the store is open.

        Its text is the reason for closing.
        """
        await self._wait_started()
        if self.closed_reason is not None:
            raise OperationsUnavailable(self.closed_reason)

    def write_error(self, error: StoreUnavailable) -> OperationsUnavailable:
        """Log why a write failed, and return the error for the caller."""
        self.record_failure(str(error))
        return unconfirmed_error() if error.may_be_stored else OperationsUnavailable(_UNWRITABLE)

    def read_error(self, reason: str) -> OperationsUnavailable:
        """Log why a read failed, and return the error for the caller."""
        self.record_failure(reason)
        return OperationsUnavailable(_UNREADABLE)

    async def require_writable(self) -> None:
        """Raise OperationsUnavailable if nothing can be recorded now. May make a test write."""
        reason = await self.unavailable_reason()
        if reason is not None:
            raise OperationsUnavailable(reason)

    async def unavailable_reason(self) -> str | None:
        """Return why nothing can be recorded now; None if it can. May make a test write."""
        await self._wait_started()
        if self.closed_reason is not None:
            return self.closed_reason
        if self._monotonic() < self._written_at + self._timeouts.probe_after_s:
            return None
        # All callers share one probe. A probe that hangs is not repeated before it ends, because
        # each one occupies a thread.
        if self._probing is None or self._probing.done():
            self._probing = asyncio.create_task(self._run_probe())
        started_at = self._monotonic()
        has_ended = await self.wait_while_writable(self._probing)
        return None if has_ended and self._written_at >= started_at else _UNWRITABLE

    async def _wait_started(self) -> None:
        """Wait until it is known if the store can be opened, but no longer than `open_s`."""
        if self.is_starting:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._has_started.wait(), self._timeouts.open_s)

    async def _run_probe(self) -> None:
        try:
            await self._probe()
        except StoreUnavailable as error:
            self.record_failure(str(error))
        else:
            self.record_write()


def unconfirmed_error() -> OperationsUnavailable:
    """Build the error of a write that the database did not confirm and may have committed."""
    return OperationsUnavailable(_UNCONFIRMED, may_be_recorded=True)
