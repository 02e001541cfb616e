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

from gateway.auth.key_set import KeyName, KeySet
from gateway.auth.unauthenticated import KeysUnavailable, Unauthenticated
from gateway.upstream.clock import Clock

LOG: Final = structlog.get_logger("gateway.auth")

_MOST_FETCHES: Final = 5
_WINDOW_S: Final = 60.0
# An issuer that cannot be reached for a day may have withdrawn a key that was stolen.
_LONGEST_STALE_S: Final = 86_400.0


class SigningKeys:
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
        self._known: KeySet | None = None
        self._fetched_at = 0.0
        self._fetching: asyncio.Task[str | None] | None = None
        self._fetches: deque[float] = deque(maxlen=_MOST_FETCHES)

    def has(self, name: KeyName) -> bool:
        """Whether a key is still among those the issuer has; renews them when it is time."""
        if self._known is None or self._known.find(name) is None:
            return False
        age_s = self._clock.monotonic() - self._fetched_at
        if age_s >= self._ttl_s:
            self._begin_fetch()
        return age_s < _LONGEST_STALE_S

    async def find(self, name: KeyName) -> PyJWK:
        """Return a key.

        Raises:
            Unauthenticated: the issuer has no such key.
            KeysUnavailable: there are no keys to look among.
        """
        trouble = None
        if not self.has(name):
            fetching = self._begin_fetch()
            # Of many that wait for one fetch, any may go away without harm to the others.
            trouble = await asyncio.shield(fetching) if fetching else None
        found = self._known.find(name) if self._known and self._is_fresh() else None
        if found is not None:
            return found
        if trouble is not None or not self._is_fresh():
            raise KeysUnavailable(
                "The identity provider's signing keys cannot be read now, so no token can be"
                " verified; ask again later"
            )
        raise Unauthenticated("The token is signed with a key that its issuer does not have")

    async def aclose(self) -> None:
        """Stop what is being fetched."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    def _is_fresh(self) -> bool:
        age_s = self._clock.monotonic() - self._fetched_at
        return self._known is not None and age_s < _LONGEST_STALE_S

    def _begin_fetch(self) -> "asyncio.Task[str | None] | None":
        """Join the fetch under way, or begin one; None where there were too many lately."""
        if self._fetching is not None:
            return self._fetching
        now = self._clock.monotonic()
        if len(self._fetches) == _MOST_FETCHES and now - self._fetches[0] < _WINDOW_S:
            return None
        self._fetches.append(now)
        self._fetching = asyncio.create_task(self._fetched())
        return self._fetching

    async def _fetched(self) -> str | None:
        """Replace the keys; returns why they could not be."""
        try:
            self._known = await self._fetch()
        except KeysUnavailable as error:
            LOG.warning("signing keys cannot be fetched", reason=str(error))
            return str(error)
        except Exception as error:  # noqa: BLE001 - callers of all tokens wait for this
            LOG.warning("signing keys cannot be read", reason=repr(error))
            return type(error).__name__
        finally:
            self._fetching = None
        self._fetched_at = self._clock.monotonic()
        return None
