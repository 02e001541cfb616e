"""Whether operations can be recorded now, known within a second."""

import asyncio
import contextlib
import math
from typing import Final

from gateway.operations.store import Store, StoreUnavailable
from resolvers.ports.refusals import OperationsUnavailable

_STARTING: Final = "operations are starting"
_OPEN_WITHIN_S: Final = 10.0
# A write this long ago shows that the store can be written; a probe would only stand in its way.
_WRITE_VOUCHES_S: Final = 0.2
_PROBE_WITHIN_S: Final = 0.7


class Health:
    """What is known of a store.

    Attributes:
        closed: why nothing is recorded whatever the store could do; None while it is open.

    Args:
        open_within_s: how long whoever needs a store waits for it to be opened.
    """

    def __init__(self, store: Store, *, open_within_s: float = _OPEN_WITHIN_S) -> None:
        self.closed: str | None = _STARTING
        self._open_within_s = open_within_s
        self._is_found_out = asyncio.Event()
        self._store = store
        self._written_at = -math.inf
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
        """Note why nothing is recorded from now on."""
        self.closed = reason
        self._is_found_out.set()

    async def refuse_unopened(self) -> None:
        """Raise OperationsUnavailable when there is no store to read."""
        await self._found_out()
        if self.closed is not None:
            raise OperationsUnavailable(self.closed)

    async def refuse_unwritable(self) -> None:
        """Raise OperationsUnavailable when nothing can be recorded now."""
        reason = await self.trouble()
        if reason is not None:
            raise OperationsUnavailable(reason)

    def written(self) -> None:
        """Note that something was written."""
        self._written_at = asyncio.get_running_loop().time()

    async def trouble(self) -> str | None:
        """Say why nothing can be recorded now; None when it can."""
        await self._found_out()
        if self.closed is not None:
            return self.closed
        if asyncio.get_running_loop().time() < self._written_at + _WRITE_VOUCHES_S:
            return None
        if self._probing is None or self._probing.done():
            self._probing = asyncio.create_task(self._probed())
        # One for all who ask meanwhile: many at a time would lock each other out. One that hangs
        # is not repeated before it ends, or each question would leave a thread behind.
        await asyncio.wait({self._probing}, timeout=_PROBE_WITHIN_S)
        if not self._probing.done():
            return f"the database has not answered within {_PROBE_WITHIN_S:g} s"
        return self._probing.result()

    async def _found_out(self) -> None:
        """Wait for a store that is being opened, but not for ever."""
        if self.is_starting:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_found_out.wait(), self._open_within_s)

    async def _probed(self) -> str | None:
        try:
            await asyncio.to_thread(self._store.probe)
        except StoreUnavailable as error:
            return str(error)
        self.written()
        return None
