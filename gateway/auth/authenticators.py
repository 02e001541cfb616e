"""How the headers of a request tell who sent it."""

from collections.abc import Sequence
from typing import Final, Protocol

from gateway.auth.caller import Caller
from gateway.upstream.scope import SecretToken

_ANYBODY: Final = Caller("anybody")


class Authenticator(Protocol):
    """Knows callers by their `Authorization` headers."""

    async def authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        """Return who it is."""
        ...


class Anybody:
    """Asks nobody who they are."""

    async def authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        """Return the one caller there is."""
        return _ANYBODY


class PassedThrough:
    """Takes the token that a caller brings for the upstream, which is who knows it."""

    async def authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        """Return a caller with its token; without one the upstream will say what is missing."""
        text = authorizations[0].decode("latin-1") if authorizations else ""
        scheme, _, token = text.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return _ANYBODY
        return Caller(_ANYBODY.principal, SecretToken(token.strip()))
