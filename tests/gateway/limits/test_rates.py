import pytest

from gateway.limits.bound import Bound
from gateway.limits.held import Held
from gateway.limits.rates import Quota, Rate, RateExceeded, empty_buckets
from schema.problems import LimitExceeded


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
def rate(clock: Seconds) -> Rate:
    return Rate(Quota("calls", 60, 30.0), clock, empty_buckets())


def test_the_whole_quota_may_be_taken_at_once_and_not_more(rate: Rate) -> None:
    assert rate.take("a", 20) == '"calls";r=40;t=10'
    assert rate.take("a", 40) == '"calls";r=0;t=30'
    with pytest.raises(RateExceeded):
        rate.take("a", 1)


def test_a_refusal_says_when_to_come_back_and_takes_nothing(rate: Rate, clock: Seconds) -> None:
    rate.take("a", 60)
    with pytest.raises(RateExceeded) as caught:
        rate.take("a", 10)
    assert caught.value.rule == "calls_rate"
    assert caught.value.retry_after_s == 5
    assert dict(caught.value.headers) == {
        b"retry-after": b"5",
        b"ratelimit-policy": b'"calls";q=60;w=30',
        b"ratelimit": b'"calls";r=0;t=30',
    }
    clock.now += 5
    assert rate.take("a", 10) == '"calls";r=0;t=30'


def test_the_bucket_leaks_evenly(rate: Rate, clock: Seconds) -> None:
    rate.take("a", 60)
    clock.now += 0.5
    assert rate.take("a", 1).startswith('"calls";r=0')
    clock.now += 3000
    assert rate.take("a", 1) == '"calls";r=59;t=1'


def test_callers_do_not_share(rate: Rate) -> None:
    rate.take("a", 60)
    assert rate.take("b", 60)


def test_more_than_the_quota_takes_the_whole_bucket(rate: Rate) -> None:
    assert rate.take("a", 1000) == '"calls";r=0;t=30'


def test_what_was_used_already_is_added_beyond_the_quota(rate: Rate, clock: Seconds) -> None:
    rate.add("a", 90)
    clock.now += 15
    with pytest.raises(RateExceeded):
        rate.take("a", 1)
    clock.now += 1
    assert rate.take("a", 1)


def test_a_caller_holds_no_more_than_the_bound() -> None:
    held = Held(Bound("connections", 2))
    with held.one_more("a"), held.one_more("a"), held.one_more("b"):
        with pytest.raises(LimitExceeded) as caught, held.one_more("a"):
            raise AssertionError("not reached")
        assert caught.value.rule == "connections"
    with held.one_more("a"), held.one_more("a"):
        pass
