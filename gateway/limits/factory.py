"""Opens what keeps the limits, from the settings."""

from functools import partial
from typing import Final

from gateway.clock import Clock
from gateway.engine import Engine, record
from gateway.engine.graphql_internals import unwrap_schema
from gateway.limits.body import BodyLimits
from gateway.limits.cost.limit import CostLimit
from gateway.limits.document_rules import DocumentLimits
from gateway.limits.limit import Limit
from gateway.limits.limits_file import open_limits_file
from gateway.limits.rate_limiter import Buckets, RateLimit, RateLimiter, create_buckets
from gateway.limits.reloadable import Limits, ReloadableLimits
from gateway.limits.requests import RequestLimits
from gateway.limits.validation.context_cache import IdentityKeyedCache
from gateway.limits.validation.field_merging import with_linear_merging
from gateway.limits.variables import VariableLimits
from gateway.settings import LimitNumbers, Settings
from resolvers.graph import VALIDATION_RULES, Graph

_LEAST_COST_BOUND: Final = 1000
_CALLS_PER_MINUTE: Final = 60_000
_MUTATIONS_PER_MINUTE: Final = 60


def build_limits(graph: Graph, settings: Settings, clock: Clock) -> ReloadableLimits:
    """Put the limits in force, those of their file too. Raises ValueError where that is wrong."""
    file = open_limits_file(settings.limits)
    numbers = settings.limits if file is None else file.current()
    return ReloadableLimits(LimitsFactory(graph, settings, clock), numbers, file)


def build_engine(graph: Graph, settings: Settings) -> Engine:
    """Make the engine alone. Raises ValueError where the file of limits is wrong."""
    file = open_limits_file(settings.limits)
    return _build_engine(graph, settings, settings.limits if file is None else file.current())


def _build_engine(graph: Graph, settings: Settings, numbers: LimitNumbers) -> Engine:
    limits = DocumentLimits.from_settings(numbers, reveal_values=settings.profile == "dev")
    return Engine(
        graph,
        rules=[IdentityKeyedCache, *with_linear_merging(VALIDATION_RULES)],
        parse=limits.parse,
        compile_plans=settings.engine == "compiled",
        result_type=record,
    )


class LimitsFactory:
    """Makes limits of numbers. What callers have taken already counts under new rates, too."""

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
            self._requests(numbers),
            BodyLimits.from_settings(numbers, reveal_values=self._settings.profile == "dev"),
        )

    def _requests(self, numbers: LimitNumbers) -> RequestLimits:
        most_calls = numbers.max_cost or max(numbers.max_upstream_calls, _LEAST_COST_BOUND)
        bound = partial(Limit, reveal_value=self._settings.profile == "dev")
        tells_apart = _identifies_callers(self._settings)
        calls = numbers.calls_per_minute or (_CALLS_PER_MINUTE if tells_apart else None)
        mutations = numbers.mutations_per_minute or (_MUTATIONS_PER_MINUTE if tells_apart else None)
        return RequestLimits(
            VariableLimits(
                bound("variables_size", numbers.max_variables_bytes),
                bound("variables_size", numbers.max_batch_bytes),
                bound("value_depth", numbers.max_value_depth),
            ),
            CostLimit(unwrap_schema(self._graph), bound("cost", most_calls)),
            self._rate("calls", calls, self._calls),
            self._rate("mutations", mutations, self._mutations),
        )

    def _rate(self, name: str, per_minute: int | None, buckets: Buckets) -> RateLimiter | None:
        """Make a rate; none is without end."""
        if per_minute is None:
            return None
        return RateLimiter(RateLimit(name, per_minute, 60.0), self._clock.monotonic, buckets)


def _identifies_callers(settings: Settings) -> bool:
    """Whether callers are; where all are one, they have no rate that nobody has set."""
    return settings.auth.mode != "none" or settings.partner.auth == "passthrough"
