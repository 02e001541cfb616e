"""How many changes a mutation attempts: each root field one, a list of lines as many as it has.

Counted as the arguments came: wrong ones are refused by whoever answers the field.
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
    """Count them, fields under conditions included; fields that are merged are one."""
    given = {**_defaults(operation), **(variables or {})}
    fields = {(node.alias or node.name).value: node for node in _root_fields(operation)}
    return sum(_attempts(field, given) for field in fields.values())


def _attempts(field: FieldNode, given: Variables) -> int:
    lengths = (_longest_list(argument.value, given) for argument in field.arguments or ())
    return max(1, max(lengths, default=1))


def _longest_list(value: Any, given: Variables) -> int:
    """Measure lists in objects; what is in a list is not looked into."""
    match value:
        case VariableNode():
            return _longest_list(given.get(value.name.value), given)
        case ListValueNode():
            return len(value.values)
        case list():
            return len(value)
        case ObjectValueNode():
            inside: Iterator[Any] = (each.value for each in value.fields)
        case dict():
            inside = iter(value.values())
        case _:
            return 1
    return max((_longest_list(each, given) for each in inside), default=1)


def _defaults(operation: PreparedOperation) -> dict[str, ValueNode]:
    return {
        each.variable.name.value: each.default_value
        for each in operation.node.variable_definitions or ()
        if each.default_value is not None
    }


def _root_fields(operation: PreparedOperation) -> Iterator[FieldNode]:
    """Go through the root, into each fragment once."""
    entered: set[str] = set()
    left = [operation.node.selection_set]
    while left:
        for node in left.pop().selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                left.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in entered:
                entered.add(node.name.value)
                left.append(operation.fragments[node.name.value].selection_set)
