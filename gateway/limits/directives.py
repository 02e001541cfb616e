"""How many directives an operation may have, fragments written out, wherever they stand."""

from graphql import OperationDefinitionNode

from gateway.limits.flat_document import FlatDefinition, FlatDocument, count_expanded
from gateway.limits.limit import Limit


def check_directives(document: FlatDocument, bound: Limit) -> None:
    """Raise LimitExceeded for an operation with too many directives."""
    for count in count_directives(document):
        bound.check(count, "The operation has too many directives.")


def count_directives(document: FlatDocument) -> list[int]:
    """Count the directives of each operation: its own, its variables', its selections'."""
    return count_expanded(document, _own)


def _own(outline: FlatDefinition) -> int:
    definition = outline.definition
    count = len(definition.directives or ())
    count += sum(len(place.node.directives or ()) for place in outline.positions)
    if isinstance(definition, OperationDefinitionNode):
        count += sum(len(v.directives or ()) for v in definition.variable_definitions or ())
    return count
