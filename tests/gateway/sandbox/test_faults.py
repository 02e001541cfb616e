import pytest

from gateway.sandbox.faults import Fault, FaultKind, FaultScript, Target

READ = Target("get_customer", "C1")
UPGRADE = Target("perform_upgrade", "C1", "S1")


def take_repeatedly(script: FaultScript, target: Target, times: int) -> list[bool]:
    return [bool(script.take(target).faults) for _ in range(times)]


def test_a_fault_affects_only_the_next_call_by_default() -> None:
    script = FaultScript()
    script.add(Fault(FaultKind.STATUS))
    assert take_repeatedly(script, READ, 3) == [True, False, False]
    assert len(script) == 0


@pytest.mark.parametrize(
    ("skip", "times", "expected"),
    [
        (0, 2, [True, True, False, False]),
        (0, None, [True, True, True, True]),
        (2, 1, [False, False, True, False]),
        (1, None, [False, True, True, True]),
    ],
    ids=["next two", "every", "third", "from the second on"],
)
def test_skip_and_times_decide_which_calls_are_affected(
    skip: int, times: int | None, expected: list[bool]
) -> None:
    script = FaultScript()
    script.add(Fault(FaultKind.LATENCY, skip=skip, times=times))
    assert take_repeatedly(script, READ, 4) == expected


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(FaultKind.STATUS, operation="perform_upgrade"), [False, True]),
        (Fault(FaultKind.STATUS, customer_id="c1"), [True, True]),
        (Fault(FaultKind.STATUS, customer_id="c2"), [False, False]),
        (Fault(FaultKind.STATUS, subscription_id="s1"), [False, True]),
    ],
    ids=["operation", "customer", "other customer", "subscription"],
)
def test_a_fault_affects_the_calls_that_it_names(fault: Fault, expected: list[bool]) -> None:
    for target, is_hit in zip((READ, UPGRADE), expected, strict=True):
        script = FaultScript()
        script.add(fault)
        assert take_repeatedly(script, target, 1) == [is_hit]


def test_calls_that_do_not_match_are_not_counted() -> None:
    script = FaultScript()
    script.add(Fault(FaultKind.STATUS, operation="perform_upgrade", skip=1))
    assert take_repeatedly(script, READ, 5) == [False] * 5
    assert take_repeatedly(script, UPGRADE, 2) == [False, True]


def test_several_faults_can_affect_one_call() -> None:
    script = FaultScript()
    script.add(Fault(FaultKind.LATENCY, seconds=2), Fault(FaultKind.LATENCY, seconds=3))
    matched = script.take(READ)
    assert matched.total_seconds(FaultKind.LATENCY) == 5
    assert matched.find_first(FaultKind.STATUS) is None


def test_clearing_removes_the_pending_faults() -> None:
    script = FaultScript()
    script.add(Fault(FaultKind.STATUS, times=None))
    script.clear()
    assert take_repeatedly(script, READ, 1) == [False]


def test_a_release_ends_the_hold_and_removes_hold_faults() -> None:
    script = FaultScript()
    script.add(Fault(FaultKind.HOLD, times=None), Fault(FaultKind.STATUS, times=None))
    held = script.take(READ)
    assert held.find_first(FaultKind.HOLD)
    assert not held.released.is_set()
    script.release()
    assert held.released.is_set()
    assert [fault.kind for fault in script.take(READ)] == [FaultKind.STATUS]


def test_a_release_does_not_affect_later_holds() -> None:
    script = FaultScript()
    script.release()
    script.add(Fault(FaultKind.HOLD))
    assert not script.take(READ).released.is_set()


def test_clearing_releases_held_calls() -> None:
    script = FaultScript()
    script.add(Fault(FaultKind.HOLD))
    held = script.take(READ)
    script.clear()
    assert held.released.is_set()


def test_unknown_operations_are_rejected() -> None:
    with pytest.raises(ValueError, match="unknown operation 'buy'; expected one of create_product"):
        Fault(FaultKind.STATUS, operation="buy")


def test_faults_are_parsed_from_json() -> None:
    fault = Fault.from_json({"kind": "throttled", "operation": "list_offers", "times": None})
    assert fault == Fault(FaultKind.THROTTLED, operation="list_offers", times=None)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"kind": "explode"}, "unknown kind 'explode'; expected one of latency"),
        ({}, "unknown kind 'None'"),
        ({"kind": "latency", "delay": 1}, "unknown members delay; expected any of code"),
    ],
)
def test_the_error_for_invalid_json_lists_the_known_values(
    body: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Fault.from_json(body)


def test_the_script_reports_the_number_of_matching_calls() -> None:
    script = FaultScript()
    script.add(Fault(FaultKind.STATUS, skip=5))
    script.take(READ)
    assert script.to_json()[0]["seen"] == 1
    assert script.to_json()[0]["kind"] == "status"
