"""Shares the pauses after a 429 among all processes that use the same database."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final, Protocol

import msgspec
import structlog

from gateway.clock import Clock
from gateway.ids import new_uuid
from gateway.operations.store.base import StoreUnavailable
from gateway.upstream.client import UpstreamClient
from gateway.upstream.rate_limits import RateLimitScope

LOG: Final = structlog.get_logger("gateway.upstream")

_EVERY_S: Final = 0.3  # twice this passes at most until another process knows a pause


class PauseStore(Protocol):
    """Stores for how long processes send no calls of a rate limit.

    Only durations are exchanged, because the clocks of the processes may differ. Both methods raise
    StoreUnavailable.
    """

    async def share_pauses(self, process: str, pauses: Mapping[str, float]) -> None:
        """Store the pauses of a process: the seconds from now, by rate limit."""
        ...

    async def read_other_pauses(self, process: str) -> dict[str, float]:
        """Return the pauses of all other processes: the remaining seconds, by rate limit."""
        ...


class SharedPauses:
    """Shares with other processes for how long no calls of a rate limit may be sent.

    While the store is unavailable, this process applies its own pauses, and shares the rest of them
    later.
    """

    def __init__(self, store: PauseStore, client: UpstreamClient, clock: Clock) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._process = new_uuid()
        self._unshared: dict[RateLimitScope, float] = {}
        self._task: asyncio.Task[None] | None = None
        client.observe_pauses(self._note)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def exchange(self) -> None:
        """Share new pauses of this process, and apply those of others. Raises StoreUnavailable."""
        await self._share()
        # The time before the read: a pause read again never becomes longer.
        now = self._clock.monotonic()
        others = await self._store.read_other_pauses(self._process)
        for text, seconds in others.items():
            # A later version of the gateway may know more rate limits.
            with contextlib.suppress(msgspec.DecodeError):
                scope = msgspec.json.decode(text, type=RateLimitScope)
                self._client.pause(scope, now + seconds)

    def _note(self, scope: RateLimitScope, until: float) -> None:
        self._unshared[scope] = max(until, self._unshared.get(scope, until))

    async def _share(self) -> None:
        now = self._clock.monotonic()
        sent = self._unshared = {s: until for s, until in self._unshared.items() if until > now}
        if not sent:
            return
        self._unshared = {}
        try:
            await self._store.share_pauses(
                self._process,
                {msgspec.json.encode(s).decode(): until - now for s, until in sent.items()},
            )
        except StoreUnavailable:
            for scope, until in sent.items():
                self._note(scope, until)
            raise

    async def _run(self) -> None:
        while True:
            try:
                await self.exchange()
            except StoreUnavailable:
                pass  # the maintenance of operations logs it
            except Exception as fault:  # the next run may succeed
                LOG.error("pauses cannot be shared", exc_info=fault)
            await asyncio.sleep(_EVERY_S)
