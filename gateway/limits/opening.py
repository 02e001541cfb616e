"""Opens what keeps the limits, from the settings."""

from functools import partial
from typing import Final

from gateway.engine import Engine, record
from gateway.engine.plan import graphql_schema
from gateway.limits.bodies import BodyLimits
from gateway.limits.bound import Bound
from gateway.limits.cost.limit import CostLimit
from gateway.limits.documents import DocumentLimits
from gateway.limits.field_merging import with_linear_merging
from gateway.limits.file import open_file
from gateway.limits.identity import KeptByIdentity
from gateway.limits.in_force import Limits, LimitsInForce
from gateway.limits.rates import Buckets, Quota, Rate, empty_buckets
from gateway.limits.requests import RequestLimits
from gateway.limits.variables import VariablesLimits
from gateway.settings import LimitNumbers, Settings
from gateway.upstream.clock import Clock
from resolvers.graph import RULES, Graph

_LEAST_COST_BOUND: Final = 1000
_CALLS_PER_MINUTE: Final = 60_000
_MUTATIONS_PER_MINUTE: Final = 60


def open_limits(graph: Graph, settings: Settings, clock: Clock) -> LimitsInForce:
    """Put the limits in force, those of their file too. Raises ValueError where that is wrong."""
    file = open_file(settings.limits)
    numbers = settings.limits if file is None else file.look()
    return LimitsInForce(_Maker(graph, settings, clock), numbers, file)


def open_engine(graph: Graph, settings: Settings) -> Engine:
    """Make the engine alone. Raises ValueError where the file of limits is wrong."""
    file = open_file(settings.limits)
    return _engine(graph, settings, settings.limits if file is None else file.look())


def _engine(graph: Graph, settings: Settings, numbers: LimitNumbers) -> Engine:
    limits = DocumentLimits.of(numbers, are_told=settings.profile == "dev")
    return Engine(
        graph,
        rules=[KeptByIdentity, *with_linear_merging(RULES)],
        parse=limits.parse,
        compiles=settings.engine == "compiled",
        shape=record,
    )


class _Maker:
    """Makes limits of numbers. What callers have taken already counts under new rates, too."""

    def __init__(self, graph: Graph, settings: Settings, clock: Clock) -> None:
        self._graph = graph
        self._settings = settings
        self._clock = clock
        self._calls = empty_buckets()
        self._mutations = empty_buckets()

    def __call__(self, numbers: LimitNumbers) -> Limits:
        return Limits(
            numbers,
            _engine(self._graph, self._settings, numbers),
            self._requests(numbers),
            BodyLimits.of(numbers, are_told=self._settings.profile == "dev"),
        )

    def _requests(self, numbers: LimitNumbers) -> RequestLimits:
        most_calls = numbers.max_cost or max(numbers.max_upstream_calls, _LEAST_COST_BOUND)
        bound = partial(Bound, is_told=self._settings.profile == "dev")
        tells_apart = _tells_apart(self._settings)
        calls = numbers.calls_per_minute or (_CALLS_PER_MINUTE if tells_apart else None)
        mutations = numbers.mutations_per_minute or (_MUTATIONS_PER_MINUTE if tells_apart else None)
        return RequestLimits(
            VariablesLimits(
                bound("variables_size", numbers.max_variables_bytes),
                bound("variables_size", numbers.max_batch_bytes),
                bound("value_depth", numbers.max_value_depth),
            ),
            CostLimit(graphql_schema(self._graph), bound("cost", most_calls)),
            self._rate("calls", calls, self._calls),
            self._rate("mutations", mutations, self._mutations),
        )

    def _rate(self, name: str, per_minute: int | None, buckets: Buckets) -> Rate | None:
        """Make a rate; none is without end."""
        if per_minute is None:
            return None
        return Rate(Quota(name, per_minute, 60.0), self._clock.monotonic, buckets)


def _tells_apart(settings: Settings) -> bool:
    """Whether callers are; where all are one, they have no rate that nobody has set."""
    return settings.auth.mode != "none" or settings.partner.auth == "passthrough"
