"""The engine resolves every kind of field as Strawberry does."""

import asyncio
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar

import pytest
import strawberry
from strawberry import relay
from strawberry.extensions import FieldExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import InputContext
from strawberry.types.base import get_object_definition

from gateway.engine import Engine
from tests.gateway.engine.every_kind import QuietSchema
from tests.gateway.engine.result_equality import Equality, compare_results

T = TypeVar("T")


class Doubling(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return next_(source, info, **kwargs) * 2


class NamedInfo(strawberry.Info):
    @property
    def shout(self) -> str:
        return self.field_name.upper()


@strawberry.interface
class Animal:
    name: str

    @classmethod
    async def resolve_type(cls, value: Any, info: Any, type_: Any) -> str:
        await asyncio.sleep(0)
        return "Dog" if value.name == "dog" else "Nothing"


async def is_cat(value: Any, info: Any) -> bool:
    await asyncio.sleep(0)
    return bool(value.name == "cat")


@strawberry.type
class Dog(Animal):
    barks: bool = True


@strawberry.type
class Cat:
    name: str

    @classmethod
    def is_type_of(cls, value: Any, info: Any) -> Any:
        return is_cat(value, info)


@strawberry.type
class Box(Generic[T]):
    content: T
    contents: list[T]


@strawberry.type
class Book(relay.Node):
    id: relay.NodeID[int]
    title: str

    @classmethod
    def resolve_nodes(  # type: ignore[override] # whether nodes are required makes no difference
        cls, *, node_ids: Sequence[str], **_: Any
    ) -> "list[Book]":
        return [Book(id=int(node_id), title=f"Book {node_id}") for node_id in node_ids]


@strawberry.input
class Range:
    low: int
    high: int = 10


def range_of_input(type_: type, value: Mapping[str, Any], context: InputContext) -> str:
    """Build the value as Strawberry's integrations do, with the info of the field."""
    assert context.info is not None
    return f"{value['low']}-{value['high']} at {context.info.field_name}"


get_object_definition(Range, strict=True).from_input = range_of_input


def format_number(prefix: str, number: int) -> str:
    return f"{prefix} {number}"


def of_parent(parent: strawberry.Parent[Any], info: NamedInfo) -> str:
    return f"{type(parent).__name__} {info.shout}"


@strawberry.type
class UnusualFields:
    number: int = 3
    extended: int = strawberry.field(extensions=[Doubling()], default=2)
    class_: str = strawberry.field(name="class", default="keyword")

    @strawberry.field
    @staticmethod
    def static(number: int = 1) -> int:
        return number

    @strawberry.field
    @classmethod
    def of_class(cls) -> str:
        return cls.__name__

    partly: str = strawberry.field(resolver=functools.partial(format_number, "partly"))
    parental: str = strawberry.field(resolver=of_parent)

    @strawberry.field
    def ranged(self, range: Range) -> str:
        return str(range)

    @strawberry.field
    def known(self, id: relay.GlobalID) -> str:
        return repr(id)

    @strawberry.field
    async def helped(self, info: strawberry.Info) -> list[int]:
        async def number(value: int) -> int:
            await asyncio.sleep(0)
            return value

        helpers = info._raw_info.async_helpers
        helpers.track([number(0), 1])
        assert info._raw_info.is_awaitable(1) is False
        assert info._raw_info.abort_signal is None
        gathered: list[int] = await helpers.gather([number(1), number(2)])
        return gathered

    @strawberry.field
    def animals(self) -> list[Animal]:
        return [Dog(name="dog"), Dog(name="wolf")]

    @strawberry.field
    def dog(self) -> Animal:
        return Dog(name="dog")

    @strawberry.field
    def cats(self) -> list[Cat | None]:
        return [Cat(name="cat"), Cat(name="dog")]

    @strawberry.field
    def numbers(self) -> Box[int]:
        return Box(content=1, contents=[2])

    @strawberry.field
    def boxes(
        self,
    ) -> list[Annotated[Box[int] | Box[str], strawberry.union("Boxes")]]:
        return [Box(content=1, contents=[2]), Box(content="a", contents=["b"])]


def build_schema(config: StrawberryConfig) -> QuietSchema:
    # A connection can be part of only one schema, so that each schema has its own root.

    @strawberry.type
    class Query:
        node: relay.Node = relay.node()

        @relay.connection(relay.ListConnection[Book])
        def books(self) -> list[Book]:
            return [Book(id=number, title=f"Book {number}") for number in range(5)]

        @strawberry.field
        def odd(self) -> UnusualFields | None:
            return UnusualFields()

    return QuietSchema(Query, types=[Dog, Book], config=config)


DOCUMENTS = [
    "{ odd { number extended class static a: static(number: 2) ofClass parental } }",
    "{ odd { partly(number: 4) ranged(range: {low: 1}) helped } }",
    "query ($r: Range!, $id: ID!) { odd { ranged(range: $r) known(id: $id) } }",
    "{ odd { dog { __typename name ... on Dog { barks } } } }",
    "{ odd { animals { name } } }",
    "{ odd { cats { name } } }",
    "{ odd { numbers { content contents } boxes { __typename ... on IntBox { content } } } }",
    "query ($id: ID!) { node(id: $id) { id ... on Book { title } } }",
    "{ books(first: 2) { edges { cursor node { id title } } pageInfo { hasNextPage } } }",
]
VARIABLES = {"r": {"low": 2}, "id": relay.to_base64("Book", "2")}


def from_mapping(source: Any, name: str) -> Any:
    return (
        f"{name} from the default resolver of the schema"
        if name == "class_"
        else getattr(source, name)
    )


CONFIGS: list[Any] = [
    pytest.param(lambda: StrawberryConfig(info_class=NamedInfo), id="usual"),
    pytest.param(
        lambda: StrawberryConfig(info_class=NamedInfo, default_resolver=from_mapping),
        id="its own default resolver",
    ),
    pytest.param(
        lambda: StrawberryConfig(info_class=NamedInfo, auto_camel_case=False),
        id="names as in Python",
    ),
]


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("text", DOCUMENTS)
async def test_fields_have_the_same_results(
    text: str, config: Callable[[], StrawberryConfig]
) -> None:
    schema = build_schema(config())
    engine = Engine(schema)
    expected = await schema.execute(text, VARIABLES)

    for _ in range(2):
        actual = await engine.execute(text, variables=VARIABLES)
        assert compare_results(expected, actual) is not Equality.DIFFERENT, (expected, actual)
