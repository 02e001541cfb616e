"""Ends streams and connections whose caller's credential is no longer accepted."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, TypeAlias

from gateway.auth.authenticators import Authenticator
from gateway.auth.caller import Caller
from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from gateway.clock import Clock

RevocationWaiter: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
"""Returns when the credential of one caller is no longer accepted."""

REVOKED: Final = (
    "The credential has expired or was changed. Send the request again with a valid credential."
)
_CHECK_INTERVAL_S: Final = 10.0


class CredentialMonitor:
    """Checks a caller's credential again and again while a long request continues."""

    def __init__(self, authenticator: Authenticator, clock: Clock) -> None:
        self._authenticator = authenticator
        self._clock = clock

    async def wait_revoked(self, caller: Caller, authorizations: Sequence[bytes]) -> None:
        """Return once the credential is rejected or authenticates a different caller.

        A token's expiry is noticed at once; revoked keys and changed files within 10 s. Never
        returns for a caller without an expiry, which needed no credential.
        """
        if caller.expires_at is None:
            await asyncio.Event().wait()
            return
        while (left_s := caller.expires_at - self._clock.wall()) > 0:
            await self._clock.sleep(min(left_s, _CHECK_INTERVAL_S))
            if not await self._is_unchanged(caller, authorizations):
                return

    async def _is_unchanged(self, caller: Caller, authorizations: Sequence[bytes]) -> bool:
        try:
            return await self._authenticator.authenticate(authorizations) == caller
        except Unauthenticated:
            return False
        except SigningKeysUnavailable:
            return True
