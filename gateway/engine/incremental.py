"""Arguments of `@defer` and `@stream` that are wrong, found before anything is executed.

Validation finds what a document shows by itself. The rest depends on variables, and graphql-core
finds it while it executes: after a mutation has changed something, as an error of a resolver.
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
    """Raise GraphQLError for the first wrong use of @defer or @stream."""
    for selection in _selections(operation, fragments):
        is_field = isinstance(selection, FieldNode)
        directive = GraphQLStreamDirective if is_field else GraphQLDeferDirective
        values = get_directive_values(directive, selection, variables)
        if values is None or values["if"] is False:
            continue
        if operation.operation is OperationType.SUBSCRIPTION:
            text = f"@{directive.name} is not possible in a subscription; set its `if` to false."
            raise GraphQLError(text, selection)
        initial_count = values["initialCount"] if is_field else 0
        if initial_count is None or initial_count < 0:
            came = "null" if initial_count is None else initial_count
            text = f"The `initialCount` of @stream must be 0 or greater; {came} was given."
            raise GraphQLError(text, selection)


def _selections(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[SelectionNode]:
    """Yield all selections of an operation, going into each fragment once."""
    entered: set[str] = set()
    left = [operation.selection_set]
    while left:
        for each in left.pop().selections:
            yield each
            if isinstance(each, FragmentSpreadNode):
                if each.name.value not in entered:
                    entered.add(each.name.value)
                    left.append(fragments[each.name.value].selection_set)
            elif isinstance(each, FieldNode | InlineFragmentNode) and each.selection_set:
                left.append(each.selection_set)
