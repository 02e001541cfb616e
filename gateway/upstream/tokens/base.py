"""Where the bearer token of a call comes from, one way a file."""

from typing import Protocol

from gateway.credentials import SecretToken
from gateway.upstream.scope import RequestScope


class TokenProvider(Protocol):
    """Answers with the token that a request's calls carry."""

    def identity(self, caller: SecretToken | None) -> str:
        """Name whom the upstream sees when a caller with this token asks; holds no secret.

        Goes into `RequestScope.identity`, so callers who may see different things get different
        names.
        """
        ...

    def cached(self, scope: RequestScope) -> str | None:
        """Return the token for a call if nothing has to be asked or waited for."""
        ...

    async def get(self, scope: RequestScope, *, rejected: str | None = None) -> str:
        """Return a token for a call that is sent now.

        Args:
            scope: the request the call is made for.
            rejected: a token the vendor has just refused; if it is the present one it is replaced.

        Raises:
            Unauthorized: there is none; says what is missing and what to do.
            Unavailable: whoever issues tokens cannot be reached.
        """
        ...
