import pytest
from graphql import OperationType

from gateway.limits.limit import Limit
from gateway.limits.variables import VariableLimits, check_nesting
from schema.errors import LimitExceeded

DEPTH = Limit("value_depth", 3)


@pytest.mark.parametrize(
    "json",
    [
        b"1",
        b"[[[1]]]",
        b'{"a": {"b": [1, 2]}, "c": {"d": {}}}',
        b'["[[[[[[", "\\"[[[[{{{{"]',
        b"[[], [], [], [], [{}, {}, {}]]",
    ],
)
def test_json_within_the_limit_is_accepted(json: bytes) -> None:
    check_nesting(json, DEPTH)


@pytest.mark.parametrize("json", [b"[[[[1]]]]", b'{"a": [{"b": {}}]}', b"[" * 400 + b"]" * 400])
def test_json_beyond_the_limit_is_rejected(json: bytes) -> None:
    with pytest.raises(LimitExceeded) as caught:
        check_nesting(json, DEPTH)
    assert caught.value.rule == "value_depth"


LIMITS = VariableLimits(Limit("variables_size", 20), Limit("variables_size", 40), DEPTH)


@pytest.mark.parametrize("variables", [None, {}, {"a": "short"}, {"a": [[1]]}])
def test_small_variables_are_accepted(variables: dict[str, object] | None) -> None:
    LIMITS.check(variables, OperationType.QUERY)


@pytest.mark.parametrize(
    ("variables", "rule"),
    [({"a": "x" * 20}, "variables_size"), ({"a": [[[]]]}, "value_depth")],
)
def test_large_or_deep_variables_are_rejected(variables: dict[str, object], rule: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        LIMITS.check(variables, OperationType.QUERY)
    assert caught.value.rule == rule


def test_the_variables_of_a_mutation_have_a_larger_limit() -> None:
    LIMITS.check({"a": "x" * 30}, OperationType.MUTATION)
    with pytest.raises(LimitExceeded):
        LIMITS.check({"a": "x" * 40}, OperationType.MUTATION)
