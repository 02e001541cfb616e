"""How many directives an operation may have, fragments written out, wherever they stand."""

from graphql import OperationDefinitionNode

from gateway.limits.bound import Bound
from gateway.limits.outline import DocumentOutline, Outline, counts


def check_directives(document: DocumentOutline, bound: Bound) -> None:
    """Raise LimitExceeded for an operation with too many directives."""
    for count in directives_of(document):
        bound.check(count, "The operation has too many directives.")


def directives_of(document: DocumentOutline) -> list[int]:
    """Count the directives of each operation: its own, its variables', its selections'."""
    return counts(document, _own)


def _own(outline: Outline) -> int:
    definition = outline.definition
    count = len(definition.directives or ())
    count += sum(len(place.node.directives or ()) for place in outline.places)
    if isinstance(definition, OperationDefinitionNode):
        count += sum(len(v.directives or ()) for v in definition.variable_definitions or ())
    return count
