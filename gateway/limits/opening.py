"""Opens what keeps the limits, from the settings."""

from functools import partial
from typing import Final

from gateway.engine import Engine, record
from gateway.engine.plan import graphql_schema
from gateway.limits.bound import Bound
from gateway.limits.cost.limit import CostLimit
from gateway.limits.documents import DocumentLimits
from gateway.limits.field_merging import with_linear_merging
from gateway.limits.rates import Quota, Rate
from gateway.limits.requests import RequestLimits
from gateway.limits.variables import VariablesLimits
from gateway.settings import Settings
from gateway.upstream.clock import Clock
from resolvers.graph import RULES, Graph

_LEAST_COST_BOUND: Final = 1000
_CALLS_PER_MINUTE: Final = 60_000
_MUTATIONS_PER_MINUTE: Final = 60


def open_engine(graph: Graph, settings: Settings) -> Engine:
    """Make the engine that runs documents within their limits."""
    limits = DocumentLimits.of(settings.limits, are_told=settings.profile == "dev")
    return Engine(
        graph,
        rules=with_linear_merging(RULES),
        parse=limits.parse,
        compiles=settings.engine == "compiled",
        shape=record,
    )


def open_request_limits(graph: Graph, settings: Settings, clock: Clock) -> RequestLimits:
    """Make what decides whether an operation may run now."""
    limits = settings.limits
    most_calls = limits.max_cost or max(limits.max_upstream_calls, _LEAST_COST_BOUND)
    bound = partial(Bound, is_told=settings.profile == "dev")
    return RequestLimits(
        VariablesLimits(
            bound("variables_size", limits.max_variables_bytes),
            bound("variables_size", limits.max_batch_bytes),
            bound("value_depth", limits.max_value_depth),
        ),
        CostLimit(graphql_schema(graph), bound("cost", most_calls)),
        *_rates(settings, clock),
    )


def _rates(settings: Settings, clock: Clock) -> tuple[Rate | None, Rate | None]:
    """Make the rates of calls and mutations; none unasked where all callers are one."""
    tells_apart = settings.auth.mode != "none" or settings.partner.auth == "passthrough"
    calls = settings.limits.calls_per_minute or (_CALLS_PER_MINUTE if tells_apart else None)
    mutations = settings.limits.mutations_per_minute or (
        _MUTATIONS_PER_MINUTE if tells_apart else None
    )
    return _rate("calls", calls, clock), _rate("mutations", mutations, clock)


def _rate(name: str, per_minute: int | None, clock: Clock) -> Rate | None:
    return Rate(Quota(name, per_minute, 60.0), clock.monotonic) if per_minute else None
