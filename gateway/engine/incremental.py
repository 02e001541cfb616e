"""Checks the arguments of `@defer` and `@stream` before anything is executed.

Validation checks literal arguments. graphql-core checks variables during execution, when a
mutation may have changed something already, and reports an error of a resolver.
"""

from collections.abc import Iterator, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLDeferDirective,
    GraphQLError,
    GraphQLStreamDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
)
from graphql.execution import VariableValues, get_directive_values


def check_incremental(
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: VariableValues,
) -> None:
    """Raise GraphQLError for the first invalid @defer or @stream."""
    for selection in _selections(operation, fragments):
        is_field = isinstance(selection, FieldNode)
        directive = GraphQLStreamDirective if is_field else GraphQLDeferDirective
        values = get_directive_values(directive, selection, variables)
        if values is None or values["if"] is False:
            continue
        if operation.operation is OperationType.SUBSCRIPTION:
            text = f"@{directive.name} is not supported in subscriptions. Set its `if` to false."
            raise GraphQLError(text, selection)
        initial_count = values["initialCount"] if is_field else 0
        if initial_count is None or initial_count < 0:
            received = "null" if initial_count is None else initial_count
            text = f"The `initialCount` of @stream must be 0 or greater, but is {received}."
            raise GraphQLError(text, selection)


def _selections(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[SelectionNode]:
    """Yield all selections of an operation, those of each fragment once."""
    visited: set[str] = set()
    remaining = [operation.selection_set]
    while remaining:
        for node in remaining.pop().selections:
            yield node
            if isinstance(node, FragmentSpreadNode):
                if node.name.value not in visited:
                    visited.add(node.name.value)
                    remaining.append(fragments[node.name.value].selection_set)
            elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                remaining.append(node.selection_set)
