"""Whether operations can be recorded now, known before a caller's patience ends."""

import asyncio
import contextlib
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog

from gateway.operations.changes import Changes
from gateway.operations.partner import Clock
from gateway.operations.patience import Patience
from gateway.operations.store import Store, StoreUnavailable
from resolvers.ports.refusals import OperationsUnavailable

LOG: Final = structlog.get_logger("gateway.operations")

_STARTING: Final = "operations are starting"
_UNWRITABLE: Final = "operations cannot be recorded at the moment (the gateway's log says why)"
_UNREADABLE: Final = "Operations cannot be read at the moment; ask again later"
_TICKS: Final = 7


class Health:
    """What is known of a store: callers are told what is wrong in general, the log has the reason.

    Attributes:
        closed: why nothing is recorded whatever the store could do; None while it is open.
    """

    def __init__(self, store: Store, clock: Clock, patience: Patience) -> None:
        self.closed: str | None = _STARTING
        self._clock = clock
        self._patience = patience
        self._is_found_out = asyncio.Event()
        self._store = store
        self._written_at = -math.inf
        self._logged: str | None = None
        self._writes = Changes()
        self._probing: asyncio.Task[str | None] | None = None

    @property
    def is_starting(self) -> bool:
        """Whether it has not been found out yet if the store can be opened."""
        return not self._is_found_out.is_set()

    def open(self) -> None:
        """Note that the store is open."""
        self.closed = None
        self._is_found_out.set()

    def close(self, reason: str) -> None:
        """Note why nothing is recorded from now on, in words for everybody."""
        self.closed = reason
        self._is_found_out.set()

    def close_unopened(self, reason: str) -> None:
        """Note that the store could not be opened, and log why."""
        self._log(reason)
        self.close(_UNWRITABLE)

    def _log(self, reason: str) -> None:
        """Log a reason once: everybody who asks for `/ready` may meet it again."""
        if reason != self._logged:
            self._logged = reason
            LOG.error("operations are unavailable", reason=reason)

    async def refuse_unopened(self) -> None:
        """Raise OperationsUnavailable when there is no store to read."""
        await self._found_out()
        if self.closed is not None:
            raise OperationsUnavailable(_UNREADABLE)

    async def refuse_closed(self) -> None:
        """Raise OperationsUnavailable while the store is not open."""
        await self._found_out()
        if self.closed is not None:
            raise OperationsUnavailable(self.closed)

    def unreadable(self, reason: str) -> OperationsUnavailable:
        """Log why the store was not read; returns what callers may know."""
        self._log(reason)
        return OperationsUnavailable(_UNREADABLE)

    async def refuse_unwritable(self) -> None:
        """Raise OperationsUnavailable when nothing can be recorded now."""
        reason = await self.trouble()
        if reason is not None:
            raise OperationsUnavailable(reason)

    def written(self) -> None:
        """Note that something was written."""
        self._written_at = self._clock.monotonic()
        self._logged = None
        self._writes.tell()

    async def trouble(self) -> str | None:
        """Say why nothing can be recorded now; None when it can."""
        await self._found_out()
        if self.closed is not None:
            return self.closed
        if self._clock.monotonic() < self._written_at + self._patience.unsure_after_s:
            return None
        write = self._writes.next()
        reason = await self._probed_in_time()
        # Of many that write, a probe may be the one that finds no gap.
        return None if write.is_set() else reason

    async def _found_out(self) -> None:
        """Wait for a store that is being opened, but not for ever."""
        if self.is_starting:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_found_out.wait(), self._patience.open_within_s)

    async def _probed_in_time(self) -> str | None:
        """Probe the store, or say that it does not answer.

        The time is counted in ticks, and a loop that is late counts one however late it is: then
        this process was busy, which says nothing of the store.
        """
        # One for all who ask meanwhile: many at a time would lock each other out. One that hangs
        # is not repeated before it ends, or each question would leave a thread behind.
        if self._probing is None or self._probing.done():
            self._probing = asyncio.create_task(self._probed())
        probing, within_s = self._probing, self._patience.probe_within_s
        for _ in range(_TICKS):
            await asyncio.wait({probing}, timeout=within_s / _TICKS)
            if probing.done():
                return probing.result()
        return f"the database has not answered within {within_s:g} s"

    async def _probed(self) -> str | None:
        # Not in the loop's own threads, where it would wait for all that is being written.
        thread = ThreadPoolExecutor(1)
        try:
            probe = thread.submit(self._store.probe, self._patience.lock_within_s)
            await asyncio.wrap_future(probe)
        except StoreUnavailable as error:
            self._log(str(error))
            return _UNWRITABLE
        finally:
            thread.shutdown(wait=False)
        self.written()
        return None
