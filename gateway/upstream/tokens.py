"""Where the bearer token of a call comes from."""

from typing import Protocol

from gateway.upstream.scope import RequestScope


class Tokens(Protocol):
    """Answers with the token that a request's calls carry."""

    async def bearer(self, scope: RequestScope, *, force_refresh: bool = False) -> str:
        """Return a token that is good for at least another half minute.

        Args:
            scope: the request the call is made for.
            force_refresh: the vendor has just refused the present one.

        Raises:
            Unauthorized: there is none, with what is missing and what to do.
        """
        ...
