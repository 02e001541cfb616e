"""Compares a result of the engine with that of graphql-core.

The data must always be equal. Without asynchronous fields the errors must be equal, in order. With
asynchronous fields the order of graphql-core's errors depends on the timing of its tasks, so they
may be in another order. If an error nulls a parent, timing also decides which other errors below
that parent are reported, so these may differ.
"""

from collections import Counter
from collections.abc import Sequence
from enum import Enum
from typing import Any

from graphql import GraphQLError


class Equality(Enum):
    """How equal two results are, the most equal first."""

    SAME = "the same errors in the same order"
    SAME_IN_ANY_ORDER = "the same errors in another order"
    SAME_BUT_BELOW_NULLS = "other errors below the same nulls"
    DIFFERENT = "different"


def compare_results(expected: Any, actual: Any) -> Equality:
    """Compare two results, including the order of keys."""
    if _comparable(expected.data) != _comparable(actual.data):
        return Equality.DIFFERENT
    left, right = _errors(expected), _errors(actual)
    if left == right:
        return Equality.SAME
    if Counter(left) == Counter(right):
        return Equality.SAME_IN_ANY_ORDER
    nulls = _nulls_above(expected.errors or (), expected.data) | _nulls_above(
        actual.errors or (), expected.data
    )
    return (
        Equality.SAME_BUT_BELOW_NULLS
        if _outside(expected, nulls) == _outside(actual, nulls)
        and _has_error_for_each(expected, nulls)
        and _has_error_for_each(actual, nulls)
        else Equality.DIFFERENT
    )


def _comparable(data: Any) -> Any:
    """Convert to values whose equality includes the order of keys and the types of leaves."""
    if isinstance(data, dict):
        return [(key, _comparable(value)) for key, value in data.items()]
    if isinstance(data, list):
        return [_comparable(item) for item in data]
    return type(data), repr(data)


def _errors(result: Any) -> list[str]:
    return [_comparable_error(error) for error in result.errors or ()]


def _comparable_error(error: GraphQLError) -> str:
    cause = error.original_error
    return repr(
        (error.message, error.path, error.locations, error.extensions, type(cause), str(cause))
    )


def _nulls_above(errors: Sequence[GraphQLError], data: Any) -> set[tuple[str | int, ...]]:
    """Return the paths of nulls in the data that come from errors further down."""
    return {null for error in errors if (null := _null_above(error, data)) is not None}


def _null_above(error: GraphQLError, data: Any) -> tuple[str | int, ...] | None:
    path = tuple(error.path or ())
    for length, key in enumerate(path):
        if data is None:
            return path[:length]
        data = data[key]
    return None


def _outside(result: Any, nulls: set[tuple[str | int, ...]]) -> Counter[str]:
    return Counter(
        _comparable_error(error)
        for error in result.errors or ()
        if not any(tuple(error.path or ())[: len(null)] == null for null in nulls)
    )


def _has_error_for_each(result: Any, nulls: set[tuple[str | int, ...]]) -> bool:
    paths = [tuple(error.path or ()) for error in result.errors or ()]
    return all(any(path[: len(null)] == null for path in paths) for null in nulls)
