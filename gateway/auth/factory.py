"""Builds the authenticator that the settings ask for."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from gateway.auth.api_keys import parse_keys
from gateway.auth.authenticators import (
    AnonymousAuthenticator,
    Authenticator,
    CredentialAuthenticator,
    PassthroughAuthenticator,
)
from gateway.auth.customers_file import CustomersBySubject, parse_customers
from gateway.clock import Clock
from gateway.settings import AuthSettings
from gateway.settings.principals import principal_issuers
from gateway.settings.reloading import ReloadingFile
from gateway.upstream.transport.base import Transport
from schema.scopes import expand_scopes

if TYPE_CHECKING:
    from gateway.auth.jwt_authenticator import JwtAuthenticator

T = TypeVar("T")

_CHECK_INTERVAL_S: Final = 1.0


def build_authenticator(
    auth: AuthSettings,
    transport: Transport,
    clock: Clock,
    *,
    anonymous_principal: str,
    passes_tokens_on: bool,
) -> Authenticator:
    """Build the authenticator for `auth.mode`.

    Args:
        auth: the section of the settings.
        transport: fetches signing keys.
        clock: the process's clock.
        anonymous_principal: the principal of callers without a credential.
        passes_tokens_on: whether Partner Center is called with the callers' own tokens.

    Raises:
        ValueError: settings contradict each other, or a file cannot be read.
    """
    if passes_tokens_on and auth.accepts_api_keys:
        raise ValueError(
            f"auth.mode is '{auth.mode}' and partner.auth is 'passthrough', but a request with an"
            " API key has no Partner Center token to pass on; set auth.mode to 'jwt', which"
            " verifies the token and passes it on, or choose another partner.auth"
        )
    if auth.mode == "none":
        return (
            PassthroughAuthenticator(anonymous_principal)
            if passes_tokens_on
            else AnonymousAuthenticator(anonymous_principal)
        )
    keys = _open_file("keys_file", auth.keys_file, parse_keys, clock)
    customers = _open_file("customers_file", auth.customers_file, parse_customers, clock)
    jwts = None
    if auth.accepts_jwts:
        jwts = _build_jwt_authenticator(
            auth, transport, clock, customers, keep_tokens=passes_tokens_on
        )
    return CredentialAuthenticator(jwts, keys, customers)


def _build_jwt_authenticator(
    auth: AuthSettings,
    transport: Transport,
    clock: Clock,
    customers: ReloadingFile[CustomersBySubject] | None,
    *,
    keep_tokens: bool,
) -> "JwtAuthenticator":
    from gateway.auth.jwks_cache import JwksCache
    from gateway.auth.jwt_authenticator import ClaimGrants, JwtAuthenticator
    from gateway.auth.jwt_verifier import JwtVerifier, TrustedIssuer
    from gateway.auth.oidc_discovery import OidcDiscovery

    def trusted(iss: str, name: str) -> TrustedIssuer:
        issuer = OidcDiscovery(transport, iss, auth.jwks_urls[iss], auth.jwks_timeout_s)
        return TrustedIssuer(name, JwksCache(issuer.fetch_keys, clock, ttl_s=auth.jwks_ttl_s))

    names = principal_issuers(auth.issuers)
    verifier = JwtVerifier(
        {iss: trusted(iss, name) for iss, name in names.items()},
        tuple(auth.audience.split()),
        tuple(auth.algorithms.split()),
        auth.client_as_audience,
    )
    grants = ClaimGrants(
        tuple(auth.scopes_claim.split()),
        tuple(auth.scopes_prefix.split()),
        expand_scopes(auth.default_scopes.split()),
        auth.customers_claim,
        customers,
    )
    return JwtAuthenticator(
        verifier,
        grants,
        clock.wall,
        leeway_s=auth.leeway_s,
        keep_tokens=keep_tokens,
    )


def _open_file(
    setting: str, path: Path | None, parse: Callable[[str], T], clock: Clock
) -> ReloadingFile[T] | None:
    if path is None:
        return None
    try:
        return ReloadingFile(
            path, parse, check_interval_s=_CHECK_INTERVAL_S, monotonic=clock.monotonic
        )
    except ValueError as error:
        raise ValueError(f"auth.{setting}: {error}") from error
