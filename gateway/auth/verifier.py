"""Is a JWT genuine, meant for this gateway and valid now?"""

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

from gateway.auth.signing_keys import SigningKeys
from gateway.auth.unauthenticated import Unauthenticated

# Times are checked by `claims.check_time`, against the clock that everything here is given.
_OPTIONS: Final[Any] = {
    "require": ["iss", "aud", "exp", "sub"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "enforce_minimum_key_length": True,
}
_REASONS: Final[dict[type[PyJWTError], str]] = {
    InvalidAudienceError: "The token is for another audience than this gateway",
    InvalidIssuerError: "The token is of another issuer than this gateway trusts",
    InvalidSignatureError: "The token's signature is wrong",
    MissingRequiredClaimError: "The token lacks one of iss, aud, exp and sub",
}


@dataclass(frozen=True, slots=True)
class Verified:
    """The claims of a genuine token, and the key that shows it."""

    claims: dict[str, Any]
    kid: str | None


@dataclass(frozen=True, slots=True)
class Verifier:
    """Trusts one issuer's tokens for one audience."""

    keys: SigningKeys
    issuer: str
    audience: str
    algorithms: tuple[str, ...]

    async def verified(self, token: str) -> Verified:
        """Check everything but the time. Raises Unauthenticated, and KeysUnavailable."""
        kid = self._key_id(token)
        key = await self.keys.find(kid)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=self.algorithms,
                audience=self.audience,
                issuer=self.issuer,
                options=_OPTIONS,
            )
        except (PyJWTError, ValueError, RecursionError) as error:
            raise Unauthenticated(_reason(error)) from None  # its text may quote the token
        return Verified(claims, kid)

    def _key_id(self, token: str) -> str | None:
        """Read the header, which nobody has vouched for: no key is fetched for a wrong one."""
        try:
            header = jwt.get_unverified_header(token)
        except (PyJWTError, ValueError, RecursionError):
            raise Unauthenticated("The credential cannot be read as a JWT") from None
        if header.get("alg") not in self.algorithms:
            raise Unauthenticated(
                f"The token is not signed with one of {', '.join(self.algorithms)}"
            )
        return header.get("kid")


def _reason(error: Exception) -> str:
    return next(
        (_REASONS[kind] for kind in type(error).__mro__ if kind in _REASONS),
        "The token cannot be verified",
    )
