"""Keeps one token fresh: renewed before it expires, once however many calls need it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from gateway.clock import Clock
from gateway.upstream.errors import NoToken
from gateway.upstream.scope import SecretToken

LOG: Final = structlog.get_logger("gateway.tokens")

# The vendor's SDK stops using a token 30 s early; a queued call may need longer to leave.
_UNUSED_S: Final = 60.0
# Time for the identity platform to be away for a while without a call that fails.
_AHEAD_S: Final = 300.0
_PAUSE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Grant:
    """A token as issued, with its lifetime from then on."""

    token: SecretToken
    lifetime_s: float


class Renewal:
    """A token that is obtained when first needed and again before it expires.

    In its last five minutes it is renewed beside the calls that use it, in its last minute calls
    wait for the new one. One that lives only minutes is used for half its life rather than never.

    Args:
        obtain: asks for a token; runs in a task of its own, so that a cancelled request cannot
            stop it between the answer and keeping what it said.
    """

    def __init__(self, obtain: Callable[[], Awaitable[Grant]], clock: Clock) -> None:
        self._obtain = obtain
        self._clock = clock
        self._token: str | None = None
        self._renew_at = 0.0
        self._unused_from = 0.0
        self._tried_again_from = 0.0
        self._pending: asyncio.Task[str] | None = None

    def at_hand(self) -> str | None:
        """Return the present token unless it is to be renewed."""
        return self._token if self._clock.monotonic() < self._renew_at else None

    async def token(self, *, refused: str | None = None) -> str:
        """Return a token that is neither about to expire nor the refused one."""
        now = self._clock.monotonic()
        present = self._token if self._token != refused and now < self._unused_from else None
        if present is not None and now < max(self._renew_at, self._tried_again_from):
            return present
        if self._pending is None:
            self._tried_again_from = now + _PAUSE_S
            self._pending = asyncio.create_task(self._renew())
            self._pending.add_done_callback(self._settle)
        return await asyncio.shield(self._pending) if present is None else present

    async def _renew(self) -> str:
        asked_at = self._clock.monotonic()
        grant = await self._obtain()
        self._unused_from = asked_at + grant.lifetime_s - min(_UNUSED_S, grant.lifetime_s / 2)
        self._renew_at = asked_at + max(grant.lifetime_s - _AHEAD_S, grant.lifetime_s / 4)
        self._token = grant.token.reveal()
        return self._token

    def _settle(self, task: asyncio.Task[str]) -> None:
        self._pending = None
        failed = None if task.cancelled() else task.exception()
        # Whoever waits is told; nobody does while the present token can be used.
        if failed is not None and self._clock.monotonic() < self._unused_from:
            LOG.warning("the gateway's token could not be renewed yet", reason=str(failed))


def read_grant(answer: Mapping[str, Any], now: float) -> Grant:
    """Read a token endpoint's success (CONTRACT 1.2): its numbers may be strings.

    Args:
        answer: the members of the answer.
        now: seconds since the epoch, for an answer that tells only `expires_on`.
    """
    token = answer.get("access_token")
    if not isinstance(token, str) or not token:
        raise NoToken("the token endpoint answered without an access_token")
    lifetime_s = _seconds(answer.get("expires_in"))
    if lifetime_s is None:
        expires_on = _seconds(answer.get("expires_on"))
        lifetime_s = 0.0 if expires_on is None else expires_on - now
    if lifetime_s <= 0:
        raise NoToken(
            "the token endpoint issued a token that has expired already or does not say when it"
            " does; compare this machine's clock with the world's"
        )
    return Grant(SecretToken(token), lifetime_s)


def _seconds(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        return None
