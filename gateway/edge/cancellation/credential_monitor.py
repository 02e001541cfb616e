"""Whether a caller is still who it was, for what lasts longer than one answer."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, TypeAlias

from gateway.auth.authenticators import Authenticator
from gateway.auth.caller import Caller
from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from gateway.clock import Clock

RevocationWaiter: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
"""Waits until a caller is not known any more."""

REVOKED: Final = "The credential has expired or was changed; ask again with one that is accepted."
_LOOKED_AT_EVERY_S: Final = 10.0


class CredentialMonitor:
    """Looks at credentials again while what was asked with them goes on."""

    def __init__(self, authenticator: Authenticator, clock: Clock) -> None:
        self._authenticator = authenticator
        self._clock = clock

    async def wait_revoked(self, caller: Caller, authorizations: Sequence[bytes]) -> None:
        """Wait until they are accepted no more, or permit something else.

        At the instant a token expires; withdrawn keys and changed files are noticed in 10 s.
        """
        if caller.expires_at is None:
            await asyncio.Event().wait()
            return
        while (left_s := caller.expires_at - self._clock.wall()) > 0:
            await self._clock.sleep(min(left_s, _LOOKED_AT_EVERY_S))
            if not await self._is_same(caller, authorizations):
                return

    async def _is_same(self, caller: Caller, authorizations: Sequence[bytes]) -> bool:
        try:
            return await self._authenticator.authenticate(authorizations) == caller
        except Unauthenticated:
            return False
        except SigningKeysUnavailable:
            return True
