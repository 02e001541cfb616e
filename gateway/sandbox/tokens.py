"""Issues and verifies access tokens."""

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
class Caller:
    """The sender of a request: an application, or one of its users."""

    tenant_id: str
    audience: str
    expires_s: float
    is_user: bool
    has_mfa: bool
    id: str = "developer"


class TokenIssuer:
    """Issues and reads signed tokens. The seed is the key, so tokens stay valid after a restart."""

    def __init__(self, credentials: Credentials, seed: int) -> None:
        self._credentials = credentials
        self._key = f"sandbox-{seed}".encode()
        self._issued = 0

    def issue(self, caller: Caller, now_s: float) -> str:
        """Issue an access token as a JWT."""
        self._issued += 1
        claims: dict[str, Any] = {
            "aud": caller.audience,
            "tid": caller.tenant_id,
            "appid": self._credentials.client_id,
            "iat": int(now_s),
            "exp": int(caller.expires_s),
            "jti": guid(caller.audience, now_s, self._issued),
        }
        if caller.is_user:
            claims["scp"] = "user_impersonation"
            claims["amr"] = ["pwd", "mfa"] if caller.has_mfa else ["pwd"]
        return self._sign(claims)

    def issue_id_token(self, caller: Caller, issuer: str, now_s: float) -> str:
        return self._sign(
            {
                "aud": self._credentials.client_id,
                "iss": issuer,
                "iat": int(now_s),
                "nbf": int(now_s),
                "exp": int(caller.expires_s),
                "tid": caller.tenant_id,
                "oid": guid("user", caller.tenant_id),
                "sub": guid("subject", caller.tenant_id),
                "name": "Sandbox Administrator",
                "upn": "admin@partner.example",
            }
        )

    def read(self, token: str) -> Caller | None:
        """Return the caller of a token, or None if it was not issued here."""
        developer = self._read_developer_token(token)
        if developer is not None:
            return developer
        parts = token.split(".")
        if len(parts) != _PARTS or self._compute_signature(f"{parts[0]}.{parts[1]}") != parts[2]:
            return None
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
        return Caller(
            tenant_id=claims["tid"],
            audience=claims["aud"],
            expires_s=claims["exp"],
            is_user="scp" in claims,
            has_mfa="mfa" in claims.get("amr", ()),
            id=claims["jti"],
        )

    def _read_developer_token(self, token: str) -> Caller | None:
        """Read one of the fixed tokens for use with curl. The plain one has every right."""
        base = self._credentials.developer_token
        if token != base and not token.startswith(f"{base}-"):
            return None
        kind = token.removeprefix(base).removeprefix("-")
        if kind not in {"", "app-only", "without-mfa", "retired-audience", "expired"}:
            return None
        audience = self._credentials.audiences[0]
        return Caller(
            tenant_id=self._credentials.tenant_id,
            audience=RETIRED_AUDIENCE if kind == "retired-audience" else audience,
            expires_s=0.0 if kind == "expired" else _FOREVER_S,
            is_user=kind != "app-only",
            has_mfa=kind != "without-mfa",
        )

    def _sign(self, claims: dict[str, Any]) -> str:
        header = _encode_base64({"typ": "JWT", "alg": "HS256", "kid": "sandbox"})
        text = f"{header}.{_encode_base64(claims)}"
        return f"{text}.{self._compute_signature(text)}"

    def _compute_signature(self, text: str) -> str:
        raw = hashlib.blake2b(text.encode(), key=self._key, digest_size=32).digest()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def authenticate(
    authorization: str, token_issuer: TokenIssuer, audiences: tuple[str, ...], now_s: float
) -> Caller:
    """Return the caller of an Authorization header. Raises VendorError with 401.

    Does not check multi-factor authentication; `require_mfa` does.
    """
    scheme, _, token = authorization.partition(" ")
    caller = token_issuer.read(token.strip()) if scheme.lower() == "bearer" else None
    if caller is None or caller.expires_s <= now_s:
        raise errors.access_denied_error()
    if caller.audience.rstrip("/").lower() not in {each.rstrip("/").lower() for each in audiences}:
        raise errors.audience_error(caller.audience)
    return caller


def require_mfa(caller: Caller) -> None:
    """Raise VendorError for a user without multi-factor authentication."""
    if caller.is_user and not caller.has_mfa:
        raise errors.mfa_error()


def _encode_base64(value: dict[str, Any]) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")
