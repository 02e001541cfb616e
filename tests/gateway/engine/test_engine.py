"""What the engine keeps, and what it hands on."""

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


class Loud(SchemaExtension):
    """Stands in front of every resolver."""

    def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
        return str(_next(root, info, *args, **kwargs)).upper()


@pytest.fixture
def engine() -> Engine:
    return Engine(QuietSchema(Query), max_documents=2)


def test_a_document_is_prepared_once(engine: Engine) -> None:
    assert engine.prepare("{ greeting }") is engine.prepare("{ greeting }")


def test_documents_beyond_the_bound_are_forgotten(engine: Engine) -> None:
    first = engine.prepare("{ greeting }")
    engine.prepare("{ a: greeting }")
    engine.prepare("{ b: greeting }")

    assert engine.prepare("{ greeting }") is not first


def test_invalid_documents_push_out_no_others(engine: Engine) -> None:
    first = engine.prepare("{ greeting }")
    for text in ("{ nothing }", "{", "{ greeting(name: 1) }"):
        with pytest.raises(InvalidDocument):
            engine.prepare(text)

    assert engine.prepare("{ greeting }") is first


def test_an_invalid_document_says_everything_that_is_wrong(engine: Engine) -> None:
    with pytest.raises(InvalidDocument, match=r"'one'.*'two'") as caught:
        engine.prepare("{ one two }")

    assert [error.locations for error in caught.value.errors] != [None, None]
    assert all(isinstance(error, GraphQLError) for error in caught.value.errors)


def test_what_reads_documents_is_the_callers_choice() -> None:
    engine = Engine(QuietSchema(Query), parse=partial(parse, max_tokens=3))
    engine.prepare("{ greeting }")

    with pytest.raises(InvalidDocument, match="more than 3 tokens"):
        engine.prepare("{ greeting __typename }")


def test_rules_are_the_callers_choice() -> None:
    engine = Engine(QuietSchema(Query), rules=[NoUnusedVariablesRule])
    engine.prepare("{ nothing }")

    with pytest.raises(InvalidDocument, match="never used"):
        engine.prepare("query ($unused: Int) { nothing }")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Read", OperationType.QUERY), ("Write", OperationType.MUTATION), (None, None), ("x", None)],
)
def test_a_prepared_document_tells_the_type_of_its_operations(
    name: str | None, expected: OperationType | None
) -> None:
    text = "query Read { number } mutation Write { changeAtOnce { number } }"
    operation = Engine(every_kind_schema()).prepare(text).operation(name)

    assert (None if operation is None else operation.type) is expected


@pytest.mark.parametrize(
    ("text", "is_plannable"),
    [
        pytest.param("{ greeting @skip(if: false) }", True, id="a condition"),
        pytest.param("{ __typename }", True, id="a name of a type"),
        pytest.param("{ __schema { description } }", False, id="introspection"),
        pytest.param(
            "query @experimental_disableErrorPropagation { greeting }", False, id="a directive"
        ),
    ],
)
def test_what_plans_cannot_do_is_handed_on(text: str, is_plannable: bool) -> None:
    operation = Engine(QuietSchema(Query), rules=[]).prepare(text).operation()

    assert operation is not None
    assert operation.is_plannable is is_plannable


async def test_a_condition_that_is_neither_true_nor_false_is_graphql_cores_to_explain(
    engine: Engine,
) -> None:
    text = "query ($t: Boolean = true) { greeting @skip(if: $t) }"

    result = await engine.execute(text, variables={"t": None})

    assert result.data is None
    assert result.errors
    assert "if" in result.errors[0].message


async def test_each_truth_of_a_condition_has_its_plan(engine: Engine) -> None:
    text = "query ($t: Boolean!) { greeting @skip(if: $t) other: greeting }"

    results = [await engine.execute(text, variables={"t": truth}) for truth in (True, False)]

    assert [list(result.data or ()) for result in results] == [["other"], ["greeting", "other"]]


async def test_a_schema_with_extensions_is_executed_with_all_of_them() -> None:
    engine = Engine(QuietSchema(Query, extensions=[Loud]))

    result = await engine.execute("{ greeting }")

    assert result.data == {"greeting": "HELLO, YOU"}


@strawberry.directive(locations=[DirectiveLocation.FIELD])
def shouted(value: DirectiveValue[str]) -> str:
    """Change a value after its resolver."""
    return value.upper()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{ greeting }", "Hello, you"), ("{ greeting @shouted }", "HELLO, YOU")],
)
async def test_directives_of_the_schema_are_obeyed(text: str, expected: str) -> None:
    engine = Engine(QuietSchema(Query, directives=[shouted]))

    result = await engine.execute(text)

    assert result.data == {"greeting": expected}


async def test_fragments_within_fragments_cost_only_what_the_data_reaches() -> None:
    levels = 60
    fragments = (
        f"fragment F{n} on Thing {{ a: child {{ ...F{n + 1} }} b: child {{ ...F{n + 1} }} }}"
        for n in range(levels)
    )
    text = f"{{ thing(number: 3) {{ ...F0 }} }} {' '.join(fragments)}"
    engine = Engine(every_kind_schema(), rules=[])

    result = await engine.execute(f"{text} fragment F{levels} on Thing {{ number }}")

    assert result.data == {"thing": {"a": None, "b": None}}


async def test_one_of_several_operations_must_be_named(engine: Engine) -> None:
    """Strawberry would run the first, against the specification."""
    text = "query A { greeting } query B { b: greeting }"

    unnamed = await engine.execute(text)
    named = await engine.execute(text, operation_name="B")

    assert unnamed.data is None
    assert [error.message for error in unnamed.errors or ()] == [
        "Must provide operation name if query contains multiple operations."
    ]
    assert named.data == {"b": "Hello, you"}
