"""Differences that make two documents different, and those that do not."""

import pytest
from graphql import parse

from gateway.persisted.normalization import normalize

REGISTERED = """
mutation Buy($input: Input!) { buy(input: $input) { id ...Lines } }
fragment Lines on Order { lines { sku } }
"""
SAME = [
    """mutation Buy($input: Input!) {
  buy(input: $input) {
    id
    ...Lines
    __typename
  }
}

fragment Lines on Order {
  lines {
    __typename
    sku
  }
  __typename
}""",
    """# Apollo sorts definitions
fragment Lines on Order { __typename lines { sku, __typename } }
mutation Buy($input: Input!) { __typename buy(input: $input) { __typename id ...Lines } }""",
]
OTHER = [
    REGISTERED.replace("sku", "sku price"),
    REGISTERED.replace("{ id ...", "{ ..."),
    REGISTERED.replace("$input: Input!", "$input: Input! = {}"),
    REGISTERED.replace("buy(input: $input)", "buy(input: {amount: 1})"),
    REGISTERED.replace("buy(input", "second: buy(input"),
    REGISTERED.replace("id ...", "kind: __typename id ..."),
    REGISTERED.replace("id ...", "__typename @include(if: true) id ..."),
    REGISTERED + "query Ask { a }",
]


@pytest.mark.parametrize("text", SAME, ids=["urql", "Apollo"])
def test_layout_order_of_definitions_and_added_typenames_change_nothing(text: str) -> None:
    assert normalize(parse(text)) == normalize(parse(REGISTERED))


@pytest.mark.parametrize("text", OTHER)
def test_whatever_else_differs_makes_another_document(text: str) -> None:
    assert normalize(parse(text)) != normalize(parse(REGISTERED))
