"""The length of backoffs, also if the clock changes meanwhile."""

import pytest

from gateway.operations.model.steps import Backoff, Blocker, CheckResult
from gateway.operations.presenter import operation_to_graphql
from gateway.operations.snapshot import replay
from gateway.operations.workflow import _remaining_s
from tests.support.clock import FakeClock
from tests.support.fake_partner import FakePartner, make_record

DECIDED_AT = 1_000_000.0
PAUSE_S = 60.0


@pytest.mark.parametrize(
    ("passed_s", "remaining_s"),
    [(0, 60), (20, 40), (60, 0), (7200, 0), (-7200, 60), (-1, 60)],
    ids=["at once", "resumed", "just over", "set forward", "set back 2 h", "set back 1 s"],
)
def test_a_wait_is_never_longer_than_decided(passed_s: float, remaining_s: float) -> None:
    waiting = Backoff(reason="429", until=DECIDED_AT + PAUSE_S, delay_s=PAUSE_S)
    assert _remaining_s(waiting, DECIDED_AT + passed_s) == remaining_s


def test_a_wait_of_an_earlier_version_is_limited_to_the_longest_retry_after() -> None:
    waiting = Backoff(reason="429", until=DECIDED_AT + PAUSE_S)
    assert _remaining_s(waiting, DECIDED_AT - 7200) == 3600


def test_a_wait_for_the_caller_has_no_end() -> None:
    assert _remaining_s(Backoff(reason="its caller"), DECIDED_AT) is None


@pytest.mark.parametrize("until", [1e20, 1e308])
def test_a_wait_beyond_the_last_date_is_shown_with_the_last_date(until: float) -> None:
    steps = [
        CheckResult(at=DECIDED_AT, blocker=Blocker(message="429", retry_after_s=until)),
        Backoff(reason="429", until=until),
    ]
    found = operation_to_graphql(replay(make_record(), steps, None), FakePartner(FakeClock()))
    assert found.retry_at is not None
    assert found.retry_at.year == 9999
