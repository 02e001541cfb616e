"""A small graph that a test controls, behind the request pipeline."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import strawberry
from starlette.applications import Starlette

from gateway.auth.caller import Caller
from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from gateway.edge.allowed_hosts import AllowedHosts
from gateway.edge.app import GatewayApp
from gateway.edge.cancellation.draining import Draining
from gateway.edge.factory import build_graphql_apps
from gateway.edge.pipeline import RequestPipeline
from gateway.edge.request_observer import RequestObserver
from gateway.engine import Engine, record
from gateway.engine.graphql_internals import unwrap_schema
from gateway.limits.cost.limit import CostLimit
from gateway.limits.limit import Limit
from gateway.limits.reloadable import ReloadableLimits
from gateway.limits.requests import RequestLimits
from gateway.limits.variables import VariableLimits
from gateway.observability.metrics import Metrics
from gateway.persisted.documents import DocumentRegistry
from gateway.settings import LimitNumbers
from resolvers.context import RequestContext
from schema.errors import NotFound
from tests.support.clock import ManualClock
from tests.support.directory import StubDirectory, make_request_context
from tests.support.limits import build_limits
from tests.support.long_timeouts import long_timeout_settings
from tests.support.server import serving

GUEST_LIFETIME_S = 600.0
"""How long the credentials of a guest are valid."""


@dataclass
class GraphState:
    """The state of the fields, and events that a test sets."""

    values: asyncio.Queue[int | Exception | None] = field(default_factory=asyncio.Queue)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    may_finish: asyncio.Event = field(default_factory=asyncio.Event)
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    subscriber_count: int = 0
    all_unsubscribed: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, *values: int | Exception | None) -> None:
        """Let the subscription yield values; None ends it, an exception fails it."""
        for value in values:
            self.values.put_nowait(value)


def small_graph(world: GraphState) -> strawberry.Schema:
    async def slow() -> int:
        world.started.set()
        await world.may_finish.wait()
        world.finished.set()
        return 7

    async def numbers() -> AsyncGenerator[int, None]:
        world.subscriber_count += 1
        try:
            while (value := await world.values.get()) is not None:
                if isinstance(value, Exception):
                    raise value
                yield value
        finally:
            world.subscriber_count -= 1
            if not world.subscriber_count:
                world.all_unsubscribed.set()

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


def small_limits(world: GraphState, numbers: LimitNumbers) -> ReloadableLimits:
    graph = small_graph(world)
    limits = RequestLimits(
        VariableLimits(
            Limit("variables_size", 1000), Limit("variables_size", 1000), Limit("value_depth", 10)
        ),
        CostLimit(unwrap_schema(graph), Limit("cost", 0)),
    )
    return build_limits(Engine(graph, result_type=record), limits, numbers)


def small_pipeline(limits: ReloadableLimits) -> RequestPipeline:
    def context(caller: Caller) -> RequestContext:
        return make_request_context(StubDirectory())

    return RequestPipeline(
        DocumentRegistry([], "open", 1000),
        limits,
        lambda operation, caller: None,
        context,
        observer=RequestObserver(Metrics()),
        monotonic=lambda: 0.0,
    )


class WordAuthenticator:
    """Accepts the words `friend`, `other` and `guest`, and requests without credentials.

    `later` fails as signing keys do that cannot be read.

    Args:
        expires_at: when the credentials of a guest expire.
    """

    def __init__(self, expires_at: float) -> None:
        self._expires_at = expires_at

    async def authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        if b"later" in authorizations:
            raise SigningKeysUnavailable("ask again later")
        if not {*authorizations} <= {b"friend", b"other", b"guest"}:
            raise Unauthenticated("a friend is expected")
        if b"guest" in authorizations:
            return Caller("guest", expires_at=self._expires_at)
        return Caller("other") if b"other" in authorizations else Caller("friend")

    def files_are_current(self) -> bool:
        return True

    async def aclose(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class SmallGateway:
    """The served graph."""

    url: str
    state: GraphState
    draining: Draining
    clock: ManualClock

    @property
    def socket_url(self) -> str:
        return self.url.replace("http", "ws") + "/graphql"


@contextlib.asynccontextmanager
async def small_gateway(
    serve: Callable[[GatewayApp], AbstractAsyncContextManager[str]] = serving, **settings: Any
) -> AsyncIterator[SmallGateway]:
    """Serve the graph with settings, by section."""
    world, draining, clock = GraphState(), Draining(lambda: 0.0), ManualClock()
    given = long_timeout_settings(settings)
    limits = small_limits(world, given.limits)
    doorman = WordAuthenticator(clock.wall() + GUEST_LIFETIME_S)
    graphql = build_graphql_apps(given, small_pipeline(limits), limits, doorman, draining, clock)
    front = GatewayApp(AllowedHosts(None), graphql, None, Starlette(), draining)
    async with serve(front) as url:
        yield SmallGateway(url, world, draining, clock)
