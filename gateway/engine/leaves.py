"""Which leaf values may stand in a response as they are, as Python expressions.

graphql-core's coercion of the built-in scalars returns the value itself where it has exactly the
right Python type. The expressions recognise those values; all others take graphql-core's way.
"""

from enum import Enum, Flag
from math import isfinite
from typing import Any, Final, cast

from graphql import (
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
)
from strawberry.schema.schema_converter import CustomGraphQLEnumType

_CHECKS: Final[dict[GraphQLLeafType, str]] = {
    GraphQLString: "{v}.__class__ is str",
    GraphQLID: "{v}.__class__ is str",
    GraphQLBoolean: "{v}.__class__ is bool",
    # Half of the range that GraphQL allows: CPython compares numbers of 30 bits much faster.
    GraphQLInt: f"{{v}}.__class__ is int and {-(2**30) + 1} <= {{v}} <= {2**30 - 1}",
    GraphQLFloat: "{v}.__class__ is float and isfinite({v})",
}

NAMES_USED: Final = {"isfinite": isfinite}


def check(leaf: GraphQLLeafType, variable: str) -> str:
    """Return an expression that is true where the value of a variable needs no coercion."""
    return _CHECKS.get(leaf, "False").format(v=variable)


def enum_names(leaf: GraphQLLeafType) -> tuple[type[Enum], dict[str, Any]] | None:
    """Return the Python enum behind a GraphQL one and what each of its members is printed as."""
    # Flags have values that are no members. Subclasses of Strawberry's type may print otherwise.
    if type(leaf) is not CustomGraphQLEnumType or issubclass(leaf.wrapped_cls, Flag):
        return None
    members = cast("type[Enum]", leaf.wrapped_cls)
    try:
        return members, {member.name: leaf.coerce_output_value(member) for member in members}
    except ValueError:
        return None  # a member that the schema leaves out, which is an error where it comes up
