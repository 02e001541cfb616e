"""Flattens a document for the limits: each definition to one list, fragments by dependency."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from gateway.limits.fragment_order import sort_by_dependency

_INTROSPECTION: Final = frozenset({"__schema", "__type"})
# 95 fragments that each spread the next one twice expand to 2 to the power of 95 selections.
# Counts stop here, far beyond every limit, so that they stay small integers.
COUNT_CEILING: Final = 10**12


class SelectionPosition(NamedTuple):
    """A selection and its position in its definition.

    Attributes:
        depth: the number of fields on the path from the root of the definition to the selection,
            including the selection.
        introspection_depth: the number of those fields from `__schema` or `__type` on; 0 outside of
            them.
    """

    node: SelectionNode
    depth: int
    introspection_depth: int

    @property
    def is_root(self) -> bool:
        """Whether the selection is not inside a field of its definition."""
        return self.depth == isinstance(self.node, FieldNode)


@dataclass(frozen=True, slots=True)
class FlatDefinition:
    """An operation or fragment with all its selections in one list.

    Attributes:
        spreads: the positions of fragment spreads.
    """

    definition: OperationDefinitionNode | FragmentDefinitionNode
    positions: list[SelectionPosition] = field(default_factory=list)
    spreads: list[SelectionPosition] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FlatDocument:
    """All definitions of a document.

    Attributes:
        fragments: the fragments by name; each comes after those that it spreads.
    """

    operations: list[FlatDefinition]
    fragments: Mapping[str, FlatDefinition]


def flatten(document: DocumentNode) -> FlatDocument:
    """Return the fields of each operation and fragment as flat lists.

    Raises GraphQLError if a fragment spreads itself.
    """
    operations, fragments = [], {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            operations.append(_flatten(definition))
        elif isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = _flatten(definition)
    spreads = {name: list(map(_spread, flat.spreads)) for name, flat in fragments.items()}
    return FlatDocument(operations, {n: fragments[n] for n in sort_by_dependency(spreads)})


def count_expanded(
    document: FlatDocument,
    count_own: Callable[[FlatDefinition], int],
    find_spreads: Callable[[FlatDefinition], list[SelectionPosition]] = lambda flat: flat.spreads,
) -> list[int]:
    """Count something in each operation as if its fragments were written out, up to a ceiling.

    Takes time linear in the size of the document, however large it is with its fragments.

    Args:
        document: the document.
        count_own: counts in one definition, without its fragments.
        find_spreads: returns the spreads of a definition whose fragments are counted.
    """
    of_fragments: dict[str, int] = {}

    def count(flat: FlatDefinition) -> int:
        spread = sum(of_fragments.get(spread_name(p), 0) for p in find_spreads(flat))
        return min(count_own(flat) + spread, COUNT_CEILING)

    for name, fragment in document.fragments.items():
        of_fragments[name] = count(fragment)
    return [count(operation) for operation in document.operations]


def spread_name(position: SelectionPosition) -> str:
    """Return the name of the fragment that is spread at a position."""
    return _spread(position).name.value


def _spread(position: SelectionPosition) -> FragmentSpreadNode:
    assert isinstance(position.node, FragmentSpreadNode)  # noqa: S101 - `spreads` has no others
    return position.node


def _flatten(definition: OperationDefinitionNode | FragmentDefinitionNode) -> FlatDefinition:
    flat = FlatDefinition(definition)
    remaining: list[tuple[SelectionSetNode, int, int]] = [(definition.selection_set, 0, 0)]
    while remaining:
        selections, depth, introspection_depth = remaining.pop()
        for node in selections.selections:
            position = _position(node, depth, introspection_depth)
            flat.positions.append(position)
            if isinstance(node, FragmentSpreadNode):
                flat.spreads.append(position)
            elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                remaining.append((node.selection_set, position.depth, position.introspection_depth))
    return flat


def _position(node: SelectionNode, depth: int, introspection_depth: int) -> SelectionPosition:
    if not isinstance(node, FieldNode):
        return SelectionPosition(node, depth, introspection_depth)
    is_introspection = introspection_depth > 0 or node.name.value in _INTROSPECTION
    return SelectionPosition(node, depth + 1, introspection_depth + is_introspection)
