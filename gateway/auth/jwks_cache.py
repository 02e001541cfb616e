"""Caches an issuer's signing keys, and fetches them again when they age or an unknown key is used.

An unknown key causes a fetch at once, so that tokens of a new key are accepted from the start. The
number of fetches per minute is limited, so that made-up key ids cannot flood the issuer. Each of
those fetches returns the newest keys, so valid tokens are rejected for seconds at most.
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
# An issuer that has been unreachable for a day may have revoked a stolen key in the meantime.
_MAX_STALE_S: Final = 86_400.0


class JwksCache:
    """The keys of one issuer.

    Args:
        fetch: raises SigningKeysUnavailable.
        ttl_s: the age at which keys are fetched again, in the background.
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
        """Whether the issuer still has a key. Starts a fetch if the keys are older than `ttl_s`."""
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
            SigningKeysUnavailable: the keys cannot be fetched.
        """
        error = None
        if not self.has_key(name):
            fetching = self._start_fetch()
            # One waiting request may be cancelled without cancelling the fetch for the others.
            error = await asyncio.shield(fetching) if fetching else None
        found = self._keys.find(name) if self._keys and self._is_fresh() else None
        if found is not None:
            return found
        if error is not None or not self._is_fresh():
            raise SigningKeysUnavailable(
                "The identity provider's signing keys cannot be fetched, so the token cannot be"
                " verified. Try again later"
            )
        raise Unauthenticated("The token is signed with a key that its issuer does not list")

    async def aclose(self) -> None:
        if self._fetch_task is not None:
            self._fetch_task.cancel()
            await asyncio.wait([self._fetch_task])

    def _is_fresh(self) -> bool:
        age_s = self._clock.monotonic() - self._fetched_at
        return self._keys is not None and age_s < _MAX_STALE_S

    def _start_fetch(self) -> "asyncio.Task[str | None] | None":
        """Return the running fetch, or start one; None if too many were started recently."""
        if self._fetch_task is not None:
            return self._fetch_task
        now = self._clock.monotonic()
        if len(self._fetch_times) == _MAX_FETCHES and now - self._fetch_times[0] < _WINDOW_S:
            return None
        self._fetch_times.append(now)
        self._fetch_task = asyncio.create_task(self._fetch_and_store())
        return self._fetch_task

    async def _fetch_and_store(self) -> str | None:
        """Replace the keys. Returns None, or why they could not be fetched."""
        try:
            self._keys = await self._fetch()
        except SigningKeysUnavailable as error:
            LOG.warning("cannot fetch signing keys", reason=str(error))
            return str(error)
        except Exception as error:  # noqa: BLE001 - all requests with a token wait for this
            LOG.warning("cannot parse signing keys", reason=repr(error))
            return type(error).__name__
        finally:
            self._fetch_task = None
        self._fetched_at = self._clock.monotonic()
        return None
