"""How many aliases an operation may have, fragments written out: each repeats a field's work."""

from graphql import FieldNode

from gateway.limits.flat_document import FlatDefinition, FlatDocument, count_expanded
from gateway.limits.limit import Limit


def check_aliases(document: FlatDocument, bound: Limit) -> None:
    """Raise LimitExceeded for an operation with too many aliases."""
    for count in count_aliases(document):
        bound.check(count, "The operation has too many aliases; send several operations.")


def count_aliases(document: FlatDocument) -> list[int]:
    """Count the aliases of each operation."""
    return count_expanded(document, _aliases)


def _aliases(outline: FlatDefinition) -> int:
    return sum(
        isinstance(p.node, FieldNode) and p.node.alias is not None for p in outline.positions
    )
