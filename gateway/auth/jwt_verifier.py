"""Verifies the signature, issuer and audience of JWTs."""

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

# `claims.check_validity_period` checks the times, with a clock that tests can set.
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
    InvalidAudienceError: "The token's audience (aud) is not this gateway",
    InvalidIssuerError: "This gateway does not trust the token's issuer (iss)",
    InvalidSignatureError: "The token's signature is invalid",
    MissingRequiredClaimError: "The token lacks iss, aud, exp or sub",
}


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer whose tokens are accepted.

    Attributes:
        name: identifies the issuer in principals. All `iss` values of one issuer share it.
    """

    name: str
    keys: JwksCache


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """The claims of a verified token, and the key that verified it."""

    claims: dict[str, Any]
    issuer: TrustedIssuer
    key: KeyName

    def is_key_current(self) -> bool:
        """Whether the issuer still lists the key."""
        return self.issuer.keys.has_key(self.key)


@dataclass(frozen=True, slots=True)
class JwtVerifier:
    """Accepts tokens of some issuers for some audiences.

    Attributes:
        issuers: the accepted issuers by their `iss`.
        client_as_audience: whether a token without `aud` is accepted if its client (`client_id` or
            `azp`) is one of the audiences.
    """

    issuers: Mapping[str, TrustedIssuer]
    audiences: tuple[str, ...]
    algorithms: tuple[str, ...]
    client_as_audience: bool = False

    async def verify(self, token: str) -> VerifiedToken:
        """Verify a token, except its validity period.

        Raises Unauthenticated and SigningKeysUnavailable.
        """
        name = self._key_name(token)
        issuer = self._issuer(token)
        key = await issuer.keys.get_key(name)
        try:
            claims = jwt.decode(token, key, algorithms=[name[1]], options=_OPTIONS)
            self._check_audience(claims)
        except Exception as error:  # noqa: BLE001 - a malformed token may cause any error
            raise Unauthenticated(
                _rejection_reason(error)
            ) from None  # its text may quote the token
        return VerifiedToken(claims, issuer, name)

    async def aclose(self) -> None:
        for issuer in self.issuers.values():
            await issuer.keys.aclose()

    def _key_name(self, token: str) -> KeyName:
        """Read the unverified header. An invalid one must not cause a fetch of keys."""
        try:
            header = jwt.get_unverified_header(token)
        except Exception:  # noqa: BLE001 - a malformed token may cause any error
            raise Unauthenticated("The credential is not a valid JWT") from None
        algorithm = header.get("alg")
        if algorithm not in self.algorithms:
            raise Unauthenticated(
                "The token's signature algorithm is not accepted. Accepted:"
                f" {', '.join(self.algorithms)}."
            )
        return header.get("kid"), algorithm

    def _issuer(self, token: str) -> TrustedIssuer:
        """Read the unverified issuer. Its key verifies the token later."""
        try:
            named = jwt.decode(token, options=_UNVERIFIED)["iss"]
            found = self.issuers.get(named) if isinstance(named, str) else None
        except KeyError:
            raise Unauthenticated(_REASONS[MissingRequiredClaimError]) from None
        except Exception as error:  # noqa: BLE001 - a malformed token may cause any error
            raise Unauthenticated(_rejection_reason(error)) from None
        if found is None:
            raise Unauthenticated(_REASONS[InvalidIssuerError])
        return found

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        """Raise PyJWTError unless `aud`, a text or a list of texts, has an accepted audience."""
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
