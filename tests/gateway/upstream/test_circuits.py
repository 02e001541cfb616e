from dataclasses import replace

import pytest

from gateway.upstream.circuits import (
    FAILURES_TO_OPEN,
    OPEN_S,
    Circuits,
    is_vendor_failure,
    merge_open_circuits,
)
from gateway.upstream.endpoints import UpstreamBucket
from gateway.upstream.rate_limits import RateLimitScope, RateLimitState
from gateway.upstream.transport.base import (
    Cancelled,
    ConnectFailed,
    ConnectionLost,
    IncompleteResponse,
    ResponseTimeout,
    ResponseTooLarge,
    StaleConnection,
    TransportError,
)
from tests.gateway.upstream.scripted_client import response

ONE = RateLimitScope(UpstreamBucket.UPGRADES, "partner", "customer-1")
OTHER = ONE._replace(customer_id="customer-2")
CATALOG = RateLimitScope(UpstreamBucket.CATALOG, "partner", None)


def opened(*scopes: RateLimitScope) -> Circuits:
    """Circuits after just enough failures at second 0, of these scopes in turn."""
    circuits = Circuits()
    for number in range(FAILURES_TO_OPEN):
        circuits.on_failure(scopes[number % len(scopes)], 0.0)
    return circuits


@pytest.mark.parametrize("scopes", [(ONE, OTHER), (CATALOG,)], ids=["customers", "partner"])
def test_a_run_of_failures_opens_the_circuit(scopes: tuple[RateLimitScope, ...]) -> None:
    circuits = opened(*scopes)
    assert circuits.delay_s(scopes[0], 1.0) == OPEN_S - 1.0
    assert circuits.count_open(scopes[0], 1.0, 9) == 0
    assert [delay_s for _, delay_s in circuits.open_circuits(1.0)] == [OPEN_S - 1.0]


def test_one_failure_less_leaves_it_closed() -> None:
    circuits = Circuits()
    for _ in range(FAILURES_TO_OPEN - 1):
        circuits.on_failure(CATALOG, 0.0)
    assert circuits.count_open(CATALOG, 0.0, 9) == 9


def test_the_failures_of_one_customer_do_not_stop_the_calls_of_others() -> None:
    circuits = opened(ONE)
    assert circuits.delay_s(ONE, 0.0) == circuits.delay_s(OTHER, 0.0) == 0.0


@pytest.mark.parametrize(
    "other", [CATALOG._replace(identity="other"), ONE], ids=["identity", "bucket"]
)
def test_an_open_circuit_stops_no_calls_of_another(other: RateLimitScope) -> None:
    assert opened(CATALOG).delay_s(other, 0.0) == 0.0


def test_a_success_between_failures_starts_the_run_anew() -> None:
    circuits = Circuits()
    for _ in range(FAILURES_TO_OPEN):
        circuits.on_failure(CATALOG, 0.0)
        circuits.on_success(CATALOG)
    assert not circuits.failing


def test_failures_far_apart_are_no_run() -> None:
    circuits = Circuits()
    for number in range(FAILURES_TO_OPEN):
        circuits.on_failure(CATALOG, number * 61.0)
    assert circuits.delay_s(CATALOG, FAILURES_TO_OPEN * 61.0) == 0.0


def test_one_call_of_an_interval_tries_whether_calls_succeed_again() -> None:
    circuits = opened(CATALOG)
    assert circuits.count_open(CATALOG, OPEN_S, 9) == 1
    circuits.on_sent(CATALOG, OPEN_S)
    assert circuits.count_open(CATALOG, OPEN_S, 9) == 0
    # Whether it is cancelled or has no response yet, the next interval has another.
    assert circuits.count_open(CATALOG, 2 * OPEN_S, 9) == 1


def test_a_failed_try_leaves_the_circuit_open_and_a_success_closes_it() -> None:
    circuits = opened(CATALOG)
    circuits.on_sent(CATALOG, OPEN_S)
    circuits.on_failure(CATALOG, OPEN_S + 1.0)
    assert circuits.delay_s(CATALOG, OPEN_S + 1.0) == OPEN_S
    circuits.on_success(CATALOG)
    assert circuits.count_open(CATALOG, OPEN_S + 1.0, 9) == 9
    assert not list(circuits.open_circuits(OPEN_S + 1.0))


def test_circuits_of_identities_that_stay_away_are_dropped() -> None:
    circuits = Circuits()
    for number in range(5000):
        circuits.on_failure(CATALOG._replace(identity=str(number)), number)
    assert len(circuits.failing) <= 1025


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 599])
def test_a_5xx_is_a_failure_of_the_vendor(status: int) -> None:
    assert is_vendor_failure(response(status))


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 408, 409, 412, 429])
def test_no_other_status_is(status: int) -> None:
    assert not is_vendor_failure(response(status))


@pytest.mark.parametrize(
    ("failure", "counts"),
    [
        (ConnectFailed("refused"), True),
        (ResponseTimeout("20 s"), True),
        (ConnectionLost("reset"), True),
        (IncompleteResponse("cut"), True),
        (StaleConnection("closed"), False),
        (Cancelled(), False),
        (ResponseTooLarge("40 MB"), False),
    ],
)
def test_no_response_is_a_failure_unless_the_gateway_is_the_reason(
    failure: TransportError, counts: bool
) -> None:
    assert is_vendor_failure(failure) is counts


def test_an_open_circuit_shows_at_every_limit_of_its_bucket_and_else_alone() -> None:
    active = RateLimitState(ONE.bucket, ONE.customer_id, 1, 1, 5, paused_for_s=9.0)
    other = RateLimitState(UpstreamBucket.AUDIT, None, 1, 0, None, paused_for_s=None)
    merged = merge_open_circuits([active, other], {ONE.bucket: 5.0, CATALOG.bucket: 3.0})
    assert merged == [
        replace(active, is_circuit_open=True),
        other,
        RateLimitState(CATALOG.bucket, None, 0, 0, None, 3.0, is_circuit_open=True),
    ]
