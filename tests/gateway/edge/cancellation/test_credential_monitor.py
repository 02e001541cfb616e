"""From when a credential counts no more."""

import asyncio
import math
from collections.abc import Sequence

import pytest

from gateway.auth.caller import Caller
from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from gateway.edge.cancellation.credential_monitor import CredentialMonitor
from schema.scopes import Scope
from tests.support.clock import HeldClock
from tests.support.waiting import settle

CREDENTIAL = [b"Bearer of it"]


class Register:
    """Knows whom it is told to know."""

    def __init__(self, answer: Caller | Exception) -> None:
        self.answer = answer
        self.asked = 0

    async def authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        assert authorizations == CREDENTIAL
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def files_are_current(self) -> bool:
        return True

    async def aclose(self) -> None:
        """It has nothing to put away."""


class Watched:
    """A caller who is watched, and what has become of it."""

    def __init__(self, expires_at: float | None) -> None:
        self.clock = HeldClock()
        self.caller = Caller("somebody", expires_at=expires_at)
        self.register = Register(Caller("somebody", expires_at=expires_at))
        credential_monitor = CredentialMonitor(self.register, self.clock)
        self._revoked = asyncio.create_task(
            credential_monitor.wait_revoked(self.caller, CREDENTIAL)
        )

    async def is_lost_after(self, seconds: float) -> bool:
        await settle()
        self.clock.advance(seconds)
        await settle()
        return self._revoked.done()

    def end(self) -> None:
        self._revoked.cancel()


async def test_a_token_is_lost_at_the_instant_it_expires() -> None:
    run_with_watcher = Watched(HeldClock().wall() + 15)
    assert not await run_with_watcher.is_lost_after(10)
    assert not await run_with_watcher.is_lost_after(4.5)
    assert await run_with_watcher.is_lost_after(0.5)


@pytest.mark.parametrize(
    "answer",
    [
        Unauthenticated("It was withdrawn"),
        Caller("somebody", frozenset({Scope.READ})),
        Caller("somebody", customers=frozenset({"one"})),
    ],
    ids=["withdrawn", "other scopes", "other customers"],
)
async def test_a_key_is_lost_when_it_is_withdrawn_or_permits_something_else(
    answer: Caller | Exception,
) -> None:
    run_with_watcher = Watched(math.inf)
    assert not await run_with_watcher.is_lost_after(10)
    run_with_watcher.register.answer = answer
    assert await run_with_watcher.is_lost_after(10)
    assert run_with_watcher.register.asked == 2


async def test_who_cannot_be_looked_up_now_is_not_lost_before_its_token_expires() -> None:
    run_with_watcher = Watched(HeldClock().wall() + 30)
    run_with_watcher.register.answer = SigningKeysUnavailable("later")
    assert not await run_with_watcher.is_lost_after(10)
    assert not await run_with_watcher.is_lost_after(10)
    assert await run_with_watcher.is_lost_after(10)


async def test_whom_nobody_asked_for_a_credential_is_never_lost() -> None:
    run_with_watcher = Watched(None)
    assert not await run_with_watcher.is_lost_after(math.inf)
    assert run_with_watcher.register.asked == 0
    run_with_watcher.end()
