"""Builds the limits, and the engine that applies those for documents, from the settings."""

from typing import Final

from gateway.clock import Clock
from gateway.engine import Engine, record
from gateway.engine.graphql_internals import IdentityKeyedCache, unwrap_schema
from gateway.limits.body import BodyLimits
from gateway.limits.cost.limit import CostLimit
from gateway.limits.document_rules import DocumentLimits
from gateway.limits.field_merging import with_linear_merging
from gateway.limits.limit import Limit
from gateway.limits.limits_file import open_limits_file
from gateway.limits.rate_limiter import Buckets, RateLimit, RateLimiter, create_buckets
from gateway.limits.reloadable import Limits, ReloadableLimits
from gateway.limits.requests import RequestLimits
from gateway.limits.variables import VariableLimits
from gateway.settings import LimitNumbers, Settings
from resolvers.graph import VALIDATION_RULES, Graph

_MIN_COST_LIMIT: Final = 1000
_CALLS_PER_MINUTE: Final = 60_000
_MUTATIONS_PER_MINUTE: Final = 60


def build_limits(graph: Graph, settings: Settings, clock: Clock) -> ReloadableLimits:
    """Build the limits. Raises ValueError if their file is invalid."""
    file = open_limits_file(settings.limits)
    numbers = settings.limits if file is None else file.current()
    return ReloadableLimits(LimitsFactory(graph, settings, clock), numbers, file)


def build_engine(graph: Graph, settings: Settings) -> Engine:
    """Build an engine, without limits for requests and callers, for commands that check documents.

    Raises ValueError if the file of limits is invalid.
    """
    file = open_limits_file(settings.limits)
    return _build_engine(graph, settings, settings.limits if file is None else file.current())


def _build_engine(graph: Graph, settings: Settings, numbers: LimitNumbers) -> Engine:
    limits = DocumentLimits.from_settings(numbers, reveal_values=_reveals_values(settings))
    return Engine(
        graph,
        rules=[IdentityKeyedCache, *with_linear_merging(VALIDATION_RULES)],
        parse=limits.parse,
        compile_plans=settings.engine == "compiled",
        result_type=record,
    )


class LimitsFactory:
    """Builds the limits from numbers. New rate limits still count what callers have used."""

    def __init__(self, graph: Graph, settings: Settings, clock: Clock) -> None:
        self._graph = graph
        self._settings = settings
        self._clock = clock
        self._calls = create_buckets()
        self._mutations = create_buckets()

    def __call__(self, numbers: LimitNumbers) -> Limits:
        return Limits(
            numbers,
            _build_engine(self._graph, self._settings, numbers),
            self._build_request_limits(numbers),
            BodyLimits.from_settings(numbers, reveal_values=_reveals_values(self._settings)),
        )

    def _build_request_limits(self, numbers: LimitNumbers) -> RequestLimits:
        reveal = _reveals_values(self._settings)
        max_cost = numbers.max_cost or max(numbers.max_upstream_calls, _MIN_COST_LIMIT)
        has_rates = _identifies_callers(self._settings)
        calls = numbers.calls_per_minute or (_CALLS_PER_MINUTE if has_rates else None)
        mutations = numbers.mutations_per_minute or (_MUTATIONS_PER_MINUTE if has_rates else None)
        return RequestLimits(
            VariableLimits(
                Limit("variables_size", numbers.max_variables_bytes, reveal, "bytes"),
                Limit("variables_size", numbers.max_batch_bytes, reveal, "bytes"),
                Limit("value_depth", numbers.max_value_depth, reveal),
            ),
            CostLimit(unwrap_schema(self._graph), Limit("cost", max_cost, reveal)),
            self._build_rate_limiter("calls", calls, self._calls),
            self._build_rate_limiter("mutations", mutations, self._mutations),
        )

    def _build_rate_limiter(
        self, name: str, per_minute: int | None, buckets: Buckets
    ) -> RateLimiter | None:
        if per_minute is None:
            return None
        return RateLimiter(RateLimit(name, per_minute, 60.0), self._clock.monotonic, buckets)


def _reveals_values(settings: Settings) -> bool:
    return settings.profile == "dev"


def _identifies_callers(settings: Settings) -> bool:
    # Without authentication all callers share one bucket, so there is no default rate limit.
    return settings.auth.mode != "none" or settings.partner.auth == "passthrough"
