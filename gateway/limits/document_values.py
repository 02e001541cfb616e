"""Limits for the values that are written in a document: their depth, and the length of numbers."""

from collections.abc import Iterator
from typing import Final

from graphql import (
    ConstDirectiveNode,
    DirectiveNode,
    FieldNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
)

from gateway.limits.flat_document import FlatDefinition, FlatDocument
from gateway.limits.limit import Limit

# The largest finite float has 309 digits before its point. Python raises an error for integers of
# more than 4,300 digits.
MAX_NUMBER_LENGTH: Final = 400


def check_value_depth(document: FlatDocument, limit: Limit) -> None:
    """Raise LimitExceeded for a value that nests lists and objects too deeply."""
    for value in _values(document):
        limit.check(
            measure_nesting(value),
            "A value nests lists and objects too deeply. Send a flatter value.",
        )


def check_number_length(document: FlatDocument, limit: Limit) -> None:
    """Raise LimitExceeded for a number of too many characters."""
    for value in _values(document):
        for node, _ in _walk(value):
            if isinstance(node, IntValueNode | FloatValueNode):
                limit.check(
                    len(node.value), "A number has more digits than any type of the graph accepts."
                )


def measure_nesting(value: ValueNode) -> int:
    """Return how many lists and objects are nested in each other; 0 for a scalar."""
    return max(depth for _, depth in _walk(value))


def _walk(value: ValueNode) -> Iterator[tuple[ValueNode, int]]:
    """Yield a value and all values inside it, each with the depth that it reaches."""
    remaining = [(value, 0)]
    while remaining:
        node, depth = remaining.pop()
        if isinstance(node, ListValueNode):
            depth += 1
            remaining.extend((item, depth) for item in node.values)
        elif isinstance(node, ObjectValueNode):
            depth += 1
            remaining.extend((member.value, depth) for member in node.fields)
        yield node, depth


def _values(document: FlatDocument) -> Iterator[ValueNode]:
    for definition in (*document.operations, *document.fragments.values()):
        yield from _values_of_definition(definition)


def _values_of_definition(flat: FlatDefinition) -> Iterator[ValueNode]:
    definition = flat.definition
    yield from _values_of_directives(definition.directives)
    if isinstance(definition, OperationDefinitionNode):
        for variable in definition.variable_definitions or ():
            yield from _values_of_directives(variable.directives)
            if variable.default_value is not None:
                yield variable.default_value
    for position in flat.positions:
        yield from _values_of_directives(position.node.directives)
        if isinstance(position.node, FieldNode):
            yield from (argument.value for argument in position.node.arguments or ())


def _values_of_directives(
    directives: tuple[DirectiveNode, ...] | tuple[ConstDirectiveNode, ...] | None,
) -> Iterator[ValueNode]:
    for directive in directives or ():
        yield from (argument.value for argument in directive.arguments or ())
