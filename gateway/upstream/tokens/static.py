"""Tokens that the gateway does not obtain itself: one from the settings, or each caller's own."""

from pathlib import Path
from typing import Final

from gateway.credentials import SecretToken, hash_caller_identity
from gateway.upstream.errors import NoToken, Unauthorized
from gateway.upstream.scope import RequestScope
from gateway.upstream.tokens.client_credential import read_credential_file

_FILE_SETTING: Final = "partner.token_file"


class StaticTokens:
    """Uses one token from the settings for all callers, until it expires."""

    def __init__(self, token: SecretToken) -> None:
        if not token.reveal():
            raise ValueError("partner.auth is 'static', but partner.token is empty. Set it.")
        self._token = token

    def identity(self, caller: SecretToken | None) -> str:
        return "static"

    def cached(self, scope: RequestScope) -> str | None:
        return self._token.reveal()

    async def get(self, scope: RequestScope, *, rejected: str | None = None) -> str:
        """Return the token. Raises `NoToken` if it was rejected."""
        if rejected is not None:
            raise NoToken(
                "Partner Center rejects the token in partner.token: it has expired or is for"
                " another audience. Set a new one and restart."
            )
        return self._token.reveal()


class StaticTokenFile:
    """Uses one token for all callers, from a file that another program renews."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._token: str | None = None

    def identity(self, caller: SecretToken | None) -> str:
        return "static"

    def cached(self, scope: RequestScope) -> str | None:
        return self._token

    async def get(self, scope: RequestScope, *, rejected: str | None = None) -> str:
        """Return the token that was read last. Reads the file again if the vendor has rejected it.

        Raises `NoToken` if the file still has the rejected token.
        """
        if self._token is None or self._token == rejected:
            self._token = read_credential_file(self._path, _FILE_SETTING)
        if self._token == rejected:
            raise NoToken(
                f"Partner Center rejects the token in {_FILE_SETTING} {str(self._path)!r}: it has"
                " expired or is for another audience. Write a new one into the file."
            )
        return self._token


class PassThroughTokens:
    """Uses the caller's own token for each call.

    Args:
        key: the key of the digest; random for each process, so that identities cannot be compared
            with digests from elsewhere.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def identity(self, caller: SecretToken | None) -> str:
        """Return a digest of the token. All callers without a token share one identity."""
        return hash_caller_identity(caller, self._key) if caller else "caller-without-token"

    def cached(self, scope: RequestScope) -> str | None:
        return None if scope.token is None else scope.token.reveal()

    async def get(self, scope: RequestScope, *, rejected: str | None = None) -> str:
        """Return the caller's token. Raises `Unauthorized` if there is none or it was rejected."""
        if scope.token is None:
            raise Unauthorized(
                "The gateway forwards your own Partner Center token, and the request has none."
                " Send it as 'Authorization: Bearer …'."
            )
        if rejected is not None:
            raise Unauthorized("Partner Center rejects your token. Obtain a new one and retry.")
        return scope.token.reveal()
