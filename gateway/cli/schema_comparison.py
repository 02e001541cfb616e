"""Compares two graphs: what differs, and which of it would break clients."""

import difflib
from dataclasses import dataclass

from graphql import build_schema
from graphql.utilities import find_breaking_changes, find_dangerous_changes


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a graph differs from the one that was agreed on.

    Attributes:
        diff: unified, line by line; empty when the texts are equal.
        breaking: what makes documents fail that were right before.
        dangerous: what may surprise clients, such as a new member of an enum.
    """

    diff: tuple[str, ...]
    breaking: tuple[str, ...]
    dangerous: tuple[str, ...]


def compare(agreed: str, present: str, name: str) -> Comparison:
    """Compare two graphs in SDL; `name` is what the agreed one is called in the diff."""
    lines = difflib.unified_diff(
        agreed.splitlines(), present.splitlines(), name, "this program", lineterm=""
    )
    before, after = build_schema(agreed), build_schema(present)
    return Comparison(
        diff=tuple(lines),
        breaking=tuple(each.description for each in find_breaking_changes(before, after)),
        dangerous=tuple(each.description for each in find_dangerous_changes(before, after)),
    )
