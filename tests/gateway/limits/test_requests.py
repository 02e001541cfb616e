"""What an admitted operation takes from its caller's rates."""

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
READ = "{ customers(first: 4) { nodes { customDomains } } }"
CHANGE = (
    'mutation { settleOperation(input: {operationId: "a", outcome: DONE, note: "b"})'
    " { operation { id } } }"
)


def _operation(text: str) -> PreparedOperation:
    operation = ENGINE.prepare(text).operation()
    assert operation is not None
    return operation


def _limits(
    most_calls: int = 100, calls: int | None = None, mutations: int | None = None
) -> RequestLimits:
    def rate(name: str, units: int | None) -> RateLimiter | None:
        return (
            RateLimiter(RateLimit(name, units, 60.0), lambda: 0.0, create_buckets())
            if units
            else None
        )

    return RequestLimits(
        VariableLimits(
            Limit("variables_size", 100), Limit("variables_size", 100), Limit("value_depth", 9)
        ),
        CostLimit(unwrap_schema(GRAPH), Limit("cost", most_calls)),
        rate("calls", calls),
        rate("mutations", mutations),
    )


def test_without_rates_only_the_cost_is_looked_at() -> None:
    allowed = _limits(5).check(_operation(READ), None, "a")
    assert (allowed.calls, allowed.headers) == (5, ())
    with pytest.raises(LimitExceeded) as caught:
        _limits(4).check(_operation(READ), None, "a")
    assert caught.value.rule == "cost"


def test_a_query_takes_its_estimate_and_no_attempt() -> None:
    allowed = _limits(calls=20, mutations=1).check(_operation(READ), None, "a")
    assert allowed.headers == (
        (b"ratelimit-policy", b'"calls";q=20;w=60'),
        (b"ratelimit", b'"calls";r=15;t=15'),
    )


def test_what_costs_no_call_takes_one() -> None:
    limits = _limits(calls=2)
    limits.check(_operation("{ __typename }"), None, "a")
    limits.check(_operation("{ __schema { types { name } } }"), None, "a")
    with pytest.raises(RateLimitExceeded):
        limits.check(_operation("{ __typename }"), None, "a")


def test_a_mutation_takes_an_attempt_besides() -> None:
    limits = _limits(mutations=1)
    limits.check(_operation(READ), None, "a")
    limits.check(_operation(CHANGE), None, "a")
    with pytest.raises(RateLimitExceeded) as caught:
        limits.check(_operation(CHANGE), None, "a")
    assert caught.value.rule == "mutations_rate"


def test_calls_beyond_the_estimate_are_taken_afterwards() -> None:
    limits = _limits(calls=20)
    allowed = limits.check(_operation(READ), None, "a")
    limits.charge(allowed, "a", 3)
    limits.charge(allowed, "a", 16)
    with pytest.raises(RateLimitExceeded):
        limits.check(_operation(READ), None, "a")


def test_without_a_rate_nothing_is_settled() -> None:
    limits = _limits()
    allowed = limits.check(_operation(READ), None, "a")
    limits.charge(allowed, "a", 1000)
    assert limits.check(_operation(READ), None, "a") == allowed


def test_what_is_refused_for_its_attempts_has_taken_no_calls() -> None:
    limits = _limits(calls=2, mutations=1)
    limits.check(_operation(CHANGE), None, "a")
    for _ in range(3):
        with pytest.raises(RateLimitExceeded) as caught:
            limits.check(_operation(CHANGE), None, "a")
        assert caught.value.rule == "mutations_rate"
    limits.check(_operation("{ __typename }"), None, "a")
