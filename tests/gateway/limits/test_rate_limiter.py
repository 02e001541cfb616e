import pytest

from gateway.limits.concurrency import ConcurrencyLimit
from gateway.limits.limit import Limit
from gateway.limits.rate_limiter import RateLimit, RateLimiter, RateLimitExceeded, create_buckets
from schema.errors import LimitExceeded


class Seconds:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def rate(clock: Seconds) -> RateLimiter:
    return RateLimiter(RateLimit("calls", 60, 30.0), clock, create_buckets())


def test_the_whole_quota_may_be_taken_at_once_and_not_more(rate: RateLimiter) -> None:
    assert rate.acquire("a", 20) == '"calls";r=40;t=10'
    assert rate.acquire("a", 40) == '"calls";r=0;t=30'
    with pytest.raises(RateLimitExceeded):
        rate.acquire("a", 1)


def test_a_refusal_says_when_to_come_back_and_takes_nothing(
    rate: RateLimiter, clock: Seconds
) -> None:
    rate.acquire("a", 60)
    with pytest.raises(RateLimitExceeded) as caught:
        rate.acquire("a", 10)
    assert caught.value.rule == "calls_rate"
    assert caught.value.retry_after_s == 5
    assert dict(caught.value.headers) == {
        b"retry-after": b"5",
        b"ratelimit-policy": b'"calls";q=60;w=30',
        b"ratelimit": b'"calls";r=0;t=30',
    }
    clock.now += 5
    assert rate.acquire("a", 10) == '"calls";r=0;t=30'


def test_the_bucket_leaks_evenly(rate: RateLimiter, clock: Seconds) -> None:
    rate.acquire("a", 60)
    clock.now += 0.5
    assert rate.acquire("a", 1).startswith('"calls";r=0')
    clock.now += 3000
    assert rate.acquire("a", 1) == '"calls";r=59;t=1'


def test_callers_do_not_share(rate: RateLimiter) -> None:
    rate.acquire("a", 60)
    assert rate.acquire("b", 60)


def test_more_than_the_quota_takes_the_whole_bucket(rate: RateLimiter) -> None:
    assert rate.acquire("a", 1000) == '"calls";r=0;t=30'


def test_what_was_used_already_is_added_beyond_the_quota(rate: RateLimiter, clock: Seconds) -> None:
    rate.charge("a", 90)
    clock.now += 15
    with pytest.raises(RateLimitExceeded):
        rate.acquire("a", 1)
    clock.now += 1
    assert rate.acquire("a", 1)


def test_a_caller_holds_no_more_than_the_bound() -> None:
    held = ConcurrencyLimit(Limit("connections", 2))
    with held.acquire("a"), held.acquire("a"), held.acquire("b"):
        with pytest.raises(LimitExceeded) as caught, held.acquire("a"):
            raise AssertionError("not reached")
        assert caught.value.rule == "connections"
    with held.acquire("a"), held.acquire("a"):
        pass
