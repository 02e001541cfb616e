import msgspec
import pytest
import strawberry

from gateway.engine import Engine, record, to_plain
from gateway.engine.compile.result_types import ResultRecord
from resolvers.graph import build_graph
from tests.gateway.engine.every_kind import QuietSchema
from tests.gateway.engine.fake_directory import FakeDirectory, fake_context


@strawberry.type
class Item:
    name: str | None = "item"
    tags: list[str] = strawberry.field(default_factory=lambda: ["a", "b"])

    @strawberry.field
    async def later(self) -> "Item":
        return Item(name="later")

    @strawberry.field
    def fails(self) -> str | None:
        raise ValueError("failed")


@strawberry.type
class Query:
    @strawberry.field
    def items(self) -> list[Item]:
        return [Item(), Item(name=None)]


SCHEMA = QuietSchema(Query)
DICTIONARIES, RECORDS = Engine(SCHEMA), Engine(SCHEMA, result_type=record)


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
async def test_records_are_encoded_like_dictionaries(selection: str) -> None:
    text = f"{{ items {{ {selection} }} }}"
    expected = (await DICTIONARIES.execute(text)).data
    found = (await RECORDS.execute(text)).data

    assert msgspec.json.encode(found) == msgspec.json.encode(expected)
    assert to_plain(found) == expected


async def test_plans_execute_this_projects_graph_with_incremental_delivery_enabled() -> None:
    graph = build_graph()
    engine = Engine(graph, result_type=record)
    text = '{ offers(country: "US", first: 1) { nodes { id } } }'
    result = await engine.execute(text, context=fake_context(FakeDirectory()))

    assert graph.config.enable_experimental_incremental_execution
    assert result.data is not None
    assert isinstance(result.data["offers"], ResultRecord)
