import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox.operations import Bucket
from gateway.sandbox.options import ThrottleOptions
from gateway.sandbox.throttle import SlidingWindow, Throttle
from tests.gateway.sandbox.conftest import NOW_S

OPTIONS = ThrottleOptions(
    reads_per_customer=3, upgrades_per_customer=2, product_upgrades_per_partner=1
)


def test_a_window_opens_when_its_oldest_call_leaves() -> None:
    window = SlidingWindow(limit=2, window_s=60)
    assert [window.count_call(at) for at in (0, 10, 60)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("limit", "calls_s", "delays_s"),
    [
        (1, (0, 59, 60, 120), (0, 60, 60, 0)),
        (2, (0, 1, 10, 61), (0, 0, 51, 0)),
        (2, (0, 1, 10, 60, 70), (0, 0, 51, 10, 0)),
    ],
    ids=["limit of one", "waits as returned", "comes too early"],
)
def test_rejected_calls_count_too(
    limit: int, calls_s: tuple[float, ...], delays_s: tuple[float, ...]
) -> None:
    window = SlidingWindow(limit, window_s=60)
    assert tuple(window.count_call(at) for at in calls_s) == delays_s


def test_a_flood_of_rejected_calls_is_not_stored() -> None:
    window = SlidingWindow(limit=2, window_s=60)
    for milliseconds in range(1_000):
        window.count_call(milliseconds / 1_000)
    assert len(window._times_s) == 2


def test_a_limit_of_zero_rejects_every_call() -> None:
    assert SlidingWindow(limit=0, window_s=60).count_call(0) == 60


EIGHTHS_S = st.integers(0, 400).map(lambda eighths: eighths / 8)
"""Times that can be added without rounding errors."""


@given(st.lists(EIGHTHS_S, min_size=1, max_size=60), st.integers(1, 5))
def test_the_returned_delay_is_always_sufficient_and_never_too_long(
    pauses: list[float], limit: int
) -> None:
    window, now_s = SlidingWindow(limit, window_s=60), 0.0
    for pause_s in pauses:
        now_s += pause_s
        delay_s = window.count_call(now_s)
        if delay_s:
            assert copy.deepcopy(window).count_call(now_s + delay_s - 0.125) > 0
            now_s += delay_s
            assert window.count_call(now_s) == 0


@given(st.lists(st.floats(0, 30), min_size=1, max_size=80), st.integers(1, 5))
def test_no_window_has_more_accepted_calls_than_the_limit(pauses: list[float], limit: int) -> None:
    window, now_s, accepted = SlidingWindow(limit, window_s=60), 0.0, list[float]()
    for pause_s in pauses:
        now_s += pause_s
        if window.count_call(now_s) == 0:
            accepted.append(now_s)
        assert len([at for at in accepted if now_s - at < 60]) <= limit


@pytest.mark.parametrize(
    ("bucket", "limit"),
    [
        (Bucket.READS, 3),
        (Bucket.UPGRADES, 2),
        (Bucket.TRANSITIONS, 2),
        (Bucket.PRODUCT_UPGRADES, 1),
    ],
)
def test_each_bucket_has_its_limit(bucket: Bucket, limit: int) -> None:
    throttle = Throttle(OPTIONS)
    delays = [throttle.count_call(bucket, "p", "c", NOW_S) for _ in range(limit + 1)]
    assert delays == [None] * limit + [60]


def test_customers_and_partners_are_counted_separately() -> None:
    throttle = Throttle(OPTIONS)
    for partner, customer in (("p", "a"), ("p", "b"), ("q", "a")):
        delays = [throttle.count_call(Bucket.UPGRADES, partner, customer, 0) for _ in range(2)]
        assert delays == [None, None]


def test_product_upgrades_are_counted_for_the_whole_partner() -> None:
    throttle = Throttle(OPTIONS)
    assert throttle.count_call(Bucket.PRODUCT_UPGRADES, "p", "a", 0) is None
    assert throttle.count_call(Bucket.PRODUCT_UPGRADES, "p", "b", 0) == 60


def test_free_operations_and_a_disabled_throttle_accept_every_call() -> None:
    throttle = Throttle(OPTIONS)
    assert throttle.count_call(Bucket.FREE, "p", None, 0) is None
    throttle.configure(ThrottleOptions(enabled=False))
    delays = {throttle.count_call(Bucket.READS, "p", "c", 0) for _ in range(1_000)}
    assert delays == {None}


def test_a_delay_is_at_least_one_second() -> None:
    throttle = Throttle(ThrottleOptions(window_s=0.2, upgrades_per_customer=1))
    assert throttle.count_call(Bucket.UPGRADES, "p", "c", 0) is None
    assert throttle.count_call(Bucket.UPGRADES, "p", "c", 0.1) == 1


def test_idle_windows_are_removed() -> None:
    throttle = Throttle(OPTIONS)
    for number in range(10_000):
        throttle.count_call(Bucket.READS, "p", str(number), 0)
    throttle.count_call(Bucket.READS, "p", "late", 100)
    assert len(throttle._windows) == 1
