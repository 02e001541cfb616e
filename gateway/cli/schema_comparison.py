"""Compares two schemas: what differs, and which changes break clients."""

import difflib
from dataclasses import dataclass

from graphql import GraphQLError, GraphQLSchema, build_schema
from graphql.utilities import find_breaking_changes, find_dangerous_changes


class InvalidSdl(Exception):
    """The text is not a schema in SDL."""


@dataclass(frozen=True, slots=True)
class SchemaComparison:
    """The differences from the committed schema.

    Attributes:
        diff: lines of a unified diff; empty if the schemas are equal.
        breaking: changes that make valid documents fail.
        dangerous: changes that may surprise clients, such as a new enum value.
    """

    diff: tuple[str, ...]
    breaking: tuple[str, ...]
    dangerous: tuple[str, ...]


def compare_schemas(committed: str, current: str, name: str) -> SchemaComparison:
    """Compare two schemas in SDL. Raises InvalidSdl if `committed` is not one.

    Args:
        committed: the schema that clients rely on.
        current: the schema that is served.
        name: the name of the committed schema in the diff and in errors.
    """
    before, after = _graph(committed, name), build_schema(current)
    lines = difflib.unified_diff(
        committed.splitlines(), current.splitlines(), name, "this program", lineterm=""
    )
    return SchemaComparison(
        diff=tuple(lines),
        breaking=tuple(each.description for each in find_breaking_changes(before, after)),
        dangerous=tuple(each.description for each in find_dangerous_changes(before, after)),
    )


def _graph(sdl: str, name: str) -> GraphQLSchema:
    try:
        return build_schema(sdl)
    except (GraphQLError, TypeError) as error:  # a syntax error, or an invalid schema
        reason = str(error).partition("\n")[0]
        raise InvalidSdl(f"'{name}' is not a schema in SDL: {reason}") from error
