"""Is a JWT genuine, meant for this gateway and valid now?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
from jwt.exceptions import (
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidSignatureError,
    MissingRequiredClaimError,
    PyJWTError,
)

from gateway.auth.errors import Unauthenticated
from gateway.auth.jwks import KeyName
from gateway.auth.jwks_cache import JwksCache

# Times are checked by `claims.check_time`, against the clock that everything here is given.
_OPTIONS: Final[Any] = {
    "require": ["iss", "exp", "sub"],
    "verify_aud": False,  # `_check_audience` does
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "enforce_minimum_key_length": True,
}
_UNVERIFIED: Final[Any] = {"verify_signature": False}
_REASONS: Final[dict[type[PyJWTError], str]] = {
    InvalidAudienceError: "The token is for another audience than this gateway",
    InvalidIssuerError: "The token is of another issuer than this gateway trusts",
    InvalidSignatureError: "The token's signature is wrong",
    MissingRequiredClaimError: "The token lacks one of iss, aud, exp and sub",
}


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer whose tokens are accepted.

    Attributes:
        name: by which principals name it; the same for all names that it has in tokens.
    """

    name: str
    keys: JwksCache


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """The claims of a genuine token, and what shows that it is."""

    claims: dict[str, Any]
    issuer: TrustedIssuer
    key: KeyName

    def is_key_current(self) -> bool:
        """Whether the issuer still has the key."""
        return self.issuer.keys.has_key(self.key)


@dataclass(frozen=True, slots=True)
class JwtVerifier:
    """Trusts some issuers' tokens for some audiences.

    Attributes:
        issuers: by their `iss`.
        client_as_audience: whether a token without `aud` is accepted if it was issued to a client
            that is one of the audiences (`client_id`, `azp`).
    """

    issuers: Mapping[str, TrustedIssuer]
    audiences: tuple[str, ...]
    algorithms: tuple[str, ...]
    client_as_audience: bool = False

    async def verify(self, token: str) -> VerifiedToken:
        """Check everything but the time. Raises Unauthenticated, and KeysUnavailable."""
        name = self._key_name(token)
        issuer = self._issuer(token)
        key = await issuer.keys.get_key(name)
        try:
            claims = jwt.decode(token, key, algorithms=[name[1]], options=_OPTIONS)
            self._check_audience(claims)
        except Exception as error:  # noqa: BLE001 - whatever a foreign token leads to
            raise Unauthenticated(
                _rejection_reason(error)
            ) from None  # its text may quote the token
        return VerifiedToken(claims, issuer, name)

    async def aclose(self) -> None:
        """Stop fetching signing keys."""
        for issuer in self.issuers.values():
            await issuer.keys.aclose()

    def _key_name(self, token: str) -> KeyName:
        """Read the header, which nobody has vouched for: no key is fetched for a wrong one."""
        try:
            header = jwt.get_unverified_header(token)
        except Exception:  # noqa: BLE001 - whatever a foreign token leads to
            raise Unauthenticated("The credential cannot be read as a JWT") from None
        algorithm = header.get("alg")
        if algorithm not in self.algorithms:
            raise Unauthenticated(
                f"The token is not signed with one of {', '.join(self.algorithms)}"
            )
        return header.get("kid"), algorithm

    def _issuer(self, token: str) -> TrustedIssuer:
        """Read who says it is the issuer, which its key will show."""
        try:
            named = jwt.decode(token, options=_UNVERIFIED)["iss"]
            found = self.issuers.get(named) if isinstance(named, str) else None
        except KeyError:
            raise Unauthenticated(_REASONS[MissingRequiredClaimError]) from None
        except Exception as error:  # noqa: BLE001 - whatever a foreign token leads to
            raise Unauthenticated(_rejection_reason(error)) from None
        if found is None:
            raise Unauthenticated(_REASONS[InvalidIssuerError])
        return found

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        """Raise PyJWTError unless one audience is meant; `aud` is a text or a list of texts."""
        audience = claims.get("aud")
        if "aud" not in claims:
            if not self.client_as_audience:
                raise MissingRequiredClaimError("aud")
            audience = claims.get("client_id", claims.get("azp"))
        named = audience if isinstance(audience, list) else [audience]
        if not any(each in self.audiences for each in named):
            raise InvalidAudienceError


def _rejection_reason(error: Exception) -> str:
    return next(
        (_REASONS[kind] for kind in type(error).__mro__ if kind in _REASONS),
        "The token cannot be verified",
    )
