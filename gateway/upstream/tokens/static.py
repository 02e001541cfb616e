"""Tokens that someone else obtained: one from the settings, or each caller's own."""

from gateway.credentials import SecretToken, hash_caller_identity
from gateway.upstream.errors import NoToken, Unauthorized
from gateway.upstream.scope import RequestScope


class StaticTokens:
    """One token for all, until it expires."""

    def __init__(self, token: SecretToken) -> None:
        if not token.reveal():
            raise ValueError("partner.auth is 'static', which needs partner.token; it is empty")
        self._token = token

    def identity(self, caller: SecretToken | None) -> str:
        """Name the one principal there is."""
        return "static"

    def cached(self, scope: RequestScope) -> str | None:
        """Return the token."""
        return self._token.reveal()

    async def get(self, scope: RequestScope, *, rejected: str | None = None) -> str:
        """Return the token; raises `NoToken` once it has been refused."""
        if rejected is not None:
            raise NoToken(
                "Partner Center refuses the token in partner.token: it has expired or is for"
                " another audience; set a new one and restart"
            )
        return self._token.reveal()


class PassThroughTokens:
    """The token each caller came with.

    Args:
        key: of the process, so that identities cannot be matched with tokens elsewhere.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def identity(self, caller: SecretToken | None) -> str:
        """Digest the caller's token; every caller without one is the same."""
        return hash_caller_identity(caller, self._key) if caller else "caller-without-token"

    def cached(self, scope: RequestScope) -> str | None:
        """Return the caller's token, if there is one."""
        return None if scope.token is None else scope.token.reveal()

    async def get(self, scope: RequestScope, *, rejected: str | None = None) -> str:
        """Return the caller's token; raises `Unauthorized` without one or when it was refused."""
        if scope.token is None:
            raise Unauthorized(
                "this gateway passes your own Partner Center token on and the request had none;"
                " send it as 'Authorization: Bearer …'"
            )
        if rejected is not None:
            raise Unauthorized("Partner Center refuses your token; obtain a new one and ask again")
        return scope.token.reveal()
