import math

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.upstream.endpoints import UpstreamBucket
from gateway.upstream.rate_limits import (
    RateLimitScope,
    RateLimitState,
    RateLimitTracker,
    WindowLimit,
)

READS = UpstreamBucket.CUSTOMER_READS
KEY = RateLimitScope(READS, "partner", "customer-1")
UNLIMITED = RateLimitScope(UpstreamBucket.UPGRADES, "partner", "customer-1")
LIMITS = {READS: WindowLimit(calls=3, window_s=60.0)}


def exchange(throttle: RateLimitTracker, key: RateLimitScope, now: float) -> None:
    throttle.on_sent(key, now)
    throttle.on_finished(key, now, is_accepted=True)


def refuse(throttle: RateLimitTracker, key: RateLimitScope, now: float, until: float) -> None:
    throttle.on_sent(key, now)
    throttle.pause(key, until)
    throttle.on_finished(key, now, is_accepted=False)


def test_a_window_that_is_full_opens_when_its_oldest_call_leaves_it() -> None:
    throttle = RateLimitTracker(LIMITS)
    for now in (0.0, 10.0, 20.0):
        assert throttle.delay_s(KEY, now) == 0.0
        exchange(throttle, KEY, now)
    assert throttle.delay_s(KEY, 30.0) == 30.0
    assert throttle.delay_s(KEY, 60.0) == 0.0


@pytest.mark.parametrize(
    "other",
    [
        RateLimitScope(READS, "partner", "customer-2"),
        RateLimitScope(READS, "another partner", "customer-1"),
        RateLimitScope(UpstreamBucket.CATALOG, "partner", None),
    ],
    ids=["customer", "identity", "bucket"],
)
def test_a_429_closes_exactly_its_scope(other: RateLimitScope) -> None:
    throttle = RateLimitTracker({})
    refuse(throttle, KEY, now=0.0, until=57.0)
    assert throttle.delay_s(KEY, 1.0) == 56.0
    assert throttle.delay_s(other, 1.0) == 0.0


def test_a_shorter_pause_does_not_shorten_a_longer_one() -> None:
    throttle = RateLimitTracker({})
    refuse(throttle, UNLIMITED, now=0.0, until=57.0)
    refuse(throttle, UNLIMITED, now=0.0, until=5.0)
    assert throttle.delay_s(UNLIMITED, 0.0) == 57.0


def in_flight_at_most(
    throttle: RateLimitTracker, key: RateLimitScope, now: float, tried: int = 100
) -> int:
    """Send as many as are let through at once."""
    sent = 0
    while sent < tried and throttle.delay_s(key, now) == 0.0:
        throttle.on_sent(key, now)
        sent += 1
    return sent


def test_after_a_pause_each_answer_lets_twice_as_many_be_in_flight() -> None:
    throttle = RateLimitTracker({})
    refuse(throttle, UNLIMITED, now=0.0, until=10.0)
    widths = []
    for _ in range(6):
        widths.append(in_flight_at_most(throttle, UNLIMITED, 10.0))
        throttle.on_finished(UNLIMITED, 10.0, is_accepted=True)
        for _ in range(widths[-1] - 1):
            throttle.on_finished(UNLIMITED, 10.0, is_accepted=False)
    assert widths == [1, 2, 4, 8, 16, 100]


def test_a_first_call_that_is_lost_proves_nothing_and_another_goes_first() -> None:
    throttle = RateLimitTracker({})
    refuse(throttle, UNLIMITED, now=0.0, until=10.0)
    throttle.on_sent(UNLIMITED, 10.0)
    throttle.on_finished(UNLIMITED, 11.0, is_accepted=False)
    assert throttle.delay_s(UNLIMITED, 11.0) == 0.0
    throttle.on_sent(UNLIMITED, 11.0)
    assert throttle.delay_s(UNLIMITED, 11.0) == math.inf


def test_a_success_that_was_sent_before_the_pause_does_not_open_it() -> None:
    throttle = RateLimitTracker({})
    throttle.on_sent(UNLIMITED, 0.0)
    refuse(throttle, UNLIMITED, now=0.0, until=10.0)
    throttle.on_finished(UNLIMITED, 1.0, is_accepted=True)
    throttle.on_sent(UNLIMITED, 10.0)
    assert throttle.delay_s(UNLIMITED, 10.0) == math.inf


