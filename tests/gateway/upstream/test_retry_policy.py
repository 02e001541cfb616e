import pytest

from gateway.upstream.errors import Throttled, UpstreamError, error_from_response
from gateway.upstream.retry_policy import Attempt, RetryAfter, Stop, decide
from gateway.upstream.transport.base import (
    ConnectFailed,
    ConnectionLost,
    IncompleteResponse,
    ResponseTimeout,
    ResponseTooLarge,
    TransportError,
)
from tests.gateway.upstream.scripted_client import response

FIRST = Attempt(1, max_attempts=4)
LATE = Stop(hit_deadline=True)


def refused(status: int, code: int | None = None, **headers: str) -> UpstreamError:
    return error_from_response(response(status, {"code": code}, **headers), now=0.0)


def throttled(retry_after_s: float) -> Throttled:
    return Throttled.for_delay("wait", retry_after_s)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_failure_of_the_vendors_own_is_sent_again(status: int) -> None:
    assert decide(FIRST, refused(status), 30.0, jitter=1.0) == RetryAfter(0.5)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_it_is_sent_again_no_sooner_than_the_vendor_asks(status: int) -> None:
    asking = refused(status, Retry_After="3")
    assert decide(FIRST, asking, 30.0, jitter=1.0) == RetryAfter(3.0)
    assert decide(Attempt(3, 4), asking, 30.0, jitter=1.0) == RetryAfter(3.5)
    assert decide(FIRST, asking, remaining_s=3.0, jitter=0.0) == LATE


@pytest.mark.parametrize("status", [302, 400, 403, 404, 405, 406, 409, 412, 417, 501])
def test_a_definite_answer_is_never_asked_for_again(status: int) -> None:
    assert decide(FIRST, refused(status), 30.0, jitter=1.0) == Stop()


@pytest.mark.parametrize(
    ("lost", "is_retried"),
    [
        (ConnectFailed("x"), True),
        (ResponseTimeout("x"), True),
        (ConnectionLost("x"), True),
        (IncompleteResponse("x"), True),
        (ResponseTooLarge("x"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_broken_exchange_is_tried_again_and_a_huge_answer_is_not(
    lost: TransportError, is_retried: bool
) -> None:
    assert isinstance(decide(FIRST, lost, 30.0, jitter=0.5), RetryAfter) == is_retried


@pytest.mark.parametrize(("number", "seconds"), [(1, 0.5), (2, 1.5), (3, 3.5), (7, 3.5)])
def test_waits_grow_like_the_vendors_own_and_are_scaled_by_jitter(
    number: int, seconds: float
) -> None:
    attempt = Attempt(number, max_attempts=10)
    assert decide(attempt, refused(503), 30.0, jitter=1.0) == RetryAfter(seconds)
    assert decide(attempt, refused(503), 30.0, jitter=0.5) == RetryAfter(seconds / 2)


@pytest.mark.parametrize("outcome", [refused(503), refused(401), ConnectFailed("x")])
def test_the_last_attempt_is_final(outcome: UpstreamError | TransportError) -> None:
    assert decide(Attempt(4, max_attempts=4), outcome, 30.0, jitter=0.0) == Stop()


def test_being_told_to_wait_is_bounded_by_the_deadline_alone() -> None:
    assert decide(Attempt(40, max_attempts=4), throttled(2.0), 30.0, jitter=0.0) == RetryAfter(2.0)
    assert decide(FIRST, throttled(0.0), 30.0, jitter=0.0) == RetryAfter(1.0)


def test_a_wait_that_passes_the_deadline_is_not_begun() -> None:
    assert decide(FIRST, refused(503), remaining_s=0.5, jitter=1.0) == LATE
    assert decide(FIRST, throttled(57.0), remaining_s=57.0, jitter=0.0) == LATE


def test_a_429_is_retried_after_exactly_what_it_asked_for_and_later_each_further_time() -> None:
    assert decide(FIRST, throttled(2.0), 30.0, jitter=1.0) == RetryAfter(2.0)
    assert decide(Attempt(2, 4), throttled(2.0), 30.0, jitter=1.0) == RetryAfter(3.5)


def test_a_401_gets_one_fresh_token() -> None:
    assert decide(FIRST, refused(401, 400), 30.0, jitter=1.0) == RetryAfter(0.0, refresh_token=True)
    again = Attempt(2, 4, token_refreshed=True)
    assert decide(again, refused(401, 400), 30.0, jitter=1.0) == Stop()


@pytest.mark.parametrize("code", [900420, 900421], ids=["retired audience", "no MFA claim"])
def test_a_token_of_the_wrong_kind_is_not_replaced_by_another(code: int) -> None:
    assert decide(FIRST, refused(401, code), 30.0, jitter=1.0) == Stop()
