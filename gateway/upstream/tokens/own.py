"""Tokens of the gateway itself: one at a time, whoever asks."""

from abc import ABC, abstractmethod

from gateway.clock import Clock
from gateway.upstream.scope import RequestScope
from gateway.upstream.tokens.renewal import Grant, Renewal


class OwnTokens(ABC):
    """Keeps one token for all callers; a subclass says whose it is and how it is obtained."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._renewal = Renewal(self._obtain, clock)

    def at_hand(self, scope: RequestScope) -> str | None:
        """Return the present token while it lasts."""
        return self._renewal.at_hand()

    async def bearer(self, scope: RequestScope, *, refused: str | None = None) -> str:
        """Return the present token, or another one when it is about to expire or was refused."""
        return await self._renewal.token(refused=refused)

    @abstractmethod
    async def _obtain(self) -> Grant:
        """Ask for a token; raises UpstreamError."""
