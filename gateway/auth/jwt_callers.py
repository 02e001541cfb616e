"""Callers by their JWT; one that was verified is known again by a look into a dictionary."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from cachetools import LRUCache

from gateway.auth.caller import Caller
from gateway.auth.claims import Claims, check_time, subject_of
from gateway.auth.verifier import Verifier
from gateway.settings.principals import subject_principal
from gateway.upstream.scope import SecretToken
from schema.scopes import Scope

_REMEMBERED: Final = 10_000


class Grants(Protocol):
    """What a token permits its bearer."""

    def scopes(self, claims: Claims) -> frozenset[Scope]:
        """Return what it may do."""
        ...

    def customers(self, claims: Claims) -> frozenset[str] | None:
        """Return whom it may see, as things stand now; None for all."""
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    caller: Caller
    claims: Claims
    kid: str | None
    expires_at: float


class JwtCallers:
    """Verifies tokens and remembers them until they expire or their key is withdrawn.

    Args:
        wall: tells the seconds since the epoch.
        keeps_tokens: whether the upstream is asked with the caller's own token.
    """

    def __init__(
        self,
        verifier: Verifier,
        grants: Grants,
        wall: Callable[[], float],
        *,
        leeway_s: float,
        keeps_tokens: bool,
    ) -> None:
        self._verifier = verifier
        self._grants = grants
        self._wall = wall
        self._leeway_s = leeway_s
        self._keeps_tokens = keeps_tokens
        self._known: LRUCache[bytes, _Known] = LRUCache(_REMEMBERED)

    async def caller(self, token: str) -> Caller:
        """Return whose token this is. Raises Unauthenticated, and KeysUnavailable."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known is None or not self._still_holds(known):
            known = await self._verified(token)
            self._known[digest] = known
        customers = self._grants.customers(known.claims)
        if customers == known.caller.customers:
            return known.caller
        return replace(known.caller, customers=customers)

    async def aclose(self) -> None:
        """Stop fetching signing keys."""
        await self._verifier.keys.aclose()

    def _still_holds(self, known: _Known) -> bool:
        return self._wall() < known.expires_at and self._verifier.keys.has(known.kid)

    async def _verified(self, token: str) -> _Known:
        verified = await self._verifier.verified(token)
        claims = verified.claims
        expires_at = check_time(claims, self._wall(), self._leeway_s)
        caller = Caller(
            principal=subject_principal(self._verifier.issuer, subject_of(claims)),
            scopes=self._grants.scopes(claims),
            customers=self._grants.customers(claims),
            token=SecretToken(token) if self._keeps_tokens else None,
            expires_at=expires_at,
        )
        return _Known(caller, claims, verified.kid, expires_at)