def test_a_snapshot_shows_what_an_identity_has_in_use_and_nobody_elses() -> None:
    throttle = RateLimitTracker(LIMITS)
    exchange(throttle, KEY, 0.0)
    throttle.on_sent(KEY, 1.0)
    refuse(throttle, UNLIMITED, now=1.0, until=58.0)
    exchange(throttle, RateLimitScope(READS, "another partner", "customer-1"), 1.0)
    assert throttle.snapshot("partner", 2.0) == [
        RateLimitState(READS, "customer-1", 1, 2, 3, None),
        RateLimitState(UpstreamBucket.UPGRADES, "customer-1", 0, 0, None, 56.0),
    ]
    assert throttle.snapshot("nobody", 2.0) == []


def test_a_snapshot_leaves_out_scopes_that_are_idle() -> None:
    throttle = RateLimitTracker(LIMITS)
    exchange(throttle, KEY, 0.0)
    exchange(throttle, UNLIMITED, 0.0)
    assert [state.bucket for state in throttle.snapshot("partner", 59.0)] == [READS]
    assert throttle.snapshot("partner", 60.0) == []


def test_idle_scopes_are_forgotten_and_those_in_use_are_not() -> None:
    throttle = RateLimitTracker({})
    throttle.on_sent(UNLIMITED, 0.0)
    refuse(throttle, KEY, now=0.0, until=1e9)
    for number in range(20_000):
        exchange(throttle, RateLimitScope(READS, "partner", str(number)), now=float(number))
    assert len(throttle) < 2_000
    assert throttle.delay_s(KEY, 20_000.0) > 0
    throttle.on_finished(UNLIMITED, 20_000.0, is_accepted=True)


def test_a_pause_that_nobody_came_back_from_is_forgotten_a_minute_after_its_end() -> None:
    throttle = RateLimitTracker({})
    refuse(throttle, UNLIMITED, now=0.0, until=10.0)
    assert len(throttle.snapshot("partner", 69.0)) == 1
    assert throttle.snapshot("partner", 70.0) == []
    for number in range(2_000):
        refuse(throttle, RateLimitScope(READS, "partner", str(number)), now=0.0, until=10.0)
    for number in range(2_000):
        exchange(
            throttle, RateLimitScope(UpstreamBucket.UPGRADES, "partner", str(number)), now=70.0
        )
    assert len(throttle) <= 2_000


class ThrottleMachine(RuleBasedStateMachine):
    """Whatever happens, a window never holds too many calls and a pause none."""

    def __init__(self) -> None:
        super().__init__()
        self.throttle = RateLimitTracker(LIMITS)
        self.now = 0.0
        self.sent: list[float] = []
        self.in_flight = 0
        self.paused_until = 0.0
        self.allowed = math.inf

    @rule(seconds=st.sampled_from([0.0, 1.0, 20.0, 61.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def try_to_send(self) -> None:
        if self.throttle.delay_s(KEY, self.now) > 0:
            return
        assert self.now >= self.paused_until
        assert self.in_flight < self.allowed
        self.throttle.on_sent(KEY, self.now)
        self.sent.append(self.now)
        self.in_flight += 1

    @precondition(lambda self: self.in_flight)
    @rule(is_accepted=st.booleans())
    def finish(self, *, is_accepted: bool) -> None:
        self.throttle.on_finished(KEY, self.now, is_accepted=is_accepted)
        self.in_flight -= 1
        if is_accepted and self.now >= self.paused_until:
            self.allowed *= 2

    @precondition(lambda self: self.in_flight)
    @rule(seconds=st.sampled_from([1.0, 30.0]))
    def refuse(self, seconds: float) -> None:
        self.paused_until = max(self.paused_until, self.now + seconds)
        self.allowed = 1
        self.throttle.pause(KEY, self.paused_until)
        self.finish(is_accepted=False)

    @invariant()
    def a_window_is_never_overfull(self) -> None:
        assert len([sent for sent in self.sent if sent > self.now - 60.0]) <= 3

    @invariant()
    def a_finite_wait_is_long_enough(self) -> None:
        wait_s = self.throttle.delay_s(KEY, self.now)
        assert wait_s >= 0
        if math.isfinite(wait_s):
            assert self.now + wait_s >= self.paused_until
        else:
            assert self.in_flight  # somebody comes back and wakes the others


TestThrottleMachine = ThrottleMachine.TestCase
TestThrottleMachine.settings = settings(max_examples=60, stateful_step_count=30)
