"""Computes an estimate from compiled steps and the variables of one request."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, TypeAlias

_MAX_CACHED_SUMS: Final = 32

Variables: TypeAlias = Mapping[str, Any]
ListSize: TypeAlias = Callable[[Variables], int]
Condition: TypeAlias = tuple[str, bool]
"""A variable in @skip or @include, and the value with which the field is selected."""


@dataclass(frozen=True, slots=True)
class CostStep:
    """A field that makes upstream calls itself, or through its subfields.

    Attributes:
        key: the key of the field in the response.
        calls: the calls for each object that has the field.
        max_calls: the most calls for each object at the level `per`.
        per: the depth of a level of the response; 0 is the root.
        returns_level: whether the field returns the objects at the level `per` again.
        size: how many objects the field returns each time.
        conditions: sets of conditions; the field is selected if one set holds completely, or if
            there are none.
    """

    key: str
    calls: int
    max_calls: int
    per: int
    returns_level: bool
    size: ListSize
    conditions: tuple[frozenset[Condition], ...]
    below: tuple["CostStep", ...]


class CostEstimate:
    """The estimated upstream calls of one operation.

    Args:
        steps: the steps of the root.
        names: the variables that change the estimate.
        defaults: the default values of the operation's variables.
    """

    def __init__(
        self, steps: Sequence[CostStep], names: Iterable[str], defaults: Mapping[str, Any]
    ) -> None:
        self._steps = steps
        self._names = tuple(names)
        self._defaults = defaults
        self._constant = None if self._names else sum_calls(steps, (1,), {})
        self._sum = lru_cache(maxsize=_MAX_CACHED_SUMS)(
            lambda values: sum_calls(steps, (1,), dict(zip(self._names, values, strict=True)))
        )

    def calls(self, variables: Variables | None) -> int:
        """Return the estimated calls for these variables, which need not be valid."""
        if self._constant is not None:
            return self._constant
        values = variables or {}
        return self._sum(
            tuple(_to_cache_key(values.get(name, self._defaults.get(name))) for name in self._names)
        )

    def most_expensive_field(self, variables: Variables | None) -> tuple[int, str]:
        """Return the number of calls of the most expensive field, and its path in the response."""
        values = {**self._defaults, **(variables or {})}
        calls, path = _most_expensive(self._steps, (1,), values)
        return calls, ".".join(path)


def _to_cache_key(value: object) -> int | range | None:
    # Only integers, booleans and lengths of lists change a sum; others would only fill the cache.
    if isinstance(value, list):
        return range(len(value))
    return value if isinstance(value, int) else None


def sum_calls(steps: Sequence[CostStep], objects: tuple[int, ...], variables: Variables) -> int:
    """Return the upstream calls of these fields and of everything below them.

    Args:
        steps: the fields of the level.
        objects: the number of objects at each level, from the root to this one.
        variables: the variables, including their default values.
    """
    total = 0
    for step, calls, sources in _selected_steps(steps, objects, variables):
        total += calls
        if step.below:
            found = sources * step.size(variables)
            total += sum_calls(step.below, (*objects, found), variables)
    return total


def _most_expensive(
    steps: Sequence[CostStep], objects: tuple[int, ...], variables: Variables
) -> tuple[int, tuple[str, ...]]:
    """Return the calls and the path of the field with most calls, at a level or below."""
    most: tuple[int, tuple[str, ...]] = (0, ())
    for step, calls, sources in _selected_steps(steps, objects, variables):
        found = sources * step.size(variables)
        below, path = _most_expensive(step.below, (*objects, found), variables)
        candidate = (below, (step.key, *path)) if below > calls else (calls, (step.key,))
        most = max(most, candidate, key=itemgetter(0))
    return most


def _selected_steps(
    steps: Sequence[CostStep], objects: tuple[int, ...], variables: Variables
) -> Iterator[tuple[CostStep, int, int]]:
    """Yield the steps whose conditions hold, with their calls and the number of their sources."""
    parents = objects[-1]
    for step in steps:
        if step.conditions and not _holds(step.conditions, variables):
            continue
        level_objects = min(parents, objects[step.per])
        calls = min(parents * step.calls, level_objects * step.max_calls)
        yield step, calls, level_objects if step.returns_level else parents


def _holds(conditions: tuple[frozenset[Condition], ...], variables: Variables) -> bool:
    return any(all(variables.get(name) is value for name, value in each) for each in conditions)
