"""Counts how many changes a mutation attempts.

Each root field is one; a field with a list of lines, such as a batch, is as many as it has lines.
The arguments are not validated yet; invalid ones are rejected by their field later.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
)

from gateway.engine.prepare import PreparedOperation

Variables: TypeAlias = Mapping[str, Any]


def count_mutation_attempts(operation: PreparedOperation, variables: Variables | None) -> int:
    """Count the changes that a mutation attempts.

    A root field counts as one, or as the number of items in its longest list. Fields under @skip or
    @include count too; merged fields count once.
    """
    values = {**_default_values(operation), **(variables or {})}
    fields = {(node.alias or node.name).value: node for node in _root_fields(operation)}
    return sum(_attempts(field, values) for field in fields.values())


def _attempts(field: FieldNode, values: Variables) -> int:
    lengths = (_longest_list(argument.value, values) for argument in field.arguments or ())
    return max(1, max(lengths, default=1))


def _longest_list(value: Any, values: Variables) -> int:
    """Return the length of the longest list in an argument, in objects too but not in lists."""
    match value:
        case VariableNode():
            return _longest_list(values.get(value.name.value), values)
        case ListValueNode():
            return len(value.values)
        case list():
            return len(value)
        case ObjectValueNode():
            members: Iterator[Any] = (member.value for member in value.fields)
        case dict():
            members = iter(value.values())
        case _:
            return 1
    return max((_longest_list(member, values) for member in members), default=1)


def _default_values(operation: PreparedOperation) -> dict[str, ValueNode]:
    return {
        definition.variable.name.value: definition.default_value
        for definition in operation.node.variable_definitions or ()
        if definition.default_value is not None
    }


def _root_fields(operation: PreparedOperation) -> Iterator[FieldNode]:
    """Yield the root fields; those of a fragment once, however often it is spread."""
    visited: set[str] = set()
    remaining = [operation.node.selection_set]
    while remaining:
        for node in remaining.pop().selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                remaining.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                remaining.append(operation.fragments[node.name.value].selection_set)
