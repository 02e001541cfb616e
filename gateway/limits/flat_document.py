"""A document as the rules see it: every definition flattened once, fragments in order of use."""

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
# Written out, 95 fragments that each spread the next one twice are 2 to the power of 95
# selections; beyond this, how many more is of no interest.
CEILING: Final = 10**12


class SelectionPosition(NamedTuple):
    """A selection and where it stands in its definition.

    Attributes:
        depth: fields from the definition's root down to it, a field itself included.
        introspection_depth: the same from `__schema` or `__type`; 0 outside of them.
    """

    node: SelectionNode
    depth: int
    introspection_depth: int

    @property
    def is_root(self) -> bool:
        """Whether no field stands above it."""
        return self.depth == isinstance(self.node, FieldNode)


@dataclass(frozen=True, slots=True)
class FlatDefinition:
    """A definition without its tree: fields, inline fragments and spreads in one list."""

    definition: OperationDefinitionNode | FragmentDefinitionNode
    positions: list[SelectionPosition] = field(default_factory=list)
    spreads: list[SelectionPosition] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FlatDocument:
    """All definitions.

    Attributes:
        fragments: by name; every fragment comes after those that it spreads.
    """

    operations: list[FlatDefinition]
    fragments: Mapping[str, FlatDefinition]


def flatten(document: DocumentNode) -> FlatDocument:
    """Flatten a document. Raises GraphQLError where a fragment spreads itself."""
    operations, fragments = [], {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            operations.append(_flattened(definition))
        elif isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = _flattened(definition)
    uses = {name: list(map(_spread, each.spreads)) for name, each in fragments.items()}
    return FlatDocument(operations, {n: fragments[n] for n in sort_by_dependency(uses)})


def count_expanded(
    document: FlatDocument,
    own: Callable[[FlatDefinition], int],
    spreads: Callable[[FlatDefinition], list[SelectionPosition]] = lambda outline: outline.spreads,
) -> list[int]:
    """Count something in each operation as if its fragments were written out, up to a ceiling.

    Linear in the document, whatever it expands to: `own` is asked once for each definition.

    Args:
        document: what to count in.
        own: how many a definition holds itself.
        spreads: which of its spreads lead to more of them.
    """
    of_fragment: dict[str, int] = {}

    def total(outline: FlatDefinition) -> int:
        below = sum(of_fragment.get(spread_name(place), 0) for place in spreads(outline))
        return min(own(outline) + below, CEILING)

    for name, fragment in document.fragments.items():
        of_fragment[name] = total(fragment)
    return [total(operation) for operation in document.operations]


def spread_name(place: SelectionPosition) -> str:
    """Return the name of the fragment that is spread at a place."""
    return _spread(place).name.value


def _spread(place: SelectionPosition) -> FragmentSpreadNode:
    assert isinstance(place.node, FragmentSpreadNode)  # noqa: S101 - what `spreads` holds
    return place.node


def _flattened(definition: OperationDefinitionNode | FragmentDefinitionNode) -> FlatDefinition:
    outline = FlatDefinition(definition)
    waiting: list[tuple[SelectionSetNode, int, int]] = [(definition.selection_set, 0, 0)]
    while waiting:
        selections, depth, introspection_depth = waiting.pop()
        for node in selections.selections:
            place = _place(node, depth, introspection_depth)
            outline.positions.append(place)
            if isinstance(node, FragmentSpreadNode):
                outline.spreads.append(place)
            elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                waiting.append((node.selection_set, place.depth, place.introspection_depth))
    return outline


def _place(node: SelectionNode, depth: int, introspection_depth: int) -> SelectionPosition:
    if not isinstance(node, FieldNode):
        return SelectionPosition(node, depth, introspection_depth)
    is_introspection = introspection_depth > 0 or node.name.value in _INTROSPECTION
    return SelectionPosition(node, depth + 1, introspection_depth + is_introspection)
