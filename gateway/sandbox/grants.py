"""Decides token requests: who gets which token, and why not (CONTRACT 1.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.sandbox.identity import guid
from gateway.sandbox.options import Credentials
from gateway.sandbox.timestamps import Instant
from gateway.sandbox.tokens import Principal, TokenMint

WITHOUT_MFA: Final = "-without-mfa"
"""Ends refresh tokens and codes of users who signed in without a second factor."""
_SKEW_S: Final = 300


class TokenRefusal(Exception):
    """An OAuth error; `number` is the identity platform's AADSTS code."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(f"{error}: AADSTS{number}")
        self.status = status
        self.error = error
        self.number = number
        self.text = text


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token request is given: whose token, and the refresh token that goes with it."""

    principal: Principal
    refresh_token: str | None = None


class RefreshTokens:
    """Which refresh tokens are alive; the configured one is, until it is rotated away."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._rotated: set[str] = set()
        self._count = 0

    def redeem(self, token: str) -> str | None:
        """Use a refresh token; its successor when it is rotated.

        Raises TokenRefusal `invalid_grant` when it is unknown or was rotated away.
        """
        plain, _, number = token.removesuffix(WITHOUT_MFA).partition(".")
        is_known = plain == self._credentials.refresh_token
        if not is_known or token in self._rotated or (number and not self._is_ours(number)):
            raise TokenRefusal(400, "invalid_grant", 70000, "The refresh token is not valid.")
        if not self._credentials.rotates_refresh_tokens:
            return None
        self._rotated.add(token)
        self._count += 1
        suffix = WITHOUT_MFA if token.endswith(WITHOUT_MFA) else ""
        return f"{plain}.{self._count}{suffix}"

    def first(self, *, has_mfa: bool) -> str:
        """The refresh token that a consent yields."""
        return self._credentials.refresh_token + ("" if has_mfa else WITHOUT_MFA)

    def _is_ours(self, number: str) -> bool:
        return number.isdecimal() and 1 <= int(number) <= self._count


def grant(
    form: Mapping[str, str], tenant: str, credentials: Credentials, refresh_tokens: RefreshTokens
) -> Grant:
    """Decide a token request; raises TokenRefusal. `expires_s` is left to who issues."""
    if tenant not in {credentials.tenant_id.lower(), "common", "organizations"}:
        raise TokenRefusal(400, "invalid_request", 90002, f"Tenant '{tenant}' not found.")
    _check_client(form, credentials)
    kind, audience = form.get("grant_type", ""), _audience(form)
    if kind == "client_credentials":
        return Grant(_principal(credentials, audience, is_user=False))
    if kind == "refresh_token":
        token = form.get("refresh_token", "")
        successor = refresh_tokens.redeem(token)
        has_mfa = not token.endswith(WITHOUT_MFA)
        return Grant(_principal(credentials, audience, has_mfa=has_mfa), successor)
    if kind == "authorization_code":
        code = form.get("code", "")
        if code.removesuffix(WITHOUT_MFA) != credentials.authorization_code:
            raise TokenRefusal(400, "invalid_grant", 70008, "The code is not valid.")
        has_mfa = not code.endswith(WITHOUT_MFA)
        first = refresh_tokens.first(has_mfa=has_mfa)
        return Grant(_principal(credentials, audience, has_mfa=has_mfa), first)
    raise TokenRefusal(400, "unsupported_grant_type", 70003, f"Grant '{kind}' is not supported.")


def token_body(
    given: Grant, mint: TokenMint, lifetime_s: int, issuer: str, now_s: float
) -> dict[str, Any]:
    """The token response; all its numbers are strings (Q30)."""
    who = Principal(
        tenant_id=given.principal.tenant_id,
        audience=given.principal.audience,
        expires_s=int(now_s) + lifetime_s,
        is_user=given.principal.is_user,
        has_mfa=given.principal.has_mfa,
    )
    body: dict[str, Any] = {
        "token_type": "Bearer",
        "expires_in": str(lifetime_s),
        "ext_expires_in": str(lifetime_s),
        "expires_on": str(int(who.expires_s)),
        "not_before": str(int(now_s) - _SKEW_S),
        "resource": who.audience,
        "access_token": mint.issue(who, now_s),
    }
    if who.is_user:
        body["scope"] = "user_impersonation"
        body["id_token"] = mint.id_token(who, issuer, now_s)
    if given.refresh_token is not None:
        body["refresh_token"] = given.refresh_token
    return body


def _check_client(form: Mapping[str, str], credentials: Credentials) -> None:
    if form.get("client_id", "").strip().lower() != credentials.client_id.lower():
        raise TokenRefusal(400, "unauthorized_client", 700016, "The application was not found.")
    has_assertion = bool(form.get("client_assertion"))
    if not has_assertion and form.get("client_secret", "").strip() != credentials.client_secret:
        raise TokenRefusal(401, "invalid_client", 7000215, "Invalid client secret provided.")


def _audience(form: Mapping[str, str]) -> str:
    """`resource` of version 1, or the `….default` scope of version 2."""
    scopes = form.get("scope", "").split()
    named = next((each for each in scopes if each.endswith("/.default")), "")
    audience = form.get("resource") or named.removesuffix("/.default")
    if not audience:
        raise TokenRefusal(400, "invalid_resource", 500011, "No resource was asked for.")
    return audience


def _principal(
    credentials: Credentials, audience: str, *, is_user: bool = True, has_mfa: bool = True
) -> Principal:
    return Principal(credentials.tenant_id, audience, 0.0, is_user, is_user and has_mfa)


def error_body(refusal: TokenRefusal, now_s: float) -> dict[str, Any]:
    """The identity platform's shape of an error."""
    return {
        "error": refusal.error,
        "error_description": f"AADSTS{refusal.number}: {refusal.text}",
        "error_codes": [refusal.number],
        "timestamp": Instant(now_s).text().replace("T", " "),
        "trace_id": guid("trace", refusal.number, now_s),
        "correlation_id": guid("token-correlation", refusal.number, now_s),
    }
