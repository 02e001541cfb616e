"""One token of the gateway itself, for all callers."""

from abc import ABC, abstractmethod

from gateway.clock import Clock
from gateway.upstream.scope import RequestScope
from gateway.upstream.tokens.refresher import IssuedToken, TokenRefresher


class SharedTokens(ABC):
    """Obtains one token for all callers. Subclasses implement `identity` and `_fetch_token`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refresher = TokenRefresher(self._fetch_token, clock)

    def cached(self, scope: RequestScope) -> str | None:
        return self._refresher.cached()

    async def get(self, scope: RequestScope, *, rejected: str | None = None) -> str:
        return await self._refresher.get(rejected=rejected)

    @abstractmethod
    async def _fetch_token(self) -> IssuedToken:
        """Request a token from its issuer. Raises `UpstreamError`."""
