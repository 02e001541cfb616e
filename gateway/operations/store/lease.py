"""The lease of this run of the process, and those of others as this one has watched them.

No wall clock counts. Whoever holds a lease relies on it for some time after it was renewed, and
whoever waits for its end watches that it is not renewed for longer, each by its own monotonic
clock.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Final

from gateway.operations.store.base import OperationStore

# What a process may still begin when its lease is about to end has to be over before it does.
_CERTAIN: Final = 0.75
# Of a lease; after a longer break, of the store or of this process, the others renew theirs first.
_LONGEST_BREAK: Final = 0.5


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
        self._others = _WatchedLeases(store.lease_s)

    @property
    def is_valid(self) -> bool:
        """Whether nobody can have taken over what this process executes."""
        return _now() < self._renewed_at + _CERTAIN * self._store.lease_s

    async def acquire(self) -> None:
        """Begin a new run with a lease of its own."""
        self.process = self._new_id()
        self._renewed_at = -math.inf
        begun_at = _now()
        await self._store.acquire_lease(self.process)
        self._renewed_at = begun_at

    async def renew(self) -> bool:
        """Renew it; False when it has been taken away. Raises StoreUnavailable."""
        begun_at = _now()
        is_renewed = await self._store.renew_lease(self.process)
        self._renewed_at = begun_at if is_renewed else -math.inf
        return is_renewed

    async def release(self) -> None:
        """Let others take over at once."""
        self._renewed_at = -math.inf
        await self._store.release_lease(self.process)

    async def expired_others(self) -> dict[str, int]:
        """Find leases of others that have expired, with their renewals; to be asked often.

        Raises StoreUnavailable.
        """
        begun_at = _now()
        return self._others.observe(await self._store.other_leases(self.process), begun_at)


class _WatchedLeases:
    """Leases of others, with since when nobody has renewed them."""

    def __init__(self, lease_s: float) -> None:
        self._lease_s = lease_s
        self._since: dict[tuple[str, int], float] = {}
        self._observed_at = -math.inf

    def observe(self, renewals: Mapping[str, int], begun_at: float) -> dict[str, int]:
        """Note renewals that were read since `begun_at`; returns those of expired leases."""
        is_watching = begun_at < self._observed_at + _LONGEST_BREAK * self._lease_s
        before = self._since if is_watching else {}
        self._observed_at = _now()
        self._since = {each: before.get(each, self._observed_at) for each in renewals.items()}
        expires_at = begun_at - self._lease_s
        return dict(each for each, since in self._since.items() if since <= expires_at)


def _now() -> float:
    return asyncio.get_running_loop().time()
