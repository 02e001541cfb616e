"""Authenticates callers by their JWT. Verified tokens are cached."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from cachetools import LRUCache

from gateway.auth.caller import Caller
from gateway.auth.claims import (
    Claims,
    check_validity_period,
    get_customer_ids,
    get_subject,
    parse_scopes,
)
from gateway.auth.customers_file import CustomersBySubject
from gateway.auth.jwt_verifier import JwtVerifier, VerifiedToken
from gateway.credentials import SecretToken
from gateway.settings.principals import subject_principal
from gateway.settings.reloading import ReloadingFile
from schema.scopes import Scope

_CACHE_SIZE: Final = 10_000


@dataclass(frozen=True, slots=True)
class ClaimGrants:
    """Derives scopes and customers from the claims of a verified token and the settings.

    Attributes:
        default_scopes: granted to every token.
        customers_claim: the claim with the customers; empty if no claim limits them.
        customers_file: the file with the customers; None if no file limits them. It is None if
            `customers_claim` is set.
    """

    scopes_claims: tuple[str, ...]
    scopes_prefixes: tuple[str, ...]
    default_scopes: frozenset[Scope]
    customers_claim: str
    customers_file: ReloadingFile[CustomersBySubject] | None

    def scopes(self, claims: Claims) -> frozenset[Scope]:
        named = parse_scopes(claims, self.scopes_claims, self.scopes_prefixes)
        return named | self.default_scopes

    def customers(self, claims: Claims) -> frozenset[str] | None:
        """Return the customers that the caller may see now; None for all."""
        if self.customers_file is not None:
            return self.customers_file.current().get(get_subject(claims), frozenset())
        return get_customer_ids(claims, self.customers_claim) if self.customers_claim else None


@dataclass(frozen=True, slots=True)
class _CachedCaller:
    caller: Caller
    verified: VerifiedToken
    expires_at: float


class JwtAuthenticator:
    """Verifies tokens, and caches them until they expire or the issuer withdraws their key.

    Args:
        wall_clock: returns seconds since the epoch.
        keep_tokens: whether Partner Center is called with the caller's own token.
    """

    def __init__(
        self,
        verifier: JwtVerifier,
        grants: ClaimGrants,
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
        """Return the token's caller. Raises Unauthenticated and SigningKeysUnavailable."""
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
