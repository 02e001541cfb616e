"""The lease of this run of the process: others leave its operations alone while it is renewed."""

import asyncio
import math
from collections.abc import Callable
from typing import Final

from gateway.operations.store.base import OperationStore, StoreUnavailable

# What a process may still begin when its lease is about to end has to be over before it does.
_CERTAIN: Final = 0.75


class ProcessLease:
    """A lease in the store, with how long it is certain to last by this process's own clock.

    Args:
        new_id: names a run of the process; a run that has lost its lease is over.

    Attributes:
        process: the id of this run.
    """

    def __init__(self, store: OperationStore, new_id: Callable[[], str]) -> None:
        self._store = store
        self._new_id = new_id
        self.process = new_id()
        self._renewed_at = -math.inf
        self._steady_since = math.inf

    @property
    def is_valid(self) -> bool:
        """Whether nobody can have taken over what this process executes."""
        return _now() < self._renewed_at + _CERTAIN * self._store.lease_s

    @property
    def is_steady(self) -> bool:
        """Whether others have had the time to renew theirs, since the store last failed."""
        return _now() >= self._steady_since + self._store.lease_s

    async def acquire(self) -> None:
        """Begin a new run with a lease of its own."""
        self.process = self._new_id()
        self._renewed_at = -math.inf
        begun_at = _now()
        await self._store.acquire_lease(self.process)
        self._renewed_at = begun_at
        self._steady_since = begun_at

    async def renew(self) -> bool:
        """Renew it; False when it has been taken away. Raises StoreUnavailable."""
        begun_at = _now()
        try:
            is_renewed = await self._store.renew_lease(self.process)
        except StoreUnavailable:
            self._steady_since = math.inf
            raise
        self._renewed_at = begun_at if is_renewed else -math.inf
        self._steady_since = min(self._steady_since, begun_at)
        return is_renewed

    async def release(self) -> None:
        """Let others take over at once."""
        self._renewed_at = -math.inf
        await self._store.release_lease(self.process)


def _now() -> float:
    return asyncio.get_running_loop().time()
