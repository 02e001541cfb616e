import math

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.upstream.endpoints import UpstreamBucket
from gateway.upstream.rate_limits import (
    BucketUsage,
    RateLimitScope,
    RateLimitState,
    RateLimitTracker,
    WindowLimit,
)

READS = UpstreamBucket.CUSTOMER_READS
KEY = RateLimitScope(READS, "partner", "customer-1")
UNLIMITED = RateLimitScope(UpstreamBucket.UPGRADES, "partner", "customer-1")
LIMITS = {READS: WindowLimit(calls=3, window_s=60.0)}


def exchange(tracker: RateLimitTracker, key: RateLimitScope, now: float) -> None:
    tracker.on_sent(key, now)
    tracker.on_finished(key, now, is_accepted=True)


def reject(tracker: RateLimitTracker, key: RateLimitScope, now: float, until: float) -> None:
    tracker.on_sent(key, now)
    tracker.pause(key, until)
    tracker.on_finished(key, now, is_accepted=False)


def test_a_full_window_opens_when_its_oldest_call_leaves_it() -> None:
    tracker = RateLimitTracker(LIMITS)
    for now in (0.0, 10.0, 20.0):
        assert tracker.delay_s(KEY, now) == 0.0
        exchange(tracker, KEY, now)
    assert tracker.delay_s(KEY, 30.0) == 30.0
    assert tracker.delay_s(KEY, 60.0) == 0.0


@pytest.mark.parametrize(
    "other",
    [
        RateLimitScope(READS, "partner", "customer-2"),
        RateLimitScope(READS, "another partner", "customer-1"),
        RateLimitScope(UpstreamBucket.CATALOG, "partner", None),
    ],
    ids=["customer", "identity", "bucket"],
)
def test_a_429_pauses_exactly_its_scope(other: RateLimitScope) -> None:
    tracker = RateLimitTracker({})
    reject(tracker, KEY, now=0.0, until=57.0)
    assert tracker.delay_s(KEY, 1.0) == 56.0
    assert tracker.delay_s(other, 1.0) == 0.0


def test_usage_is_that_of_the_fullest_scope_of_a_bucket() -> None:
    tracker = RateLimitTracker(LIMITS)
    assert tracker.usage_by_bucket(0.0) == {READS: BucketUsage(3, 0)}
    other = RateLimitScope(READS, "partner", "customer-2")
    for key in (KEY, KEY, other):
        exchange(tracker, key, 0.0)
    reject(tracker, UNLIMITED, now=1.0, until=57.0)
    assert tracker.usage_by_bucket(2.0) == {
        READS: BucketUsage(1, 0),
        UpstreamBucket.UPGRADES: BucketUsage(None, 1),
    }
    assert tracker.usage_by_bucket(60.0)[READS] == BucketUsage(3, 0)


def test_a_shorter_pause_does_not_shorten_a_longer_one() -> None:
    tracker = RateLimitTracker({})
    reject(tracker, UNLIMITED, now=0.0, until=57.0)
    reject(tracker, UNLIMITED, now=0.0, until=5.0)
    assert tracker.delay_s(UNLIMITED, 0.0) == 57.0


def in_flight_at_most(
    tracker: RateLimitTracker, key: RateLimitScope, now: float, attempts: int = 100
) -> int:
    """Send as many calls as are allowed at once."""
    sent = 0
    while sent < attempts and tracker.delay_s(key, now) == 0.0:
        tracker.on_sent(key, now)
        sent += 1
    return sent


def test_after_a_pause_each_response_doubles_the_calls_in_flight() -> None:
    tracker = RateLimitTracker({})
    reject(tracker, UNLIMITED, now=0.0, until=10.0)
    widths = []
    for _ in range(6):
        widths.append(in_flight_at_most(tracker, UNLIMITED, 10.0))
        tracker.on_finished(UNLIMITED, 10.0, is_accepted=True)
        for _ in range(widths[-1] - 1):
            tracker.on_finished(UNLIMITED, 10.0, is_accepted=False)
    assert widths == [1, 2, 4, 8, 16, 100]


def test_if_the_first_call_after_a_pause_is_lost_another_is_sent() -> None:
    tracker = RateLimitTracker({})
    reject(tracker, UNLIMITED, now=0.0, until=10.0)
    tracker.on_sent(UNLIMITED, 10.0)
    tracker.on_finished(UNLIMITED, 11.0, is_accepted=False)
    assert tracker.delay_s(UNLIMITED, 11.0) == 0.0
    tracker.on_sent(UNLIMITED, 11.0)
    assert tracker.delay_s(UNLIMITED, 11.0) == math.inf


