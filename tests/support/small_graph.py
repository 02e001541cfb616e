"""A graph whose fields do as a test says, behind the pipeline that every protocol shares."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Final

import strawberry

from gateway.auth.caller import Caller
from gateway.edge.pipeline import Conditions, Pipeline
from gateway.edge.streaming import Streaming
from gateway.engine import Engine, record
from gateway.engine.plan import graphql_schema
from gateway.limits.bound import Bound
from gateway.limits.cost.limit import CostLimit
from gateway.limits.held import Held
from gateway.limits.requests import RequestLimits
from gateway.limits.variables import VariablesLimits
from gateway.persisted.documents import Documents
from resolvers.context import RequestContext
from schema.problems import NotFound
from tests.support.directory import MemoryDirectory, context_over

SOMEBODY: Final = Caller("somebody")


@dataclass
class World:
    """What happens in the fields, and what a test lets happen."""

    values: asyncio.Queue[int | Exception | None] = field(default_factory=asyncio.Queue)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    followers: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, *values: int | Exception | None) -> None:
        """Let the subscription yield values; None ends it, an exception fails it."""
        for value in values:
            self.values.put_nowait(value)


def small_graph(world: World) -> strawberry.Schema:
    """Build it."""

    async def slow() -> int:
        world.begun.set()
        await world.may_end.wait()
        world.ended.set()
        return 7

    async def numbers() -> AsyncGenerator[int, None]:
        world.followers += 1
        try:
            while (value := await world.values.get()) is not None:
                if isinstance(value, Exception):
                    raise value
                yield value
        finally:
            world.followers -= 1
            if not world.followers:
                world.left.set()

    @strawberry.type
    class Query:
        one: int = strawberry.field(resolver=lambda: 1)
        waits: int = strawberry.field(resolver=slow)

    @strawberry.type
    class Mutation:
        buy: int = strawberry.mutation(resolver=slow)

    @strawberry.type
    class Subscription:
        @strawberry.subscription
        async def numbers(self) -> AsyncGenerator[int, None]:
            return numbers()

        @strawberry.subscription
        async def of(self, id: strawberry.ID) -> AsyncGenerator[int, None]:
            raise NotFound(f"There is no {id}.")

    return strawberry.Schema(Query, Mutation, Subscription)


def small_pipeline(world: World) -> Pipeline:
    """Put it behind the pipeline."""

    def context(caller: Caller) -> RequestContext:
        return context_over(MemoryDirectory())

    graph = small_graph(world)
    limits = RequestLimits(
        VariablesLimits(Bound("variables_size", 1000), Bound("value_depth", 10)),
        CostLimit(graphql_schema(graph), Bound("cost", 0)),
    )
    return Pipeline(
        Documents([], "open", 1000),
        Engine(graph, shape=record),
        Conditions([], limits),
        context,
        observe=lambda labels, seconds: None,
        monotonic=lambda: 0.0,
    )


def small_streaming(pipeline: Pipeline, max_subscriptions: int = 10) -> Streaming:
    """Stream it."""
    return Streaming(pipeline, Held(Bound("subscriptions", max_subscriptions)))
