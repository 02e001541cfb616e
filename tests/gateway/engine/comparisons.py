"""Executes documents on graphql-core and on the engine, and compares the results."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from strawberry.schema import Schema
from strawberry.types import ExecutionResult

from gateway.engine import Engine, record, to_plain
from resolvers.graph import build_graph
from tests.gateway.engine.document_writer import DocumentWriter, RandomDocument
from tests.gateway.engine.every_kind import every_kind_schema
from tests.gateway.engine.fake_directory import FakeDirectory, fake_context, guid
from tests.gateway.engine.result_equality import Equality, compare_results

EXTENSIONS = {"sent": "by a test"}
MISSING_GUID = "00000000-0000-4000-8000-000000000009"


@dataclass(slots=True)
class EngineComparison:
    """A schema, its engines, and the argument values for its random documents.

    Attributes:
        encoding: an engine whose results are records.
    """

    name: str
    schema: Schema
    engine: Engine
    encoding: Engine
    context: Callable[[], Any]
    values: dict[str, list[Any]]

    def writer(self, seed: int) -> DocumentWriter:
        return DocumentWriter(self.schema._schema, seed, self.values)

    async def compare(self, document: RandomDocument) -> Equality:
        """Return the least equality of several executions; a plan's first use is special."""
        expected = await self.with_graphql_core(document)
        results = [await self.with_engine(document) for _ in range(2)]
        results.append(await self.with_records(document))
        equalities = [compare_results(expected, result) for result in results]
        return max(equalities, key=list(Equality).index)

    async def with_graphql_core(self, document: RandomDocument) -> Any:
        return await self.schema.execute(
            document.text,
            document.variables,
            self.context(),
            root_value="root",
            operation_extensions=EXTENSIONS,
        )

    async def with_engine(self, document: RandomDocument) -> Any:
        return await self._execute(self.engine, document)

    async def with_records(self, document: RandomDocument) -> Any:
        result = await self._execute(self.encoding, document)
        return ExecutionResult(to_plain(result.data), result.errors)

    async def _execute(self, engine: Engine, document: RandomDocument) -> Any:
        return await engine.execute(
            document.text,
            variables=document.variables,
            context=self.context(),
            root_value="root",
            operation_extensions=EXTENSIONS,
        )


def graph_comparison() -> EngineComparison:
    """Compare on this project's schema, with a fake directory."""
    graph = build_graph()
    ids = [guid(1), guid(2), guid(3), MISSING_GUID, "not a GUID"]
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
    return EngineComparison(
        "this project's schema",
        graph,
        Engine(graph),
        Engine(graph, result_type=record),
        lambda: fake_context(FakeDirectory()),
        values,
    )


def every_kind_comparison() -> EngineComparison:
    schema = every_kind_schema()
    values: dict[str, list[Any]] = {
        "number": list(range(9)),
        "start": list(range(9)),
        "near": ["a"],
        "step": list(range(5)),
        "count": [0, 1, 2, 4],
    }
    return EngineComparison(
        "every kind of type",
        schema,
        Engine(schema),
        Engine(schema, result_type=record),
        lambda: {"log": []},
        values,
    )
