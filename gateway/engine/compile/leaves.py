"""Which leaf values may stand in a response as they are.

graphql-core's coercion of the built-in scalars returns the value itself where it has exactly the
right Python type. What is here recognises those values, one by one as Python expressions and all
of a list at once; all others take graphql-core's way.
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

# Half of the range that GraphQL allows: CPython compares numbers of 30 bits much faster.
_LARGEST: Final = 2**30 - 1

_COERCION_CONDITIONS: Final[dict[GraphQLLeafType, str]] = {
    GraphQLString: "{v}.__class__ is not str",
    GraphQLID: "{v}.__class__ is not str",
    GraphQLBoolean: "{v}.__class__ is not bool",
    GraphQLInt: f"{{v}}.__class__ is not int or {{v}} > {_LARGEST} or {{v}} < -{_LARGEST}",
    GraphQLFloat: "{v}.__class__ is not float or not isfinite({v})",
}
_CLASSES: Final[dict[GraphQLLeafType, type]] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLBoolean: bool,
}

# Classes whose instances are neither null nor errors nor awaitable, whatever the scalar.
_VALUES: Final = frozenset({str, int, float, bool, dict, datetime, date, time, Decimal, UUID})

NAMES: Final = {"isfinite": isfinite, "VALUES": _VALUES}


def coercion_condition(leaf: GraphQLLeafType, variable: str) -> str | None:
    """Return an expression that is false where a variable's value needs no coercion.

    None where every value needs it.
    """
    printed = _COERCION_CONDITIONS.get(leaf)
    return None if printed is None else printed.format(v=variable)


def list_check(leaf: GraphQLLeafType) -> Callable[[list[Any]], bool] | None:
    """Return the test that no item of a list needs coercion; None where there is no quick one."""
    class_ = _CLASSES.get(leaf)
    if class_ is None:
        return None
    classes = {class_}

    def are_of_class(items: list[Any]) -> bool:
        return classes.issuperset(map(type, items))

    return are_of_class


def enum_outputs(leaf: GraphQLLeafType) -> tuple[type[Enum], dict[str, Any]] | None:
    """Return the Python enum behind a GraphQL one and what each of its members is printed as."""
    # Flags have values that are no members. Subclasses of Strawberry's type may print otherwise.
    if type(leaf) is not CustomGraphQLEnumType or issubclass(leaf.wrapped_cls, Flag):
        return None
    members = cast("type[Enum]", leaf.wrapped_cls)
    try:
        return members, {member.name: leaf.coerce_output_value(member) for member in members}
    except ValueError:
        return None  # a member that the schema leaves out, which is an error where it comes up
