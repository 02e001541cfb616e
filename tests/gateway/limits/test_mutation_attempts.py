from typing import Any

import pytest

from gateway.engine import Engine
from gateway.limits.mutation_attempts import count_mutation_attempts
from resolvers.graph import build_graph

ENGINE = Engine(build_graph())
BATCH = 'upgradeSubscriptions(input: {idempotencyKey: "a", lines: %s}) { batch { id } }'
LINE = '{customerId: "a", subscriptionId: "b", targetOfferId: "c", upgradeType: UPGRADE_ONLY}'
CANCEL = 'cancelBatch(input: {batchId: "a"}) { batch { id } }'
FRAGMENT = f"fragment F on Mutation {{ {CANCEL} }}"
VARIABLE = "mutation ($lines: [UpgradeLineInput!]! = [%s]) { " + BATCH % "$lines" + " }"
INPUT = (
    "mutation ($input: UpgradeSubscriptionsInput!)"
    " { upgradeSubscriptions(input: $input) { batch { id } } }"
)


@pytest.mark.parametrize(
    ("text", "variables", "attempts"),
    [
        (f"mutation {{ {CANCEL} }}", None, 1),
        (f"mutation {{ a: {CANCEL} b: {CANCEL} }}", None, 2),
        (f"mutation {{ a: {CANCEL} a: {CANCEL} }}", None, 1),
        (f"mutation {{ ...F ... {{ b: {CANCEL} }} }} {FRAGMENT}", {}, 2),
        (f"mutation {{ ...F ...F }} {FRAGMENT}", None, 1),
        ("mutation { __typename }", None, 1),
        ("mutation { %s }" % (BATCH % f"[{LINE}, {LINE}, {LINE}]"), None, 3),
        ("mutation { %s }" % (BATCH % LINE), None, 1),
        ("mutation { %s }" % (BATCH % "[]"), None, 1),
        (VARIABLE % LINE, {"lines": [{}] * 5000}, 5000),
        (VARIABLE % f"{LINE}, {LINE}", None, 2),
        (INPUT, {"input": {"lines": [{}] * 7}}, 7),
        (INPUT, {"input": 5}, 1),
        (INPUT, None, 1),
    ],
    ids=[
        "one",
        "two aliases",
        "merged",
        "in fragments",
        "a fragment spread twice",
        "no field",
        "lines",
        "one line without a list",
        "no line",
        "lines in a variable",
        "lines by default",
        "a variable of everything",
        "a wrong variable",
        "a variable that is missing",
    ],
)
def test_each_root_field_and_each_line_is_one_attempt(
    text: str, variables: dict[str, Any] | None, attempts: int
) -> None:
    operation = ENGINE.prepare(text).operation()
    assert operation is not None
    assert count_mutation_attempts(operation, variables) == attempts