def test_a_success_of_a_call_sent_before_the_pause_does_not_end_it() -> None:
    tracker = RateLimitTracker({})
    tracker.on_sent(UNLIMITED, 0.0)
    reject(tracker, UNLIMITED, now=0.0, until=10.0)
    tracker.on_finished(UNLIMITED, 1.0, is_accepted=True)
    tracker.on_sent(UNLIMITED, 10.0)
    assert tracker.delay_s(UNLIMITED, 10.0) == math.inf


def test_a_snapshot_has_only_the_scopes_of_its_identity() -> None:
    tracker = RateLimitTracker(LIMITS)
    exchange(tracker, KEY, 0.0)
    tracker.on_sent(KEY, 1.0)
    reject(tracker, UNLIMITED, now=1.0, until=58.0)
    exchange(tracker, RateLimitScope(READS, "another partner", "customer-1"), 1.0)
    assert tracker.snapshot("partner", 2.0) == [
        RateLimitState(READS, "customer-1", 1, 2, 3, None),
        RateLimitState(UpstreamBucket.UPGRADES, "customer-1", 0, 0, None, 56.0),
    ]
    assert tracker.snapshot("nobody", 2.0) == []


def test_a_snapshot_leaves_out_scopes_that_are_idle() -> None:
    tracker = RateLimitTracker(LIMITS)
    exchange(tracker, KEY, 0.0)
    exchange(tracker, UNLIMITED, 0.0)
    assert [state.bucket for state in tracker.snapshot("partner", 59.0)] == [READS]
    assert tracker.snapshot("partner", 60.0) == []


def test_idle_scopes_are_dropped_and_those_in_use_are_kept() -> None:
    tracker = RateLimitTracker({})
    tracker.on_sent(UNLIMITED, 0.0)
    reject(tracker, KEY, now=0.0, until=1e9)
    for number in range(20_000):
        exchange(tracker, RateLimitScope(READS, "partner", str(number)), now=float(number))
    assert len(tracker) < 2_000
    assert tracker.delay_s(KEY, 20_000.0) > 0
    tracker.on_finished(UNLIMITED, 20_000.0, is_accepted=True)


def test_an_unused_pause_is_dropped_a_minute_after_its_end() -> None:
    tracker = RateLimitTracker({})
    reject(tracker, UNLIMITED, now=0.0, until=10.0)
    assert len(tracker.snapshot("partner", 69.0)) == 1
    assert tracker.snapshot("partner", 70.0) == []
    for number in range(2_000):
        reject(tracker, RateLimitScope(READS, "partner", str(number)), now=0.0, until=10.0)
    for number in range(2_000):
        exchange(tracker, RateLimitScope(UpstreamBucket.UPGRADES, "partner", str(number)), now=70.0)
    assert len(tracker) <= 2_000


class RateLimitMachine(RuleBasedStateMachine):
    """Invariants: a window never has too many calls, and a pause has none."""

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
    def reject(self, seconds: float) -> None:
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


TestThrottleMachine = RateLimitMachine.TestCase
TestThrottleMachine.settings = settings(max_examples=60, stateful_step_count=30)


def test_a_pause_of_another_process_holds_before_the_first_call() -> None:
    tracker = RateLimitTracker({})
    tracker.pause(KEY, 57.0)
    assert tracker.delay_s(KEY, 1.0) == 56.0
    assert tracker.count_open(KEY, 1.0, wanted=5) == 0
    assert tracker.count_open(KEY, 57.0, wanted=5) == 1


def test_a_late_report_of_a_pause_does_not_slow_the_recovery() -> None:
    tracker = RateLimitTracker({})
    reject(tracker, KEY, now=0.0, until=57.0)
    exchange(tracker, KEY, 58.0)
    tracker.pause(KEY, 57.0)
    assert tracker.count_open(KEY, 58.0, wanted=5) == 2


def test_processes_use_equal_parts_of_a_limit() -> None:
    tracker = RateLimitTracker({READS: WindowLimit(calls=6, window_s=60.0)})
    for now in range(5):
        exchange(tracker, KEY, float(now))
    tracker.share_limits(2)
    assert tracker.count_open(KEY, 10.0, wanted=9) == 0
    assert tracker.delay_s(KEY, 10.0) == 52.0, "two of five calls have to leave the window"
    assert tracker.usage_by_bucket(10.0) == {READS: BucketUsage(0, 0)}
    tracker.share_limits(1)
    assert tracker.count_open(KEY, 10.0, wanted=9) == 1


def test_more_processes_than_calls_leave_one_call_to_each() -> None:
    tracker = RateLimitTracker(LIMITS)
    tracker.share_limits(100)
    assert tracker.count_open(KEY, 0.0, wanted=9) == 1
