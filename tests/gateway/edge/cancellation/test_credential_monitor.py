"""When a credential is revoked."""

import asyncio
import math
from collections.abc import Sequence

import pytest

from gateway.auth.caller import Caller
from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from gateway.edge.cancellation.credential_monitor import CredentialMonitor
from schema.scopes import Scope
from tests.support.clock import ManualClock
from tests.support.waiting import run_ready_tasks

CREDENTIAL = [b"Bearer of it"]


class FakeAuthenticator:
    """An authenticator with a settable result."""

    def __init__(self, result: Caller | Exception) -> None:
        self.result = result
        self.calls = 0

    async def authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        assert authorizations == CREDENTIAL
        self.calls += 1
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def files_are_current(self) -> bool:
        return True

    async def aclose(self) -> None:
        pass


class MonitoredCaller:
    """A caller whose credential is monitored."""

    def __init__(self, expires_at: float | None) -> None:
        self.clock = ManualClock()
        self.caller = Caller("somebody", expires_at=expires_at)
        self.authenticator = FakeAuthenticator(Caller("somebody", expires_at=expires_at))
        credential_monitor = CredentialMonitor(self.authenticator, self.clock)
        self._revoked = asyncio.create_task(
            credential_monitor.wait_revoked(self.caller, CREDENTIAL)
        )

    async def is_revoked_after(self, seconds: float) -> bool:
        await run_ready_tasks()
        self.clock.advance(seconds)
        await run_ready_tasks()
        return self._revoked.done()

    def end(self) -> None:
        self._revoked.cancel()


async def test_a_token_is_revoked_at_the_instant_it_expires() -> None:
    monitored = MonitoredCaller(ManualClock().wall() + 15)
    assert not await monitored.is_revoked_after(10)
    assert not await monitored.is_revoked_after(4.5)
    assert await monitored.is_revoked_after(0.5)


@pytest.mark.parametrize(
    "result",
    [
        Unauthenticated("It was withdrawn"),
        Caller("somebody", frozenset({Scope.READ})),
        Caller("somebody", customers=frozenset({"one"})),
    ],
    ids=["withdrawn", "other scopes", "other customers"],
)
async def test_a_key_is_revoked_when_it_is_withdrawn_or_its_permissions_change(
    result: Caller | Exception,
) -> None:
    monitored = MonitoredCaller(math.inf)
    assert not await monitored.is_revoked_after(10)
    monitored.authenticator.result = result
    assert await monitored.is_revoked_after(10)
    assert monitored.authenticator.calls == 2


async def test_an_unavailable_issuer_does_not_revoke_a_token_before_it_expires() -> None:
    monitored = MonitoredCaller(ManualClock().wall() + 30)
    monitored.authenticator.result = SigningKeysUnavailable("later")
    assert not await monitored.is_revoked_after(10)
    assert not await monitored.is_revoked_after(10)
    assert await monitored.is_revoked_after(10)


async def test_a_caller_without_a_credential_is_never_revoked() -> None:
    monitored = MonitoredCaller(None)
    assert not await monitored.is_revoked_after(math.inf)
    assert monitored.authenticator.calls == 0
    monitored.end()
