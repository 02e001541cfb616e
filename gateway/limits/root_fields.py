"""How many root fields an operation may have, fragments written out: each is a read of its own."""

from graphql import FieldNode

from gateway.limits.bound import Bound
from gateway.limits.outline import DocumentOutline, Outline, Place, counts


def check_root_fields(document: DocumentOutline, bound: Bound) -> None:
    """Raise LimitExceeded for an operation with too many root fields."""
    for count in root_fields_of(document):
        bound.check(count, "The operation has too many root fields; send several operations.")


def root_fields_of(document: DocumentOutline) -> list[int]:
    """Count the fields at the root of each operation; one that is written twice counts twice."""
    return counts(document, _own, _root_spreads)


def _own(outline: Outline) -> int:
    return sum(isinstance(place.node, FieldNode) for place in outline.places if place.is_root)


def _root_spreads(outline: Outline) -> list[Place]:
    return [place for place in outline.spreads if place.is_root]
