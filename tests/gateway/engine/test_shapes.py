"""Records are what dictionaries are, once they are encoded."""

import msgspec
import pytest
import strawberry

from gateway.engine import Engine, plain, record
from gateway.engine.shapes import Record
from resolvers.graph import build_graph
from tests.gateway.engine.fake_directory import FakeDirectory, fake_context
from tests.gateway.engine.kinds import QuietSchema


@strawberry.type
class Leaf:
    name: str | None = "leaf"
    tags: list[str] = strawberry.field(default_factory=lambda: ["a", "b"])

    @strawberry.field
    async def later(self) -> "Leaf":
        return Leaf(name="later")

    @strawberry.field
    def fails(self) -> str | None:
        raise ValueError("refused")


@strawberry.type
class Query:
    @strawberry.field
    def leaves(self) -> list[Leaf]:
        return [Leaf(), Leaf(name=None)]


SCHEMA = QuietSchema(Query)
DICTIONARIES, RECORDS = Engine(SCHEMA), Engine(SCHEMA, shape=record)


@pytest.mark.parametrize(
    "selection",
    [
        "name tags",
        "later { name later { __typename name } }",
        "fails name",
        "class: name None: name __init__: name f0: name attribute_of: name __struct_fields__: name",
        "name @skip(if: true)",
    ],
)
async def test_records_encode_as_dictionaries_do(selection: str) -> None:
    text = f"{{ leaves {{ {selection} }} }}"
    expected = (await DICTIONARIES.execute(text)).data
    found = (await RECORDS.execute(text)).data

    assert msgspec.json.encode(found) == msgspec.json.encode(expected)
    assert plain(found) == expected


async def test_this_projects_graph_runs_on_plans_with_incremental_delivery_on() -> None:
    graph = build_graph()
    engine = Engine(graph, shape=record)
    text = '{ offers(country: "US", first: 1) { nodes { id } } }'
    result = await engine.execute(text, context=fake_context(FakeDirectory()))

    assert graph.config.enable_experimental_incremental_execution
    assert result.data is not None
    assert isinstance(result.data["offers"], Record)
