"""Where the bearer token of a call comes from."""

from typing import Protocol

from gateway.credentials import SecretToken
from gateway.upstream.scope import RequestScope


class TokenProvider(Protocol):
    """Provides the bearer token for the calls of a request."""

    def identity(self, caller: SecretToken | None) -> str:
        """Return a name for the caller as the vendor sees it. It contains no secret.

        It becomes `RequestScope.identity`. Callers with different permissions have different names.
        """
        ...

    def cached(self, scope: RequestScope) -> str | None:
        """Return the token if no request is needed to obtain it; else None."""
        ...

    async def get(self, scope: RequestScope, *, rejected: str | None = None) -> str:
        """Return a token for a call that is sent now. Obtains one if needed.

        Args:
            scope: the request for which the call is made.
            rejected: a token that the vendor has just rejected. If it is still the current one, it
                is replaced.

        Raises:
            Unauthorized: there is no token; the message says what is missing and what to do.
            Unavailable: the issuer cannot be reached.
        """
        ...
