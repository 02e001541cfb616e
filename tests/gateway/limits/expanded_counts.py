"""Counts by brute force: replaces every fragment spread by the fragment, then counts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    ValueNode,
)


@dataclass
class ExpandedSelection:
    """A selection with all selections below it.

    Attributes:
        directives: how many it has, with those of the fragment that it spreads.
    """

    kind: str
    name: str = ""
    has_alias: bool = False
    directives: int = 0
    below: list["ExpandedSelection"] = field(default_factory=list)


class FragmentCycle(Exception):
    """A fragment spreads itself."""


class ExpandedDocument:
    """The operations of a document with their fragments written out."""

    def __init__(self, document: DocumentNode) -> None:
        definitions = document.definitions
        self._fragments = {
            d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)
        }
        for name in self._fragments:
            self._expand_fragment(name, ())
        self._operations = [d for d in definitions if isinstance(d, OperationDefinitionNode)]
        self.operations = [self._selections(d.selection_set, ()) for d in self._operations]

    def selections(self) -> list[int]:
        return [sum(1 for _ in _walk(each)) for each in self.operations]

    def aliases(self) -> list[int]:
        return [sum(w.has_alias for w in _walk(each)) for each in self.operations]

    def directives(self) -> list[int]:
        own = [
            len(d.directives or ())
            + sum(len(v.directives or ()) for v in d.variable_definitions or ())
            for d in self._operations
        ]
        below = [sum(w.directives for w in _walk(each)) for each in self.operations]
        return [o + b for o, b in zip(own, below, strict=True)]

    def root_fields(self) -> list[int]:
        return [sum(1 for _ in _root_fields(each)) for each in self.operations]

    def depths(self) -> list[tuple[int, int]]:
        found = [list(_depths(each, 0, is_inside=False)) for each in self.operations]
        return [
            (
                max((depth for depth, is_inside in each if not is_inside), default=0),
                max((depth for depth, is_inside in each if is_inside), default=0),
            )
            for each in found
        ]

    def _selections(self, node: Any, path: tuple[str, ...]) -> list[ExpandedSelection]:
        return [self._expand(each, path) for each in node.selections] if node else []

    def _expand(self, node: Any, path: tuple[str, ...]) -> ExpandedSelection:
        directives = len(node.directives or ())
        if isinstance(node, FieldNode):
            below = self._selections(node.selection_set, path)
            return ExpandedSelection(
                "field", node.name.value, node.alias is not None, directives, below
            )
        if isinstance(node, FragmentSpreadNode):
            own, below = self._expand_fragment(node.name.value, path)
            return ExpandedSelection("spread", directives=directives + own, below=below)
        below = self._selections(node.selection_set, path)
        return ExpandedSelection("inline", directives=directives, below=below)

    def _expand_fragment(
        self, name: str, path: tuple[str, ...]
    ) -> tuple[int, list[ExpandedSelection]]:
        if name in path:
            raise FragmentCycle
        fragment = self._fragments.get(name)
        if fragment is None:
            return 0, []
        below = self._selections(fragment.selection_set, (*path, name))
        return len(fragment.directives or ()), below


def nesting(value: ValueNode) -> int:
    """Measure the nesting of a value by recursion."""
    items = [*getattr(value, "values", ()), *(m.value for m in getattr(value, "fields", ()))]
    is_nested = hasattr(value, "values") or hasattr(value, "fields")
    return is_nested + max(map(nesting, items), default=0)


def _walk(selections: list[ExpandedSelection]) -> Iterator[ExpandedSelection]:
    for each in selections:
        yield each
        yield from _walk(each.below)


def _root_fields(selections: list[ExpandedSelection]) -> Iterator[ExpandedSelection]:
    for each in selections:
        if each.kind == "field":
            yield each
        else:
            yield from _root_fields(each.below)


def _depths(
    selections: list[ExpandedSelection], depth: int, *, is_inside: bool
) -> Iterator[tuple[int, bool]]:
    for each in selections:
        enters = each.name in {"__schema", "__type"} and not is_inside
        here = 1 if enters else depth + (each.kind == "field")
        yield here, is_inside or enters
        yield from _depths(each.below, here, is_inside=is_inside or enters)
