"""Decides token requests and builds the bodies of their responses (CONTRACT 1.2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.sandbox.errors import OAuthError
from gateway.sandbox.identity import guid
from gateway.sandbox.options import Credentials
from gateway.sandbox.timestamps import Timestamp
from gateway.sandbox.tokens import Caller, TokenIssuer

WITHOUT_MFA: Final = "-without-mfa"
"""The suffix of refresh tokens and codes of users without multi-factor authentication."""
_SKEW_S: Final = 300


@dataclass(frozen=True, slots=True)
class Grant:
    """The result of a token request: the caller of the token, and perhaps a new refresh token."""

    caller: Caller
    refresh_token: str | None = None


class RefreshTokens:
    """The valid refresh tokens: the configured one, and those that have replaced it."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._rotated: set[str] = set()
        self._count = 0

    def redeem(self, token: str) -> str | None:
        """Use a refresh token.

        Returns its replacement; None if the sandbox does not replace tokens.

        Raises OAuthError `invalid_grant` if the token is unknown or was replaced.
        """
        plain, _, number = token.removesuffix(WITHOUT_MFA).partition(".")
        is_known = plain == self._credentials.refresh_token
        if not is_known or token in self._rotated or (number and not self._was_issued(number)):
            raise OAuthError(400, "invalid_grant", 70000, "The refresh token is not valid.")
        if not self._credentials.rotates_refresh_tokens:
            return None
        self._rotated.add(token)
        self._count += 1
        suffix = WITHOUT_MFA if token.endswith(WITHOUT_MFA) else ""
        return f"{plain}.{self._count}{suffix}"

    def get_initial(self, *, has_mfa: bool) -> str:
        """Return the refresh token that is issued for an authorization code."""
        return self._credentials.refresh_token + ("" if has_mfa else WITHOUT_MFA)

    def _was_issued(self, number: str) -> bool:
        return number.isdecimal() and 1 <= int(number) <= self._count


def decide_grant(
    form: Mapping[str, str],
    tenant: str,
    credentials: Credentials,
    refresh_tokens: RefreshTokens,
    verify_assertion: Callable[[], None],
) -> Grant:
    """Check a token request and return its result, without `expires_s`. Raises OAuthError.

    `verify_assertion` is called if the form has an assertion instead of a client secret.
    """
    if tenant not in {credentials.tenant_id.lower(), "common", "organizations"}:
        raise OAuthError(400, "invalid_request", 90002, f"Tenant '{tenant}' not found.")
    _check_client(form, credentials, verify_assertion)
    grant_type, audience = form.get("grant_type", ""), _parse_audience(form)
    if grant_type == "client_credentials":
        return Grant(_build_caller(credentials, audience, is_user=False))
    if grant_type == "refresh_token":
        token = form.get("refresh_token", "")
        successor = refresh_tokens.redeem(token)
        has_mfa = not token.endswith(WITHOUT_MFA)
        return Grant(_build_caller(credentials, audience, has_mfa=has_mfa), successor)
    if grant_type == "authorization_code":
        code = form.get("code", "")
        if code.removesuffix(WITHOUT_MFA) != credentials.authorization_code:
            raise OAuthError(400, "invalid_grant", 70008, "The code is not valid.")
        has_mfa = not code.endswith(WITHOUT_MFA)
        refresh_token = refresh_tokens.get_initial(has_mfa=has_mfa)
        return Grant(_build_caller(credentials, audience, has_mfa=has_mfa), refresh_token)
    raise OAuthError(
        400, "unsupported_grant_type", 70003, f"Grant '{grant_type}' is not supported."
    )


def build_token_body(
    token_grant: Grant, token_issuer: TokenIssuer, lifetime_s: int, issuer: str, now_s: float
) -> dict[str, Any]:
    """Issue the tokens. All numbers in the body are strings (Q30)."""
    caller = Caller(
        tenant_id=token_grant.caller.tenant_id,
        audience=token_grant.caller.audience,
        expires_s=int(now_s) + lifetime_s,
        is_user=token_grant.caller.is_user,
        has_mfa=token_grant.caller.has_mfa,
    )
    body: dict[str, Any] = {
        "token_type": "Bearer",
        "expires_in": str(lifetime_s),
        "ext_expires_in": str(lifetime_s),
        "expires_on": str(int(caller.expires_s)),
        "not_before": str(int(now_s) - _SKEW_S),
        "resource": caller.audience,
        "access_token": token_issuer.issue(caller, now_s),
    }
    if caller.is_user:
        body["scope"] = "user_impersonation"
        body["id_token"] = token_issuer.issue_id_token(caller, issuer, now_s)
    if token_grant.refresh_token is not None:
        body["refresh_token"] = token_grant.refresh_token
    return body


def _check_client(
    form: Mapping[str, str], credentials: Credentials, verify_assertion: Callable[[], None]
) -> None:
    if form.get("client_id", "").strip().lower() != credentials.client_id.lower():
        raise OAuthError(400, "unauthorized_client", 700016, "The application was not found.")
    if form.get("client_assertion"):
        verify_assertion()
    elif form.get("client_secret", "").strip() != credentials.client_secret:
        raise OAuthError(401, "invalid_client", 7000215, "Invalid client secret provided.")


def _parse_audience(form: Mapping[str, str]) -> str:
    """Read `resource` (version 1 of the endpoint) or the `….default` scope (version 2)."""
    scopes = form.get("scope", "").split()
    default_scope = next((each for each in scopes if each.endswith("/.default")), "")
    audience = form.get("resource") or default_scope.removesuffix("/.default")
    if not audience:
        raise OAuthError(400, "invalid_resource", 500011, "The request names no resource.")
    return audience


def _build_caller(
    credentials: Credentials, audience: str, *, is_user: bool = True, has_mfa: bool = True
) -> Caller:
    return Caller(credentials.tenant_id, audience, 0.0, is_user, is_user and has_mfa)


def build_oauth_error_body(error: OAuthError, now_s: float) -> dict[str, Any]:
    return {
        "error": error.error,
        "error_description": f"AADSTS{error.number}: {error.text}",
        "error_codes": [error.number],
        "timestamp": Timestamp(now_s).format().replace("T", " "),
        "trace_id": guid("trace", error.number, now_s),
        "correlation_id": guid("token-correlation", error.number, now_s),
    }
