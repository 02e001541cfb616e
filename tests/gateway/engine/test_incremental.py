from collections.abc import AsyncGenerator
from typing import Any

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from gateway.engine import Engine, InvalidDocument


@strawberry.type
class NumberList:
    numbers: list[int]


@strawberry.type
class Query:
    @strawberry.field
    def thing(self) -> NumberList:
        return NumberList(numbers=[1, 2])


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def things(self) -> AsyncGenerator[NumberList, None]:
        yield NumberList(numbers=[1, 2])


CONFIG = StrawberryConfig(enable_experimental_incremental_execution=True)
ENGINE = Engine(strawberry.Schema(Query, subscription=Subscription, config=CONFIG))


def check(text: str, variables: dict[str, Any]) -> None:
    operation = ENGINE.prepare(text).operation("A")
    assert operation is not None
    operation.check_incremental(variables)


@pytest.mark.parametrize(
    ("text", "variables", "message"),
    [
        ("query A { thing { numbers @stream(initialCount: -1) } }", {}, "but is -1"),
        (
            "query A($n: Int) { thing { ...F } }"
            " fragment F on NumberList { numbers @stream(initialCount: $n) }",
            {"n": None},
            "but is null",
        ),
        (
            "query A($n: Int) { ... { thing { ... @defer { numbers @stream(initialCount: $n) }}}}",
            {"n": -(2**31)},
            "but is -2147483648",
        ),
        (
            "query A($if: Boolean) { thing { ... @defer(if: $if) { numbers } } }",
            {"if": None},
            "not to be None",
        ),
        (
            "subscription A($if: Boolean!) { things { numbers @stream(if: $if) } }",
            {"if": True},
            "@stream is not supported in subscriptions",
        ),
        (
            "subscription A($if: Boolean!) { things { ... @defer(if: $if) { numbers } } }",
            {"if": True},
            "@defer is not supported in subscriptions",
        ),
    ],
    ids=["literal", "fragment", "nested", "condition", "subscribed stream", "subscribed defer"],
)  # fmt: skip
def test_an_invalid_argument_is_reported_before_execution(
    text: str, variables: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidDocument, match=message) as found:
        check(text, variables)
    assert found.value.errors[0].locations


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("query A { thing { numbers @stream } }", {}),
        ("query A($n: Int) { thing { numbers @stream(initialCount: $n) } }", {}),
        ("query A($if: Boolean) { thing { numbers @stream(if: $if) } }", {}),
        ("query A { thing { numbers @stream(if: false, initialCount: -1) } }", {}),
        ("subscription A($if: Boolean!) { things { numbers @stream(if: $if) } }", {"if": False}),
        ("query A { thing { numbers }} query B { thing { numbers @stream(initialCount: -1) }}", {}),
        ("query A($n: Int) { thing { numbers @stream(initialCount: $n) } }", {"n": "x"}),
    ],
    ids=["default", "absent", "absent condition", "off", "off by variable", "another operation",
         "reported by execution"],
)  # fmt: skip
def test_valid_arguments_are_accepted(text: str, variables: dict[str, Any]) -> None:
    check(text, variables)
