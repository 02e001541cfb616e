from functools import partial
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, NoUnusedVariablesRule, OperationType, parse
from strawberry.directive import DirectiveLocation, DirectiveValue
from strawberry.extensions import SchemaExtension

from gateway.engine import Engine, InvalidDocument
from tests.gateway.engine.every_kind import QuietSchema, every_kind_schema


@strawberry.type
class Query:
    @strawberry.field
    def greeting(self, name: str = "you") -> str:
        return f"Hello, {name}"


class UpperCaseExtension(SchemaExtension):
    def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
        return str(_next(root, info, *args, **kwargs)).upper()


@pytest.fixture
def engine() -> Engine:
    return Engine(QuietSchema(Query), max_documents=2)


def test_a_document_is_prepared_once(engine: Engine) -> None:
    assert engine.prepare("{ greeting }") is engine.prepare("{ greeting }")


def test_the_cache_of_documents_has_a_maximum_size(engine: Engine) -> None:
    first = engine.prepare("{ greeting }")
    engine.prepare("{ a: greeting }")
    engine.prepare("{ b: greeting }")

    assert engine.prepare("{ greeting }") is not first


def test_invalid_documents_displace_no_others(engine: Engine) -> None:
    first = engine.prepare("{ greeting }")
    for text in ("{ nothing }", "{", "{ greeting(name: 1) }"):
        with pytest.raises(InvalidDocument):
            engine.prepare(text)

    assert engine.prepare("{ greeting }") is first


def test_an_invalid_document_has_all_errors(engine: Engine) -> None:
    with pytest.raises(InvalidDocument, match=r"'one'.*'two'") as caught:
        engine.prepare("{ one two }")

    assert [error.locations for error in caught.value.errors] != [None, None]
    assert all(isinstance(error, GraphQLError) for error in caught.value.errors)


def test_the_parser_can_be_replaced() -> None:
    engine = Engine(QuietSchema(Query), parse=partial(parse, max_tokens=3))
    engine.prepare("{ greeting }")

    with pytest.raises(InvalidDocument, match="more than 3 tokens"):
        engine.prepare("{ greeting __typename }")


def test_the_validation_rules_can_be_replaced() -> None:
    engine = Engine(QuietSchema(Query), rules=[NoUnusedVariablesRule])
    engine.prepare("{ nothing }")

    with pytest.raises(InvalidDocument, match="never used"):
        engine.prepare("query ($unused: Int) { nothing }")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Read", OperationType.QUERY), ("Write", OperationType.MUTATION), (None, None), ("x", None)],
)
def test_a_prepared_document_has_the_types_of_its_operations(
    name: str | None, expected: OperationType | None
) -> None:
    text = "query Read { number } mutation Write { changeAtOnce { number } }"
    operation = Engine(every_kind_schema()).prepare(text).operation(name)

    assert (None if operation is None else operation.type) is expected


@pytest.mark.parametrize(
    ("text", "is_plannable"),
    [
        pytest.param("{ greeting @skip(if: false) }", True, id="a condition"),
        pytest.param("{ __typename }", True, id="a type name"),
        pytest.param("{ __schema { description } }", False, id="introspection"),
        pytest.param(
            "query @experimental_disableErrorPropagation { greeting }", False, id="a directive"
        ),
    ],
)
def test_a_document_that_plans_do_not_support_is_not_plannable(
    text: str, is_plannable: bool
) -> None:
    operation = Engine(QuietSchema(Query), rules=[]).prepare(text).operation()

    assert operation is not None
    assert operation.is_plannable is is_plannable


async def test_graphql_core_reports_a_condition_that_is_null(
    engine: Engine,
) -> None:
    text = "query ($t: Boolean = true) { greeting @skip(if: $t) }"

    result = await engine.execute(text, variables={"t": None})

    assert result.data is None
    assert result.errors
    assert "if" in result.errors[0].message


async def test_each_value_of_a_condition_has_its_own_plan(engine: Engine) -> None:
    text = "query ($t: Boolean!) { greeting @skip(if: $t) other: greeting }"

    results = [await engine.execute(text, variables={"t": value}) for value in (True, False)]

    assert [list(result.data or ()) for result in results] == [["other"], ["greeting", "other"]]


async def test_a_schema_with_extensions_is_executed_with_them() -> None:
    engine = Engine(QuietSchema(Query, extensions=[UpperCaseExtension]))

    result = await engine.execute("{ greeting }")

    assert result.data == {"greeting": "HELLO, YOU"}


@strawberry.directive(locations=[DirectiveLocation.FIELD])
def uppercase(value: DirectiveValue[str]) -> str:
    return value.upper()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{ greeting }", "Hello, you"), ("{ greeting @uppercase }", "HELLO, YOU")],
)
async def test_directives_of_the_schema_are_applied(text: str, expected: str) -> None:
    engine = Engine(QuietSchema(Query, directives=[uppercase]))

    result = await engine.execute(text)

    assert result.data == {"greeting": expected}


async def test_only_selections_that_data_reaches_are_compiled() -> None:
    levels = 60
    fragments = (
        f"fragment F{n} on Thing {{ a: child {{ ...F{n + 1} }} b: child {{ ...F{n + 1} }} }}"
        for n in range(levels)
    )
    text = f"{{ thing(number: 3) {{ ...F0 }} }} {' '.join(fragments)}"
    engine = Engine(every_kind_schema(), rules=[])

    result = await engine.execute(f"{text} fragment F{levels} on Thing {{ number }}")

    assert result.data == {"thing": {"a": None, "b": None}}


async def test_a_document_with_several_operations_needs_an_operation_name(engine: Engine) -> None:
    # Strawberry runs the first one, against the specification.
    text = "query A { greeting } query B { b: greeting }"

    unnamed = await engine.execute(text)
    named = await engine.execute(text, operation_name="B")

    assert unnamed.data is None
    assert [error.message for error in unnamed.errors or ()] == [
        "Must provide operation name if query contains multiple operations."
    ]
    assert named.data == {"b": "Hello, you"}
