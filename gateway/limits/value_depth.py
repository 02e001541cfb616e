"""How deep lists and objects may stand in each other in a document's own values."""

from collections.abc import Iterator

from graphql import (
    ConstDirectiveNode,
    DirectiveNode,
    FieldNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
)

from gateway.limits.flat_document import FlatDefinition, FlatDocument
from gateway.limits.limit import Limit


def check_value_depth(document: FlatDocument, bound: Limit) -> None:
    """Raise LimitExceeded for a value that is nested too deeply."""
    for outline in (*document.operations, *document.fragments.values()):
        for value in values_in(outline):
            bound.check(
                measure_nesting(value),
                "A value nests lists and objects too deeply; send it flatter.",
            )


def measure_nesting(value: ValueNode) -> int:
    """Return how many lists and objects stand in each other, 0 for a plain value."""
    deepest = 0
    waiting = [(value, 0)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(node, ListValueNode):
            deepest = max(deepest, depth + 1)
            waiting.extend((item, depth + 1) for item in node.values)
        elif isinstance(node, ObjectValueNode):
            deepest = max(deepest, depth + 1)
            waiting.extend((member.value, depth + 1) for member in node.fields)
    return deepest


def values_in(outline: FlatDefinition) -> Iterator[ValueNode]:
    """Every value that is written in a definition."""
    definition = outline.definition
    yield from _of_directives(definition.directives)
    if isinstance(definition, OperationDefinitionNode):
        for variable in definition.variable_definitions or ():
            yield from _of_directives(variable.directives)
            if variable.default_value is not None:
                yield variable.default_value
    for place in outline.positions:
        yield from _of_directives(place.node.directives)
        if isinstance(place.node, FieldNode):
            yield from (argument.value for argument in place.node.arguments or ())


def _of_directives(
    directives: tuple[DirectiveNode, ...] | tuple[ConstDirectiveNode, ...] | None,
) -> Iterator[ValueNode]:
    for directive in directives or ():
        yield from (argument.value for argument in directive.arguments or ())
