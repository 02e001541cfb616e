"""Compares two graphs: what differs, and which of it would break clients."""

import difflib
from dataclasses import dataclass

from graphql import GraphQLError, GraphQLSchema, build_schema
from graphql.utilities import find_breaking_changes, find_dangerous_changes


class InvalidSdl(Exception):
    """A text that was to be compared and does not describe a graph."""


@dataclass(frozen=True, slots=True)
class SchemaComparison:
    """How a graph differs from the one that was agreed on.

    Attributes:
        diff: unified, line by line; empty when the texts are equal.
        breaking: what makes documents fail that were right before.
        dangerous: what may surprise clients, such as a new member of an enum.
    """

    diff: tuple[str, ...]
    breaking: tuple[str, ...]
    dangerous: tuple[str, ...]


def compare_schemas(committed: str, current: str, name: str) -> SchemaComparison:
    """Compare two graphs in SDL; raises InvalidSdl when `committed` is none.

    Args:
        committed: what clients rely on.
        current: what is served.
        name: of the agreed one, in the diff and in errors.
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
    except (GraphQLError, TypeError) as error:  # of the syntax, and of what it means
        reason = str(error).partition("\n")[0]
        raise InvalidSdl(f"'{name}' is not a graph in SDL: {reason}") from error
