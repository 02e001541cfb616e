"""Signing keys as they are now: fetched once for all, kept, renewed, rotated without a restart.

A key that is not known is looked for at once, so that tokens of a new key are accepted from the
first. How often is bounded: whoever sends made-up key ids must not make this gateway flood the
issuer. What such a sender causes to be fetched are the newest keys, so nobody is kept out longer
than one part of the window.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from jwt import PyJWK

from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from gateway.auth.jwks import KeyName, KeySet
from gateway.clock import Clock

LOG: Final = structlog.get_logger("gateway.auth")

_MAX_FETCHES: Final = 5
_WINDOW_S: Final = 60.0
# An issuer that cannot be reached for a day may have withdrawn a key that was stolen.
_MAX_STALE_S: Final = 86_400.0


class JwksCache:
    """The keys of one issuer.

    Args:
        fetch: raises KeysUnavailable.
        ttl_s: age at which keys are renewed, beside the requests that use them.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[KeySet]], clock: Clock, *, ttl_s: float
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._ttl_s = ttl_s
        self._keys: KeySet | None = None
        self._fetched_at = 0.0
        self._fetch_task: asyncio.Task[str | None] | None = None
        self._fetch_times: deque[float] = deque(maxlen=_MAX_FETCHES)

    def has_key(self, name: KeyName) -> bool:
        """Whether a key is still among those the issuer has; renews them when it is time."""
        if self._keys is None or self._keys.find(name) is None:
            return False
        age_s = self._clock.monotonic() - self._fetched_at
        if age_s >= self._ttl_s:
            self._start_fetch()
        return age_s < _MAX_STALE_S

    async def get_key(self, name: KeyName) -> PyJWK:
        """Return a key.

        Raises:
            Unauthenticated: the issuer has no such key.
            KeysUnavailable: there are no keys to look among.
        """
        trouble = None
        if not self.has_key(name):
            fetching = self._start_fetch()
            # Of many that wait for one fetch, any may go away without harm to the others.
            trouble = await asyncio.shield(fetching) if fetching else None
        found = self._keys.find(name) if self._keys and self._is_fresh() else None
        if found is not None:
            return found
        if trouble is not None or not self._is_fresh():
            raise SigningKeysUnavailable(
                "The identity provider's signing keys cannot be read now, so no token can be"
                " verified; ask again later"
            )
        raise Unauthenticated("The token is signed with a key that its issuer does not have")

    async def aclose(self) -> None:
        """Stop what is being fetched."""
        if self._fetch_task is not None:
            self._fetch_task.cancel()
            await asyncio.wait([self._fetch_task])

    def _is_fresh(self) -> bool:
        age_s = self._clock.monotonic() - self._fetched_at
        return self._keys is not None and age_s < _MAX_STALE_S

    def _start_fetch(self) -> "asyncio.Task[str | None] | None":
        """Join the fetch under way, or begin one; None where there were too many lately."""
        if self._fetch_task is not None:
            return self._fetch_task
        now = self._clock.monotonic()
        if len(self._fetch_times) == _MAX_FETCHES and now - self._fetch_times[0] < _WINDOW_S:
            return None
        self._fetch_times.append(now)
        self._fetch_task = asyncio.create_task(self._fetch_and_store())
        return self._fetch_task

    async def _fetch_and_store(self) -> str | None:
        """Replace the keys; returns why they could not be."""
        try:
            self._keys = await self._fetch()
        except SigningKeysUnavailable as error:
            LOG.warning("signing keys cannot be fetched", reason=str(error))
            return str(error)
        except Exception as error:  # noqa: BLE001 - callers of all tokens wait for this
            LOG.warning("signing keys cannot be read", reason=repr(error))
            return type(error).__name__
        finally:
            self._fetch_task = None
        self._fetched_at = self._clock.monotonic()
        return None
