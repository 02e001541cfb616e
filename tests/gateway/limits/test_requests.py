import pytest

from gateway.engine import Engine, PreparedOperation
from gateway.engine.graphql_internals import unwrap_schema
from gateway.limits.cost.limit import CostLimit
from gateway.limits.limit import Limit
from gateway.limits.rate_limiter import RateLimit, RateLimiter, RateLimitExceeded, create_buckets
from gateway.limits.requests import RequestLimits
from gateway.limits.variables import VariableLimits
from resolvers.graph import build_graph
from schema.errors import LimitExceeded

GRAPH = build_graph()
ENGINE = Engine(GRAPH)
QUERY = "{ customers(first: 4) { nodes { customDomains } } }"
MUTATION = (
    'mutation { settleOperation(input: {operationId: "a", outcome: DONE, note: "b"})'
    " { operation { id } } }"
)


def _operation(text: str) -> PreparedOperation:
    operation = ENGINE.prepare(text).operation()
    assert operation is not None
    return operation


def _limits(
    max_cost: int = 100, calls: int | None = None, mutations: int | None = None
) -> RequestLimits:
    def limiter(name: str, units: int | None) -> RateLimiter | None:
        return (
            RateLimiter(RateLimit(name, units, 60.0), lambda: 0.0, create_buckets())
            if units
            else None
        )

    return RequestLimits(
        VariableLimits(
            Limit("variables_size", 100), Limit("variables_size", 100), Limit("value_depth", 9)
        ),
        CostLimit(unwrap_schema(GRAPH), Limit("cost", max_cost)),
        limiter("calls", calls),
        limiter("mutations", mutations),
    )


def test_without_rate_limits_only_the_cost_is_checked() -> None:
    cost = _limits(5).check(_operation(QUERY), None, "a")
    assert (cost.calls, cost.headers) == (5, ())
    with pytest.raises(LimitExceeded) as caught:
        _limits(4).check(_operation(QUERY), None, "a")
    assert caught.value.rule == "cost"


def test_a_query_takes_its_estimated_calls_and_no_mutation() -> None:
    cost = _limits(calls=20, mutations=1).check(_operation(QUERY), None, "a")
    assert cost.headers == (
        (b"ratelimit-policy", b'"calls";q=20;w=60'),
        (b"ratelimit", b'"calls";r=15;t=15'),
    )


def test_a_request_without_upstream_calls_takes_one_call() -> None:
    limits = _limits(calls=2)
    limits.check(_operation("{ __typename }"), None, "a")
    limits.check(_operation("{ __schema { types { name } } }"), None, "a")
    with pytest.raises(RateLimitExceeded):
        limits.check(_operation("{ __typename }"), None, "a")


def test_a_mutation_takes_a_mutation_attempt_too() -> None:
    limits = _limits(mutations=1)
    limits.check(_operation(QUERY), None, "a")
    limits.check(_operation(MUTATION), None, "a")
    with pytest.raises(RateLimitExceeded) as caught:
        limits.check(_operation(MUTATION), None, "a")
    assert caught.value.rule == "mutations_rate"


def test_calls_beyond_the_estimate_are_charged_afterwards() -> None:
    limits = _limits(calls=20)
    cost = limits.check(_operation(QUERY), None, "a")
    limits.charge(cost, "a", 3)
    limits.charge(cost, "a", 16)
    with pytest.raises(RateLimitExceeded):
        limits.check(_operation(QUERY), None, "a")


def test_without_a_rate_limit_nothing_is_charged() -> None:
    limits = _limits()
    cost = limits.check(_operation(QUERY), None, "a")
    limits.charge(cost, "a", 1000)
    assert limits.check(_operation(QUERY), None, "a") == cost


def test_a_request_that_exceeds_the_rate_of_mutations_takes_no_calls() -> None:
    limits = _limits(calls=2, mutations=1)
    limits.check(_operation(MUTATION), None, "a")
    for _ in range(3):
        with pytest.raises(RateLimitExceeded) as caught:
            limits.check(_operation(MUTATION), None, "a")
        assert caught.value.rule == "mutations_rate"
    limits.check(_operation("{ __typename }"), None, "a")
