"""Opens what knows callers, from the settings."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from gateway.auth.api_keys import parse_keys
from gateway.auth.authenticators import Anybody, Authenticator, KnownCallers, PassedThrough
from gateway.auth.customers_file import CustomersBySubject, parse_customers
from gateway.auth.grants import SettledGrants
from gateway.settings import AuthSettings
from gateway.settings.asked_file import AskedFile
from gateway.settings.issuers import issuers_of_principals
from gateway.settings.watched_file import WatchedFile
from gateway.upstream.clock import Clock
from gateway.upstream.transport import Transport
from schema.scopes import granted

if TYPE_CHECKING:
    from gateway.auth.jwt_callers import JwtCallers

T = TypeVar("T")


def open_authenticator(
    auth: AuthSettings, transport: Transport, clock: Clock, *, anybody: str, is_passed_on: bool
) -> Authenticator:
    """Choose how callers are known.

    Args:
        auth: how callers prove who they are.
        transport: fetches signing keys.
        clock: of the process.
        anybody: the principal of callers whom nobody knows.
        is_passed_on: whether the upstream is asked with the callers' own tokens.

    Raises:
        ValueError: names settings that do not fit each other, or a file that cannot be read.
    """
    if is_passed_on and auth.takes_keys:
        raise ValueError(
            f"auth.mode is '{auth.mode}' and partner.auth is 'passthrough', but an API key leaves"
            " no room for the Partner Center token that is to be passed on; set auth.mode to"
            " 'jwt', which verifies that token and passes it on, or choose another partner.auth"
        )
    if auth.mode == "none":
        return PassedThrough(anybody) if is_passed_on else Anybody(anybody)
    keys = _watched("keys_file", auth.keys_file, parse_keys, clock)
    customers = _watched("customers_file", auth.customers_file, parse_customers, clock)
    tokens = None
    if auth.takes_tokens:
        tokens = _jwt_callers(auth, transport, clock, customers, keeps_tokens=is_passed_on)
    return KnownCallers(tokens, keys, customers)


def _jwt_callers(
    auth: AuthSettings,
    transport: Transport,
    clock: Clock,
    customers: AskedFile[CustomersBySubject] | None,
    *,
    keeps_tokens: bool,
) -> "JwtCallers":
    from gateway.auth.issuer import Issuer
    from gateway.auth.jwt_callers import JwtCallers
    from gateway.auth.signing_keys import SigningKeys
    from gateway.auth.verifier import TrustedIssuer, Verifier

    def trusted(iss: str, name: str) -> TrustedIssuer:
        issuer = Issuer(transport, iss, auth.jwks_urls[iss], auth.jwks_timeout_s)
        return TrustedIssuer(name, SigningKeys(issuer.keys, clock, ttl_s=auth.jwks_ttl_s))

    names = issuers_of_principals(auth.issuers)
    verifier = Verifier(
        {iss: trusted(iss, name) for iss, name in names.items()},
        tuple(auth.audience.split()),
        tuple(auth.algorithms.split()),
        auth.client_as_audience,
    )
    grants = SettledGrants(
        tuple(auth.scopes_claim.split()),
        tuple(auth.scopes_prefix.split()),
        granted(auth.default_scopes.split()),
        auth.customers_claim,
        customers,
    )
    return JwtCallers(
        verifier,
        grants,
        clock.wall,
        leeway_s=auth.leeway_s,
        keeps_tokens=keeps_tokens,
    )


def _watched(
    setting: str, path: Path | None, parse: Callable[[str], T], clock: Clock
) -> AskedFile[T] | None:
    if path is None:
        return None
    try:
        return AskedFile(WatchedFile(path, parse), clock.monotonic)
    except ValueError as error:
        raise ValueError(f"auth.{setting}: {error}") from error
