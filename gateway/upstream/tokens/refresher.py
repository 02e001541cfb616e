"""Keeps one token fresh, with one request to the issuer at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from gateway.clock import Clock
from gateway.credentials import SecretToken
from gateway.upstream.errors import NoToken

LOG: Final = structlog.get_logger("gateway.tokens")

# The vendor's SDK stops using a token after all but 30 s; a call may wait longer in the queue.
_EXPIRY_MARGIN_S: Final = 60.0
# So long may the identity platform be unavailable before calls fail.
_REFRESH_AHEAD_S: Final = 300.0
_RETRY_PAUSE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token, and its lifetime in seconds from the moment of the request."""

    token: SecretToken
    lifetime_s: float


class TokenRefresher:
    """Obtains a token when it is first needed, and again before it expires.

    In a token's last five minutes it is refreshed while calls still use it. In its last minute,
    calls wait for the new one. A token that is valid only for minutes is used for half of its
    lifetime.

    Args:
        fetch: requests a token. It runs in a separate task, so that a cancelled request cannot
            interrupt it between the response and storing a new refresh token.
    """

    def __init__(self, fetch: Callable[[], Awaitable[IssuedToken]], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token: str | None = None
        self._refresh_at = 0.0
        self._unusable_at = 0.0
        self._next_attempt_at = 0.0
        self._pending: asyncio.Task[str] | None = None

    def cached(self) -> str | None:
        """Return the current token; None if it has to be refreshed."""
        return self._token if self._clock.monotonic() < self._refresh_at else None

    async def get(self, *, rejected: str | None = None) -> str:
        """Return a token that is not about to expire and is not the rejected one."""
        now = self._clock.monotonic()
        present = self._token if self._token != rejected and now < self._unusable_at else None
        if present is not None and now < max(self._refresh_at, self._next_attempt_at):
            return present
        if self._pending is None:
            self._next_attempt_at = now + _RETRY_PAUSE_S
            self._pending = asyncio.create_task(self._refresh())
            self._pending.add_done_callback(self._on_refreshed)
        return await asyncio.shield(self._pending) if present is None else present

    async def _refresh(self) -> str:
        requested_at = self._clock.monotonic()
        issued = await self._fetch()
        self._unusable_at = (
            requested_at + issued.lifetime_s - min(_EXPIRY_MARGIN_S, issued.lifetime_s / 2)
        )
        self._refresh_at = requested_at + max(
            issued.lifetime_s - _REFRESH_AHEAD_S, issued.lifetime_s / 4
        )
        self._token = issued.token.reveal()
        return self._token

    def _on_refreshed(self, task: asyncio.Task[str]) -> None:
        self._pending = None
        failed = None if task.cancelled() else task.exception()
        # Callers that wait get the exception; none waits while the current token is usable.
        if failed is not None and self._clock.monotonic() < self._unusable_at:
            LOG.warning(
                "the gateway's Partner Center token could not be refreshed yet", reason=str(failed)
            )


def parse_token_response(members: Mapping[str, Any], now: float) -> IssuedToken:
    """Parse a successful response of a token endpoint (CONTRACT 1.2). Numbers may be strings.

    Args:
        members: the members of the response.
        now: seconds since the epoch, for a response that has only `expires_on`.
    """
    token = members.get("access_token")
    if not isinstance(token, str) or not token:
        raise NoToken("The token endpoint responded without an access_token.")
    lifetime_s = _to_seconds(members.get("expires_in"))
    if lifetime_s is None:
        expires_on = _to_seconds(members.get("expires_on"))
        lifetime_s = 0.0 if expires_on is None else expires_on - now
    if lifetime_s <= 0:
        raise NoToken(
            "The token endpoint issued a token that has expired already, or without a lifetime."
            " Check the clock of this machine."
        )
    return IssuedToken(SecretToken(token), lifetime_s)


def _to_seconds(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        return None
