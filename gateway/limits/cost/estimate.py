"""The sum: steps that were compiled once, with the variables of one request."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, TypeAlias

_REMEMBERED_SUMS: Final = 32

Variables: TypeAlias = Mapping[str, Any]
Size: TypeAlias = Callable[[Variables], int]
Condition: TypeAlias = tuple[str, bool]
"""A variable of @skip or @include, and what it has to be."""


@dataclass(frozen=True, slots=True)
class CostStep:
    """A field that costs something, or above one that does.

    Attributes:
        key: the field's key in the response.
        calls: for each object the field is asked of.
        at_most: for each object of the level that `per` names; the level's depth, 0 for the root.
        leads_back: whether it answers with the objects of that level.
        size: how many objects it answers with, for each it is asked of.
        conditions: it counts if all of one set are met; none is always.
    """

    key: str
    calls: int
    at_most: int
    per: int
    returns_level: bool
    size: Size
    conditions: tuple[frozenset[Condition], ...]
    below: tuple["CostStep", ...]


class CostEstimate:
    """Tells the expected upstream calls of one operation.

    Args:
        steps: at the root.
        names: the variables that change the sum.
        defaults: of the operation's variables.
    """

    def __init__(
        self, steps: Sequence[CostStep], names: Iterable[str], defaults: Mapping[str, Any]
    ) -> None:
        self._steps = steps
        self._names = tuple(names)
        self._defaults = defaults
        self._fixed = None if self._names else sum_calls(steps, (1,), {})
        self._sum = lru_cache(maxsize=_REMEMBERED_SUMS)(
            lambda values: sum_calls(steps, (1,), dict(zip(self._names, values, strict=True)))
        )

    def calls(self, variables: Variables | None) -> int:
        """Sum up; variables are taken as they came, for wrong ones are refused later."""
        if self._fixed is not None:
            return self._fixed
        given = variables or {}
        return self._sum(
            tuple(_number(given.get(name, self._defaults.get(name))) for name in self._names)
        )

    def most_expensive_field(self, variables: Variables | None) -> tuple[int, str]:
        """Return the most calls that one field accounts for, and its path in the response."""
        calls, path = _dearest(self._steps, (1,), {**self._defaults, **(variables or {})})
        return calls, ".".join(path)


def _number(value: object) -> int | None:
    """Return a number or a truth as it is; nothing else changes a sum."""
    return value if isinstance(value, int) else None


def sum_calls(steps: Sequence[CostStep], reached: tuple[int, ...], variables: Variables) -> int:
    """Sum up a level and all below it.

    Args:
        steps: the fields of the level.
        reached: how many objects there are at each level from the root down to this one.
        variables: the operation's, defaults included.
    """
    calls = 0
    for step, own, above in _counted(steps, reached, variables):
        calls += own
        if step.below:
            found = above * step.size(variables)
            calls += sum_calls(step.below, (*reached, found), variables)
    return calls


def _dearest(
    steps: Sequence[CostStep], reached: tuple[int, ...], variables: Variables
) -> tuple[int, tuple[str, ...]]:
    """Find the field of most calls among a level and all below it."""
    dearest: tuple[int, tuple[str, ...]] = (0, ())
    for step, own, above in _counted(steps, reached, variables):
        found = above * step.size(variables)
        below, path = _dearest(step.below, (*reached, found), variables)
        here = (below, (step.key, *path)) if below > own else (own, (step.key,))
        dearest = max(dearest, here, key=itemgetter(0))
    return dearest


def _counted(
    steps: Sequence[CostStep], reached: tuple[int, ...], variables: Variables
) -> Iterator[tuple[CostStep, int, int]]:
    """Yield the steps whose conditions are met, each with its own calls and what it is asked of."""
    objects = reached[-1]
    for step in steps:
        if step.conditions and not _is_met(step.conditions, variables):
            continue
        above = min(objects, reached[step.per])
        own = min(objects * step.calls, above * step.at_most)
        yield step, own, above if step.returns_level else objects


def _is_met(conditions: tuple[frozenset[Condition], ...], variables: Variables) -> bool:
    return any(all(variables.get(name) is wanted for name, wanted in each) for each in conditions)
