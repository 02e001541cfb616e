"""Access tokens that carry their own claims, so that none needs to be remembered."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from gateway.sandbox import errors
from gateway.sandbox.identity import guid
from gateway.sandbox.options import Credentials

RETIRED_AUDIENCE: Final = "https://graph.windows.net"
_PARTS: Final = 3
_FOREVER_S: Final = 253_402_300_799


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: an application, or a user through one."""

    tenant_id: str
    audience: str
    expires_s: float
    is_user: bool
    has_mfa: bool
    id: str = "developer"


class TokenMint:
    """Issues tokens and reads them back; the seed is the key, which keeps tokens over restarts."""

    def __init__(self, credentials: Credentials, seed: int) -> None:
        self._credentials = credentials
        self._key = f"sandbox-{seed}".encode()
        self._issued = 0

    def issue(self, principal: Principal, now_s: float) -> str:
        """Make an access token in the shape of a JWT."""
        self._issued += 1
        claims: dict[str, Any] = {
            "aud": principal.audience,
            "tid": principal.tenant_id,
            "appid": self._credentials.client_id,
            "iat": int(now_s),
            "exp": int(principal.expires_s),
            "jti": guid(principal.audience, now_s, self._issued),
        }
        if principal.is_user:
            claims["scp"] = "user_impersonation"
            claims["amr"] = ["pwd", "mfa"] if principal.has_mfa else ["pwd"]
        return self._signed(claims)

    def id_token(self, principal: Principal, issuer: str, now_s: float) -> str:
        """Make the token that tells a client who its user is."""
        return self._signed(
            {
                "aud": self._credentials.client_id,
                "iss": issuer,
                "iat": int(now_s),
                "nbf": int(now_s),
                "exp": int(principal.expires_s),
                "tid": principal.tenant_id,
                "oid": guid("user", principal.tenant_id),
                "sub": guid("subject", principal.tenant_id),
                "name": "Sandbox Administrator",
                "upn": "admin@partner.example",
            }
        )

    def read(self, token: str) -> Principal | None:
        """Who the token speaks for; None when this mint did not make it."""
        known = self._developer(token)
        if known is not None:
            return known
        parts = token.split(".")
        if len(parts) != _PARTS or self._signature(f"{parts[0]}.{parts[1]}") != parts[2]:
            return None
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
        return Principal(
            tenant_id=claims["tid"],
            audience=claims["aud"],
            expires_s=claims["exp"],
            is_user="scp" in claims,
            has_mfa="mfa" in claims.get("amr", ()),
            id=claims["jti"],
        )

    def _developer(self, token: str) -> Principal | None:
        """Fixed tokens for people with curl: the plain one may do everything, for ever."""
        base = self._credentials.developer_token
        if token != base and not token.startswith(f"{base}-"):
            return None
        kind = token.removeprefix(base).removeprefix("-")
        if kind not in {"", "app-only", "without-mfa", "retired-audience", "expired"}:
            return None
        audience = self._credentials.audiences[0]
        return Principal(
            tenant_id=self._credentials.tenant_id,
            audience=RETIRED_AUDIENCE if kind == "retired-audience" else audience,
            expires_s=0.0 if kind == "expired" else _FOREVER_S,
            is_user=kind != "app-only",
            has_mfa=kind != "without-mfa",
        )

    def _signed(self, claims: dict[str, Any]) -> str:
        text = f"{_base64({'typ': 'JWT', 'alg': 'HS256', 'kid': 'sandbox'})}.{_base64(claims)}"
        return f"{text}.{self._signature(text)}"

    def _signature(self, text: str) -> str:
        raw = hashlib.blake2b(text.encode(), key=self._key, digest_size=32).digest()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def authenticate(
    authorization: str, mint: TokenMint, audiences: tuple[str, ...], now_s: float
) -> Principal:
    """Read the Authorization header; raises the 401 refusals of CONTRACT 8.3.

    A missing second factor is not refused here: see `require_mfa`.
    """
    scheme, _, token = authorization.partition(" ")
    principal = mint.read(token.strip()) if scheme.lower() == "bearer" else None
    if principal is None or principal.expires_s <= now_s:
        raise errors.access_denied()
    if principal.audience.rstrip("/").lower() not in {
        each.rstrip("/").lower() for each in audiences
    }:
        raise errors.wrong_audience(principal.audience)
    return principal


def require_mfa(principal: Principal) -> None:
    """Refuse users without a second factor; applications are not affected."""
    if principal.is_user and not principal.has_mfa:
        raise errors.mfa_missing()


def _base64(value: dict[str, Any]) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")
