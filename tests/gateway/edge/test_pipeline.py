"""How requests count against the rate limits of their caller."""

from collections.abc import AsyncGenerator

import pytest
from msgspec.structs import replace

from gateway.auth.caller import Caller
from gateway.edge.pipeline import RequestPipeline
from gateway.edge.request import GraphQLRequest
from gateway.edge.request_observer import RequestObserver
from gateway.edge.response import GraphQLResponse, RequestRejected
from gateway.engine import Engine, PreparedOperation
from gateway.engine.graphql_internals import unwrap_schema
from gateway.limits.cost.limit import CostLimit
from gateway.limits.limit import Limit
from gateway.limits.rate_limiter import RateLimit, RateLimiter, create_buckets
from gateway.limits.requests import RequestLimits
from gateway.limits.variables import VariableLimits
from gateway.observability.metrics import Metrics
from gateway.persisted.documents import DocumentRegistry
from resolvers.context import RequestContext
from schema.errors import Forbidden
from tests.support.directory import StubDirectory, make_request_context
from tests.support.limits import build_limits
from tests.support.small_graph import GraphState, small_graph

SOMEBODY = Caller("somebody")
CALLS_MADE = 9


def changes_nothing(operation: PreparedOperation, caller: Caller) -> None:
    if operation.type.value == "mutation":
        raise Forbidden("This needs a scope.")


def pipeline(world: GraphState, calls: RateLimiter, mutations: RateLimiter) -> RequestPipeline:
    """Build a pipeline whose requests make nine upstream calls that were not estimated."""

    def context(caller: Caller) -> RequestContext:
        return replace(make_request_context(StubDirectory()), calls_made=lambda: CALLS_MADE)

    graph = small_graph(world)
    limits = RequestLimits(
        VariableLimits(
            Limit("variables_size", 1000), Limit("variables_size", 1000), Limit("value_depth", 10)
        ),
        CostLimit(unwrap_schema(graph), Limit("cost", 10)),
        calls,
        mutations,
    )
    return RequestPipeline(
        DocumentRegistry([], "open", 1000),
        build_limits(Engine(graph), limits),
        changes_nothing,
        context,
        observer=RequestObserver(Metrics()),
        monotonic=lambda: 0.0,
    )


def rate(name: str, units: int) -> RateLimiter:
    return RateLimiter(RateLimit(name, units, 60.0), lambda: 0.0, create_buckets())


async def drained(responses: AsyncGenerator[GraphQLResponse, None]) -> None:
    async for _ in responses:
        pass


@pytest.mark.parametrize(
    ("query", "kind"),
    [("subscription { numbers }", "subscribe"), ("{ one }", "stream")],
    ids=["a subscription", "an answer in parts"],
)
async def test_upstream_calls_of_a_stream_are_charged_when_it_ends(query: str, kind: str) -> None:
    world = GraphState()
    requests = pipeline(world, rate("calls", 9), rate("mutations", 1))
    world.publish(1, None)
    accepted = requests.accept(GraphQLRequest(query), SOMEBODY)

    await drained(getattr(requests, kind)(accepted))

    with pytest.raises(RequestRejected) as refused:
        requests.accept(GraphQLRequest(query), SOMEBODY)
    assert refused.value.response.status == 429


async def test_a_forbidden_request_does_not_count_against_rate_limits() -> None:
    requests = pipeline(GraphState(), rate("calls", 1), rate("mutations", 1))
    for _ in range(3):
        with pytest.raises(RequestRejected) as refused:
            requests.accept(GraphQLRequest("mutation { buy }"), SOMEBODY)
        assert refused.value.response.status == 403
    requests.accept(GraphQLRequest("{ one }"), SOMEBODY)
