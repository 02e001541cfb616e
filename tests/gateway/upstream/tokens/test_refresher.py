import asyncio

import pytest
from structlog.testing import capture_logs

from gateway.credentials import SecretToken
from gateway.upstream.errors import Unauthorized, Unavailable
from gateway.upstream.tokens.refresher import IssuedToken, TokenRefresher, parse_token_response
from tests.support.clock import FakeClock
from tests.support.waiting import run_ready_tasks

NOW = 1_700_000_000.0


class FakeIssuer:
    def __init__(self, lifetime_s: float = 3600.0) -> None:
        self.calls = 0
        self.lifetime_s = lifetime_s
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.failures: list[Exception] = []

    async def __call__(self) -> IssuedToken:
        self.calls += 1
        number = self.calls
        await self.may_answer.wait()
        if self.failures:
            raise self.failures.pop(0)
        return IssuedToken(SecretToken(f"token-{number}"), self.lifetime_s)


@pytest.mark.parametrize(
    ("lifetime_s", "renewed_after_s"), [(3600.0, 3300.0), (320.0, 80.0), (20.0, 5.0)]
)
async def test_a_token_is_refreshed_while_calls_use_it(
    lifetime_s: float, renewed_after_s: float
) -> None:
    clock, issuer = FakeClock(), FakeIssuer(lifetime_s)
    renewal = TokenRefresher(issuer, clock)
    assert await renewal.get() == "token-1"
    clock.now += renewed_after_s - 1
    assert await renewal.get() == renewal.cached() == "token-1"
    await run_ready_tasks()
    assert issuer.calls == 1
    clock.now += 1
    assert renewal.cached() is None
    assert await renewal.get() == "token-1"
    await run_ready_tasks()
    assert renewal.cached() == "token-2"


@pytest.mark.parametrize(("lifetime_s", "unused_after_s"), [(3600.0, 3540.0), (20.0, 10.0)])
async def test_a_token_that_is_about_to_expire_is_not_used(
    lifetime_s: float, unused_after_s: float
) -> None:
    clock, issuer = FakeClock(), FakeIssuer(lifetime_s)
    renewal = TokenRefresher(issuer, clock)
    await renewal.get()
    issuer.may_answer.clear()
    clock.now += unused_after_s - 1
    assert await renewal.get() == "token-1"
    clock.now += 1
    waiter = asyncio.create_task(renewal.get())
    await run_ready_tasks()
    assert not waiter.done()
    issuer.may_answer.set()
    assert await waiter == "token-2"
    assert issuer.calls == 2


async def test_no_call_fails_while_the_issuer_is_unavailable_for_minutes() -> None:
    clock, issuer = FakeClock(), FakeIssuer()
    renewal = TokenRefresher(issuer, clock)
    await renewal.get()
    clock.now += 3300
    issuer.failures += [Unavailable("down")] * 2
    with capture_logs() as logged:
        for _ in range(11):
            assert await renewal.get() == "token-1"
            await run_ready_tasks()
            clock.now += 1
    assert renewal.cached() == "token-4"
    assert [(each["log_level"], each["reason"]) for each in logged] == [("warning", "down")] * 2


async def test_many_calls_that_need_a_token_cause_one_request() -> None:
    issuer = FakeIssuer()
    renewal = TokenRefresher(issuer, FakeClock())
    assert set(await asyncio.gather(*[renewal.get() for _ in range(10)])) == {"token-1"}
    assert issuer.calls == 1


async def test_calls_rejected_with_the_same_token_cause_one_refresh() -> None:
    issuer = FakeIssuer()
    renewal = TokenRefresher(issuer, FakeClock())
    refused = await renewal.get()
    for _ in range(3):
        assert await renewal.get(rejected=refused) == "token-2"
    assert issuer.calls == 2


async def test_a_cancelled_waiter_does_not_stop_the_refresh() -> None:
    issuer = FakeIssuer()
    issuer.may_answer.clear()
    renewal = TokenRefresher(issuer, FakeClock())
    waiter = asyncio.create_task(renewal.get())
    await run_ready_tasks()
    waiter.cancel()
    await run_ready_tasks()
    issuer.may_answer.set()
    assert await renewal.get() == "token-1"
    assert issuer.calls == 1


async def test_a_failed_refresh_is_retried_by_the_next_call() -> None:
    issuer = FakeIssuer()
    issuer.failures.append(Unavailable("down"))
    renewal = TokenRefresher(issuer, FakeClock())
    with pytest.raises(Unavailable):
        await renewal.get()
    assert await renewal.get() == "token-2"


async def test_a_refresh_that_fails_without_waiters_is_handled() -> None:
    issuer = FakeIssuer()
    issuer.may_answer.clear()
    issuer.failures.append(Unavailable("down"))
    renewal = TokenRefresher(issuer, FakeClock())
    waiter = asyncio.create_task(renewal.get())
    await run_ready_tasks()
    waiter.cancel()
    issuer.may_answer.set()
    await run_ready_tasks()
    assert await renewal.get() == "token-2"


@pytest.mark.parametrize(
    ("members", "lifetime_s"),
    [
        ({"expires_in": "3599"}, 3599.0),
        ({"expires_in": 3600}, 3600.0),
        ({"expires_on": str(int(NOW) + 600)}, 600.0),
        ({"expires_in": "soon", "expires_on": NOW + 60}, 60.0),
    ],
    ids=["string (Q30)", "number", "only expires_on", "unreadable expires_in"],
)
def test_the_lifetime_is_read_from_the_member_that_parses(
    members: dict[str, object], lifetime_s: float
) -> None:
    grant = parse_token_response({"access_token": "secret-value", **members}, NOW)
    assert grant.lifetime_s == lifetime_s
    assert "secret-value" not in repr(grant)


@pytest.mark.parametrize(
    ("members", "part"),
    [
        ({"expires_in": "3599"}, "without an access_token"),
        ({"access_token": 7, "expires_in": "3599"}, "without an access_token"),
        ({"access_token": "a"}, "without a lifetime"),
        ({"access_token": "a", "expires_in": [1]}, "without a lifetime"),
        ({"access_token": "a", "expires_on": str(int(NOW) - 1)}, "clock"),
    ],
)
def test_the_error_for_a_response_without_a_usable_token_says_why(
    members: dict[str, object], part: str
) -> None:
    with pytest.raises(Unauthorized, match=part):
        parse_token_response(members, NOW)
