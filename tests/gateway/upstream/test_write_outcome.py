import pytest

from gateway.upstream.errors import Conflict, Throttled, Unavailable
from gateway.upstream.transport.base import (
    ConnectFailed,
    ConnectionLost,
    IncompleteResponse,
    ResponseTimeout,
    ResponseTooLarge,
    TransportError,
)
from gateway.upstream.write_outcome import (
    Accepted,
    NeverSent,
    Rejected,
    Unconfirmed,
    outcome_from_failure,
    outcome_from_response,
)
from tests.gateway.upstream.scripted_client import response


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_2xx_is_accepted(status: int) -> None:
    assert isinstance(outcome_from_response(response(status), 0), Accepted)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 412, 417, 429, 501])
def test_a_definite_no_is_rejected(status: int) -> None:
    assert isinstance(outcome_from_response(response(status), 0), Rejected)


@pytest.mark.parametrize("status", [100, 302, 408, 500, 502, 503, 504, 505, 520])
def test_an_indefinite_status_is_unconfirmed(status: int) -> None:
    assert isinstance(outcome_from_response(response(status), 0), Unconfirmed)


def test_a_429_has_a_delay() -> None:
    outcome = outcome_from_response(response(429, Retry_After="57"), 0)
    assert isinstance(outcome, Rejected)
    assert isinstance(outcome.error, Throttled)
    assert outcome.error.retry_after_s == 57


def test_a_conflict_keeps_its_code() -> None:
    outcome = outcome_from_response(response(409, {"code": 900109, "description": "Running."}), 0)
    assert isinstance(outcome, Rejected)
    assert isinstance(outcome.error, Conflict)
    assert outcome.error.upstream_code == "900109"


def test_no_connection_is_never_sent() -> None:
    outcome = outcome_from_failure(ConnectFailed("refused"))
    assert isinstance(outcome, NeverSent)
    assert isinstance(outcome.error, Unavailable)


@pytest.mark.parametrize(
    "lost", [ConnectionLost, ResponseTimeout, ResponseTooLarge, IncompleteResponse]
)
def test_every_other_broken_exchange_is_unconfirmed(lost: type[TransportError]) -> None:
    assert isinstance(outcome_from_failure(lost("gone")), Unconfirmed)
