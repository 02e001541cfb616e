"""Callers by their JWT; one that was verified is known again by a look into a dictionary."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from cachetools import LRUCache

from gateway.auth.caller import Caller
from gateway.auth.claims import Claims, check_validity_period, get_subject
from gateway.auth.jwt_verifier import JwtVerifier, VerifiedToken
from gateway.credentials import SecretToken
from gateway.settings.principals import subject_principal
from schema.scopes import Scope

_CACHE_SIZE: Final = 10_000


class GrantPolicy(Protocol):
    """What a token permits its bearer."""

    def scopes(self, claims: Claims) -> frozenset[Scope]:
        """Return what it may do."""
        ...

    def customers(self, claims: Claims) -> frozenset[str] | None:
        """Return whom it may see, as things stand now; None for all."""
        ...


@dataclass(frozen=True, slots=True)
class _CachedCaller:
    caller: Caller
    verified: VerifiedToken
    expires_at: float


class JwtAuthenticator:
    """Verifies tokens and remembers them until they expire or their key is withdrawn.

    Args:
        wall: tells the seconds since the epoch.
        keeps_tokens: whether the upstream is asked with the caller's own token.
    """

    def __init__(
        self,
        verifier: JwtVerifier,
        grants: GrantPolicy,
        wall_clock: Callable[[], float],
        *,
        leeway_s: float,
        keep_tokens: bool,
    ) -> None:
        self._verifier = verifier
        self._grants = grants
        self._wall_clock = wall_clock
        self._leeway_s = leeway_s
        self._keep_tokens = keep_tokens
        self._cache: LRUCache[bytes, _CachedCaller] = LRUCache(_CACHE_SIZE)

    async def authenticate(self, token: str) -> Caller:
        """Return whose token this is. Raises Unauthenticated, and KeysUnavailable."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self._cache.get(digest)
        if known is None or not self._is_valid(known):
            known = await self._verify(token)
            self._cache[digest] = known
        customers = self._grants.customers(known.verified.claims)
        if customers == known.caller.customers:
            return known.caller
        return replace(known.caller, customers=customers)

    async def aclose(self) -> None:
        """Stop fetching signing keys."""
        await self._verifier.aclose()

    def _is_valid(self, known: _CachedCaller) -> bool:
        return self._wall_clock() < known.expires_at and known.verified.is_key_current()

    async def _verify(self, token: str) -> _CachedCaller:
        verified = await self._verifier.verify(token)
        claims = verified.claims
        expires_at = check_validity_period(claims, self._wall_clock(), self._leeway_s)
        caller = Caller(
            principal=subject_principal(verified.issuer.name, get_subject(claims)),
            scopes=self._grants.scopes(claims),
            customers=self._grants.customers(claims),
            token=SecretToken(token) if self._keep_tokens else None,
            expires_at=expires_at,
        )
        return _CachedCaller(caller, verified, expires_at)
