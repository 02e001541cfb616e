"""Decides which leaf values can be used in a response without coercion.

graphql-core's coercion of a built-in scalar returns the value itself if it has exactly the right
Python type. This module recognizes these values, in generated code and for whole lists; all other
values are coerced by graphql-core.
"""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, Flag
from math import isfinite
from typing import Any, Final, cast
from uuid import UUID

from graphql import (
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
)
from strawberry.schema.schema_converter import CustomGraphQLEnumType

# Half of the range of GraphQL's Int: CPython compares integers of 30 bits much faster.
_LARGEST_FAST_INT: Final = 2**30 - 1

_COERCION_CONDITIONS: Final[dict[GraphQLLeafType, str]] = {
    GraphQLString: "{v}.__class__ is not str",
    GraphQLID: "{v}.__class__ is not str",
    GraphQLBoolean: "{v}.__class__ is not bool",
    GraphQLInt: "{v}.__class__ is not int"
    f" or {{v}} > {_LARGEST_FAST_INT} or {{v}} < -{_LARGEST_FAST_INT}",
    GraphQLFloat: "{v}.__class__ is not float or not isfinite({v})",
}
_CLASSES: Final[dict[GraphQLLeafType, type]] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLBoolean: bool,
}

# Instances of these classes are neither null nor errors nor awaitable, so that custom scalars can
# serialize them directly.
_PLAIN_CLASSES: Final = frozenset(
    {str, int, float, bool, dict, datetime, date, time, Decimal, UUID}
)

NAMES: Final = {"isfinite": isfinite, "PLAIN_CLASSES": _PLAIN_CLASSES}
"""The names that the expressions of this module use."""


def coercion_condition(leaf: GraphQLLeafType, variable: str) -> str | None:
    """Return a Python expression that is true if the variable's value needs coercion.

    Returns None if every value of the type needs it.
    """
    condition = _COERCION_CONDITIONS.get(leaf)
    return None if condition is None else condition.format(v=variable)


def list_check(leaf: GraphQLLeafType) -> Callable[[list[Any]], bool] | None:
    """Return a function that checks whether a list needs no coercion of any item.

    Returns None if there is no quick check for the type.
    """
    class_ = _CLASSES.get(leaf)
    if class_ is None:
        return None
    classes = {class_}

    def are_all_of_class(items: list[Any]) -> bool:
        return classes.issuperset(map(type, items))

    return are_all_of_class


def enum_outputs(leaf: GraphQLLeafType) -> tuple[type[Enum], dict[str, Any]] | None:
    """Return the Python enum of a GraphQL enum, and the output of each member by its name.

    Returns None for other leaf types, and for enums whose output does not depend on the member's
    name alone.
    """
    # Flags have values that are no members, and subclasses of Strawberry's enum type may override
    # the output.
    if type(leaf) is not CustomGraphQLEnumType or issubclass(leaf.wrapped_cls, Flag):
        return None
    members = cast("type[Enum]", leaf.wrapped_cls)
    try:
        return members, {member.name: leaf.coerce_output_value(member) for member in members}
    except ValueError:
        return None  # the schema leaves a member out; using it is an error of its field
