"""The lease of this run of the process, and the leases of other processes.

No wall clock is involved. The holder of a lease relies on it for a part of its duration after each
renewal; other processes revoke it when they have seen no renewal for its whole duration. Each
measures with its own monotonic clock.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Final

from gateway.operations.store.base import OperationStore

# Part of the duration of a lease during which its holder relies on it. The rest is for what it
# began last.
_VALID_PART: Final = 0.75
# Part of the duration of a lease. If the store or this process was not available for longer, its
# observations start again, so that other processes can renew their leases first.
_MAX_OBSERVATION_GAP: Final = 0.5


class ProcessLease:
    """The lease of this process, which shows other processes that it still runs.

    Each method raises StoreUnavailable.

    Args:
        new_id: creates the id of a run. A process that has lost its lease begins a new run.

    Attributes:
        process: the id of the current run.
        process_count: the processes that have a lease, as last observed, including this one.
    """

    def __init__(self, store: OperationStore, new_id: Callable[[], str]) -> None:
        self._store = store
        self._new_id = new_id
        self.process = new_id()
        self._renewed_at = -math.inf
        self.process_count = 1
        self._others = _ObservedLeases(store.lease_s)

    @property
    def is_valid(self) -> bool:
        """Whether certainly no other process has taken over the operations of this one."""
        return loop_time() < self._renewed_at + _VALID_PART * self._store.lease_s

    async def acquire(self) -> None:
        """Begin a new run, with a new id and a new lease."""
        self.process = self._new_id()
        self._renewed_at = -math.inf
        started_at = loop_time()
        await self._store.acquire_lease(self.process)
        self._renewed_at = started_at

    async def renew(self) -> bool:
        """Renew the lease. Returns False if another process has revoked it."""
        started_at = loop_time()
        is_renewed = await self._store.renew_lease(self.process)
        self._renewed_at = started_at if is_renewed else -math.inf
        return is_renewed

    async def release(self) -> None:
        """Give up the lease, so that other processes can take over at once."""
        self._renewed_at = -math.inf
        await self._store.release_lease(self.process)

    async def expired_others(self) -> dict[str, int]:
        """Return the expired leases of other processes, each with its number of renewals.

        A lease has expired if its number of renewals has not changed for `lease_s`. Only repeated
        calls within that time can observe this.
        """
        started_at = loop_time()
        others = await self._store.read_other_leases(self.process)
        expired = self._others.observe(others, started_at)
        self.process_count = 1 + len(others) - len(expired)
        return expired


class _ObservedLeases:
    """Leases of other processes, with the time since when their renewals have not changed."""

    def __init__(self, lease_s: float) -> None:
        self._lease_s = lease_s
        self._since: dict[tuple[str, int], float] = {}
        self._observed_at = -math.inf

    def observe(self, renewals: Mapping[str, int], started_at: float) -> dict[str, int]:
        """Remember numbers of renewals, read after `started_at`.

        Returns those of expired leases.
        """
        is_continuous = started_at < self._observed_at + _MAX_OBSERVATION_GAP * self._lease_s
        before = self._since if is_continuous else {}
        self._observed_at = loop_time()
        self._since = {each: before.get(each, self._observed_at) for each in renewals.items()}
        expires_at = started_at - self._lease_s
        return dict(each for each, since in self._since.items() if since <= expires_at)


def loop_time() -> float:
    """Return the event loop's time, which goes on while the process is stopped."""
    return asyncio.get_running_loop().time()
