"""Counts by brute force: every fragment is written out where it is spread, then all is counted."""

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
class Written:
    """A selection with everything below it, and the directives that come with it."""

    kind: str
    name: str = ""
    has_alias: bool = False
    directives: int = 0
    below: list["Written"] = field(default_factory=list)


class Cycle(Exception):
    """A fragment spreads itself."""


class Oracle:
    """Writes the operations of one document out."""

    def __init__(self, document: DocumentNode) -> None:
        definitions = document.definitions
        self._fragments = {
            d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)
        }
        for name in self._fragments:
            self._written_fragment(name, ())
        self._operations = [d for d in definitions if isinstance(d, OperationDefinitionNode)]
        self.written = [self._selections(d.selection_set, ()) for d in self._operations]

    def selections(self) -> list[int]:
        return [sum(1 for _ in _everything(each)) for each in self.written]

    def aliases(self) -> list[int]:
        return [sum(w.has_alias for w in _everything(each)) for each in self.written]

    def directives(self) -> list[int]:
        own = [
            len(d.directives or ())
            + sum(len(v.directives or ()) for v in d.variable_definitions or ())
            for d in self._operations
        ]
        below = [sum(w.directives for w in _everything(each)) for each in self.written]
        return [o + b for o, b in zip(own, below, strict=True)]

    def root_fields(self) -> list[int]:
        return [sum(1 for _ in _root_fields(each)) for each in self.written]

    def depths(self) -> list[tuple[int, int]]:
        found = [list(_depths(each, 0, is_inside=False)) for each in self.written]
        return [
            (
                max((depth for depth, is_inside in each if not is_inside), default=0),
                max((depth for depth, is_inside in each if is_inside), default=0),
            )
            for each in found
        ]

    def _selections(self, node: Any, path: tuple[str, ...]) -> list[Written]:
        return [self._written(each, path) for each in node.selections] if node else []

    def _written(self, node: Any, path: tuple[str, ...]) -> Written:
        directives = len(node.directives or ())
        if isinstance(node, FieldNode):
            below = self._selections(node.selection_set, path)
            return Written("field", node.name.value, node.alias is not None, directives, below)
        if isinstance(node, FragmentSpreadNode):
            own, below = self._written_fragment(node.name.value, path)
            return Written("spread", directives=directives + own, below=below)
        below = self._selections(node.selection_set, path)
        return Written("inline", directives=directives, below=below)

    def _written_fragment(self, name: str, path: tuple[str, ...]) -> tuple[int, list[Written]]:
        if name in path:
            raise Cycle
        fragment = self._fragments.get(name)
        if fragment is None:
            return 0, []
        below = self._selections(fragment.selection_set, (*path, name))
        return len(fragment.directives or ()), below


def nesting(value: ValueNode) -> int:
    """How deep a value is, by recursion."""
    items = [*getattr(value, "values", ()), *(m.value for m in getattr(value, "fields", ()))]
    is_nested = hasattr(value, "values") or hasattr(value, "fields")
    return is_nested + max(map(nesting, items), default=0)


def _everything(written: list[Written]) -> Iterator[Written]:
    for each in written:
        yield each
        yield from _everything(each.below)


def _root_fields(written: list[Written]) -> Iterator[Written]:
    for each in written:
        if each.kind == "field":
            yield each
        else:
            yield from _root_fields(each.below)


def _depths(written: list[Written], depth: int, *, is_inside: bool) -> Iterator[tuple[int, bool]]:
    for each in written:
        enters = each.name in {"__schema", "__type"} and not is_inside
        here = 1 if enters else depth + (each.kind == "field")
        yield here, is_inside or enters
        yield from _depths(each.below, here, is_inside=is_inside or enters)
