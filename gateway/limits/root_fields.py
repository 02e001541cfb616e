"""How many root fields an operation may have, fragments written out: each is a read of its own."""

from graphql import FieldNode

from gateway.limits.flat_document import (
    FlatDefinition,
    FlatDocument,
    SelectionPosition,
    count_expanded,
)
from gateway.limits.limit import Limit


def check_root_fields(document: FlatDocument, bound: Limit) -> None:
    """Raise LimitExceeded for an operation with too many root fields."""
    for count in count_root_fields(document):
        bound.check(count, "The operation has too many root fields; send several operations.")


def count_root_fields(document: FlatDocument) -> list[int]:
    """Count the fields at the root of each operation; one that is written twice counts twice."""
    return count_expanded(document, _own, _root_spreads)


def _own(outline: FlatDefinition) -> int:
    return sum(isinstance(place.node, FieldNode) for place in outline.positions if place.is_root)


def _root_spreads(outline: FlatDefinition) -> list[SelectionPosition]:
    return [place for place in outline.spreads if place.is_root]
