"""How many aliases an operation may have, fragments written out: each repeats a field's work."""

from graphql import FieldNode

from gateway.limits.bound import Bound
from gateway.limits.outline import DocumentOutline, Outline, counts


def check_aliases(document: DocumentOutline, bound: Bound) -> None:
    """Raise LimitExceeded for an operation with too many aliases."""
    for count in aliases_of(document):
        bound.check(count, "The operation has too many aliases; send several operations.")


def aliases_of(document: DocumentOutline) -> list[int]:
    """Count the aliases of each operation."""
    return counts(document, _aliases)


def _aliases(outline: Outline) -> int:
    return sum(isinstance(p.node, FieldNode) and p.node.alias is not None for p in outline.places)
