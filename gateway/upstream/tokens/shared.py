"""Tokens of the gateway itself: one at a time, whoever asks."""

from abc import ABC, abstractmethod

from gateway.clock import Clock
from gateway.upstream.scope import RequestScope
from gateway.upstream.tokens.refresher import IssuedToken, TokenRefresher


class SharedTokens(ABC):
    """Keeps one token for all callers; a subclass says whose it is and how it is obtained."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refresher = TokenRefresher(self._fetch_token, clock)

    def cached(self, scope: RequestScope) -> str | None:
        """Return the present token while it lasts."""
        return self._refresher.cached()

    async def get(self, scope: RequestScope, *, rejected: str | None = None) -> str:
        """Return the present token, or another one when it is about to expire or was refused."""
        return await self._refresher.get(rejected=rejected)

    @abstractmethod
    async def _fetch_token(self) -> IssuedToken:
        """Ask for a token; raises UpstreamError."""
