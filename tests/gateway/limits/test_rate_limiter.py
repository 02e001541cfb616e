import pytest

from gateway.limits.rate_limiter import RateLimit, RateLimiter, RateLimitExceeded, create_buckets


class SettableClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def limiter(clock: SettableClock) -> RateLimiter:
    return RateLimiter(RateLimit("calls", 60, 30.0), clock, create_buckets())


def test_the_whole_limit_can_be_used_at_once_but_no_more(limiter: RateLimiter) -> None:
    assert limiter.acquire("a", 20) == '"calls";r=40;t=10'
    assert limiter.acquire("a", 40) == '"calls";r=0;t=30'
    with pytest.raises(RateLimitExceeded):
        limiter.acquire("a", 1)


def test_a_rejection_says_when_to_retry_and_charges_nothing(
    limiter: RateLimiter, clock: SettableClock
) -> None:
    limiter.acquire("a", 60)
    with pytest.raises(RateLimitExceeded) as caught:
        limiter.acquire("a", 10)
    assert (
        str(caught.value) == "You have exceeded your rate limit of 60 calls in 30 s. Retry in 5 s."
    )
    assert caught.value.rule == "calls_rate"
    assert caught.value.retry_after_s == 5
    assert dict(caught.value.headers) == {
        b"retry-after": b"5",
        b"ratelimit-policy": b'"calls";q=60;w=30',
        b"ratelimit": b'"calls";r=0;t=30',
    }
    clock.now += 5
    assert limiter.acquire("a", 10) == '"calls";r=0;t=30'


def test_the_bucket_leaks_evenly(limiter: RateLimiter, clock: SettableClock) -> None:
    limiter.acquire("a", 60)
    clock.now += 0.5
    assert limiter.acquire("a", 1).startswith('"calls";r=0')
    clock.now += 3000
    assert limiter.acquire("a", 1) == '"calls";r=59;t=1'


def test_each_caller_has_its_own_bucket(limiter: RateLimiter) -> None:
    limiter.acquire("a", 60)
    assert limiter.acquire("b", 60)


def test_more_units_than_the_limit_take_the_whole_bucket(limiter: RateLimiter) -> None:
    assert limiter.acquire("a", 1000) == '"calls";r=0;t=30'


def test_units_that_were_used_are_charged_beyond_the_limit(
    limiter: RateLimiter, clock: SettableClock
) -> None:
    limiter.charge("a", 90)
    clock.now += 15
    with pytest.raises(RateLimitExceeded):
        limiter.acquire("a", 1)
    clock.now += 1
    assert limiter.acquire("a", 1)
