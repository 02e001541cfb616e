"""What must be equal between the engine's results and graphql-core's.

The data, always, and every error, in order, where nothing is asynchronous. With asynchronous
fields graphql-core's order of errors follows its tasks' timing, so errors are compared as a
multiset; and where a failure nulls a parent, which of the other failures below that parent are
still reported depends on who is cancelled first. Of those, the two may report different ones.
"""

from collections import Counter
from collections.abc import Sequence
from enum import Enum
from typing import Any

from graphql import GraphQLError


class Equality(Enum):
    """How alike two results are, the most alike first."""

    SAME = "the same errors in the same order"
    SAME_IN_ANY_ORDER = "the same errors in another order"
    SAME_BUT_BELOW_NULLS = "other errors below the same nulls"
    DIFFERENT = "different"


def compare_results(expected: Any, found: Any) -> Equality:
    """Compare two results; the order of keys counts."""
    if _ordered(expected.data) != _ordered(found.data):
        return Equality.DIFFERENT
    left, right = _errors(expected), _errors(found)
    if left == right:
        return Equality.SAME
    if Counter(left) == Counter(right):
        return Equality.SAME_IN_ANY_ORDER
    nulls = _nulls_above(expected.errors or (), expected.data) | _nulls_above(
        found.errors or (), expected.data
    )
    return (
        Equality.SAME_BUT_BELOW_NULLS
        if _outside(expected, nulls) == _outside(found, nulls)
        and _covers(expected, nulls)
        and _covers(found, nulls)
        else Equality.DIFFERENT
    )


def _ordered(data: Any) -> Any:
    """Make the order of keys and the types of leaves count."""
    if isinstance(data, dict):
        return [(key, _ordered(value)) for key, value in data.items()]
    if isinstance(data, list):
        return [_ordered(item) for item in data]
    return type(data), repr(data)


def _errors(result: Any) -> list[str]:
    return [_described(error) for error in result.errors or ()]


def _described(error: GraphQLError) -> str:
    cause = error.original_error
    return repr(
        (error.message, error.path, error.locations, error.extensions, type(cause), str(cause))
    )


def _nulls_above(errors: Sequence[GraphQLError], data: Any) -> set[tuple[str | int, ...]]:
    """Find the nulls in the data that errors further down left."""
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
        _described(error)
        for error in result.errors or ()
        if not any(tuple(error.path or ())[: len(null)] == null for null in nulls)
    )


def _covers(result: Any, nulls: set[tuple[str | int, ...]]) -> bool:
    """Whether every null has its error."""
    paths = [tuple(error.path or ()) for error in result.errors or ()]
    return all(any(path[: len(null)] == null for path in paths) for null in nulls)
