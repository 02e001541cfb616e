"""Where the bearer token of a call comes from."""

from typing import Protocol

from gateway.credentials import SecretToken
from gateway.upstream.scope import RequestScope


class TokenProvider(Protocol):
    """Provides the token for the calls of a request."""

    def identity(self, caller: SecretToken | None) -> str:
        """Name whom the vendor sees when a caller with this token makes calls. Contains no secret.

        Becomes `RequestScope.identity`: callers who may see different things have different names.
        """
        ...

    def cached(self, scope: RequestScope) -> str | None:
        """Return the token if there is one that needs no request and no wait."""
        ...

    async def get(self, scope: RequestScope, *, rejected: str | None = None) -> str:
        """Return a token for a call that is sent now.

        Args:
            scope: the request that the call is made for.
            rejected: a token that the vendor has just rejected. If it is the current one, it is
                replaced.

        Raises:
            Unauthorized: there is no token; the message says what is missing and what to do.
            Unavailable: the issuer cannot be reached.
        """
        ...
