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


def rejected(status: int, code: int | None = None, **headers: str) -> UpstreamError:
    return error_from_response(response(status, {"code": code}, **headers), now=0.0)


def throttled(retry_after_s: float) -> Throttled:
    return Throttled.for_delay("wait", retry_after_s)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_failure_of_the_vendor_is_retried(status: int) -> None:
    assert decide(FIRST, rejected(status), 30.0, jitter=1.0) == RetryAfter(0.5)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_retry_waits_for_the_vendors_retry_after(status: int) -> None:
    asking = rejected(status, Retry_After="3")
    assert decide(FIRST, asking, 30.0, jitter=1.0) == RetryAfter(3.0)
    assert decide(Attempt(3, 4), asking, 30.0, jitter=1.0) == RetryAfter(3.5)
    assert decide(FIRST, asking, remaining_s=3.0, jitter=0.0) == LATE


@pytest.mark.parametrize("status", [302, 400, 403, 404, 405, 406, 409, 412, 417, 501])
def test_a_definite_response_is_never_retried(status: int) -> None:
    assert decide(FIRST, rejected(status), 30.0, jitter=1.0) == Stop()


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
def test_a_broken_exchange_is_retried_and_a_response_too_large_is_not(
    lost: TransportError, is_retried: bool
) -> None:
    assert isinstance(decide(FIRST, lost, 30.0, jitter=0.5), RetryAfter) == is_retried


@pytest.mark.parametrize(("number", "seconds"), [(1, 0.5), (2, 1.5), (3, 3.5), (7, 3.5)])
def test_backoff_grows_as_in_the_vendors_sdk_and_is_scaled_by_jitter(
    number: int, seconds: float
) -> None:
    attempt = Attempt(number, max_attempts=10)
    assert decide(attempt, rejected(503), 30.0, jitter=1.0) == RetryAfter(seconds)
    assert decide(attempt, rejected(503), 30.0, jitter=0.5) == RetryAfter(seconds / 2)


@pytest.mark.parametrize("outcome", [rejected(503), rejected(401), ConnectFailed("x")])
def test_the_last_attempt_is_final(outcome: UpstreamError | TransportError) -> None:
    assert decide(Attempt(4, max_attempts=4), outcome, 30.0, jitter=0.0) == Stop()


def test_retries_after_429_are_limited_by_the_deadline_alone() -> None:
    assert decide(Attempt(40, max_attempts=4), throttled(2.0), 30.0, jitter=0.0) == RetryAfter(2.0)
    assert decide(FIRST, throttled(0.0), 30.0, jitter=0.0) == RetryAfter(1.0)


def test_a_delay_beyond_the_deadline_stops() -> None:
    assert decide(FIRST, rejected(503), remaining_s=0.5, jitter=1.0) == LATE
    assert decide(FIRST, throttled(57.0), remaining_s=57.0, jitter=0.0) == LATE


def test_a_429_is_retried_after_its_delay_and_later_with_backoff() -> None:
    assert decide(FIRST, throttled(2.0), 30.0, jitter=1.0) == RetryAfter(2.0)
    assert decide(Attempt(2, 4), throttled(2.0), 30.0, jitter=1.0) == RetryAfter(3.5)


def test_a_401_gets_one_fresh_token() -> None:
    assert decide(FIRST, rejected(401, 400), 30.0, jitter=1.0) == RetryAfter(
        0.0, refresh_token=True
    )
    again = Attempt(2, 4, token_refreshed=True)
    assert decide(again, rejected(401, 400), 30.0, jitter=1.0) == Stop()


@pytest.mark.parametrize("code", [900420, 900421], ids=["retired audience", "no MFA claim"])
def test_a_token_of_the_wrong_kind_is_not_replaced(code: int) -> None:
    assert decide(FIRST, rejected(401, code), 30.0, jitter=1.0) == Stop()
