"""Runs documents on graphql-core and on the engine."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from strawberry.schema import Schema
from strawberry.types import ExecutionResult

from gateway.engine import Engine, plain, record
from resolvers.graph import build_graph
from tests.gateway.engine.documents import Document, DocumentWriter
from tests.gateway.engine.equality import Likeness, likeness
from tests.gateway.engine.fake_directory import FakeDirectory, fake_context, guid
from tests.gateway.engine.kinds import kinds_schema

EXTENSIONS = {"asked": "by a test"}
MISSING_GUID = "00000000-0000-4000-8000-000000000009"


@dataclass(slots=True)
class Comparison:
    """A schema, its engine and what its documents ask with."""

    name: str
    schema: Schema
    engine: Engine
    encoding: Engine
    context: Callable[[], Any]
    values: dict[str, list[Any]]

    def writer(self, seed: int) -> DocumentWriter:
        """Make a writer of documents for the schema."""
        return DocumentWriter(self.schema._schema, seed, self.values)

    async def compare(self, document: Document) -> Likeness:
        """Run a document both ways, more than once by plans: first uses differ from later ones."""
        expected = await self.by_core(document)
        results = [await self.by_engine(document) for _ in range(2)]
        results.append(await self.by_records(document))
        found = [likeness(expected, result) for result in results]
        return max(found, key=list(Likeness).index)

    async def by_core(self, document: Document) -> Any:
        """Run it as Strawberry does."""
        return await self.schema.execute(
            document.text,
            document.variables,
            self.context(),
            root_value="root",
            operation_extensions=EXTENSIONS,
        )

    async def by_engine(self, document: Document) -> Any:
        """Run it through a plan."""
        return await self._by(self.engine, document)

    async def by_records(self, document: Document) -> Any:
        """Run it through a plan that makes records, and make dictionaries of them."""
        result = await self._by(self.encoding, document)
        return ExecutionResult(plain(result.data), result.errors)

    async def _by(self, engine: Engine, document: Document) -> Any:
        return await engine.execute(
            document.text,
            variables=document.variables,
            context=self.context(),
            root_value="root",
            operation_extensions=EXTENSIONS,
        )


def graph_comparison() -> Comparison:
    """Compare over this project's own schema and a directory in memory."""
    graph = build_graph()
    ids = [guid(1), guid(2), guid(3), MISSING_GUID, "no GUID"]
    values: dict[str, list[Any]] = {
        "id": [*ids, "offer-1", "offer-9"],
        "customerId": ids,
        "upgradeId": ids,
        "country": ["US", "DE", "x"],
        "locale": ["en-US"],
        "first": [1, 2, 3, 0],
        "after": [None, "x"],
        "categoryId": ["a", None, "9"],
        "nodeId": ["WyJPZmZlciIsIm9mZmVyLTEiLCJVUyIsImVuLVVTIl0", "x"],
    }
    return Comparison(
        "this project's schema",
        graph,
        Engine(graph),
        Engine(graph, shape=record),
        lambda: fake_context(FakeDirectory()),
        values,
    )


def kinds_comparison() -> Comparison:
    """Compare over a schema with every kind of type."""
    schema = kinds_schema()
    values: dict[str, list[Any]] = {
        "number": list(range(9)),
        "start": list(range(9)),
        "near": ["a"],
        "step": list(range(5)),
        "count": [0, 1, 2, 4],
    }
    return Comparison(
        "every kind of type",
        schema,
        Engine(schema),
        Engine(schema, shape=record),
        lambda: {"log": []},
        values,
    )
