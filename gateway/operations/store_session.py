"""How this process uses the store: lease, health, and writes whose result is unknown."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from gateway.operations.preview_key import PreviewKey
from gateway.operations.running_operation import RunningOperation
from gateway.operations.store.base import OperationStore, StoreUnavailable
from gateway.operations.store.health import StoreHealth, StoreTimeouts
from gateway.operations.store.lease import ProcessLease, loop_time

T = TypeVar("T")

_INITIAL_RETRY_S: Final = 0.1
_MAX_RETRY_S: Final = 5.0
_NO_WRITES: Final = "the database does not accept writes at the moment"


class StoreSession:
    """The store, as this process uses it: with its lease, and with the health of the store.

    Attributes:
        unconfirmed_at: the loop time of the last write whose result is unknown. Such a write may
            have recorded an operation that no process executes.
    """

    def __init__(
        self, store: OperationStore, timeouts: StoreTimeouts, new_id: Callable[[], str]
    ) -> None:
        self.store = store
        self.timeouts = timeouts
        self.lease = ProcessLease(store, new_id)
        self.health = StoreHealth(self.lease.renew, timeouts, loop_time)
        self.preview_key = PreviewKey(store, self.health)
        self.unconfirmed_at: float | None = None

    async def open(self) -> None:
        """Open the store, acquire a lease and read the key of previews. Raises StoreUnavailable."""
        await self.store.open()
        await self.lease.acquire()
        await self.preview_key.load()
        self.health.open()

    async def release_lease(self, timeout_s: float) -> None:
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self.lease.release()

    async def confirm(self, writing: Awaitable[T]) -> T:
        """Wait for a write on behalf of a caller. Raises OperationsUnavailable if it fails."""
        try:
            return await writing
        except StoreUnavailable as error:
            if error.may_be_stored:
                self.note_unconfirmed()
            raise self.health.write_error(error) from error
        except asyncio.CancelledError:
            self.note_unconfirmed()
            raise

    def note_unconfirmed(self) -> None:
        """Remember that the result of a write is unknown; the database may still commit it."""
        self.unconfirmed_at = loop_time()

    async def retry(
        self, write: Callable[[], Awaitable[T]], operation: RunningOperation | None = None
    ) -> T:
        """Repeat a write until the store accepts it. Meanwhile, `operation` is shown as blocked."""
        delay_s = _INITIAL_RETRY_S
        while True:
            try:
                result = await write()
            except StoreUnavailable as error:
                self.health.record_failure(str(error))
                if operation is not None:
                    operation.block(_NO_WRITES)
            else:
                self.health.record_write()
                if operation is not None:
                    operation.unblock()
                return result
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, _MAX_RETRY_S)
