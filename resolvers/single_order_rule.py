"""A validation rule: a document may contain one mutation that places orders.

Those are the mutations with an idempotency key. Two would run one after the other, and an error in
the response would not say which of them was executed. Many orders are one batch, or many documents
with a key each.
"""

from collections.abc import Iterator
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValidationRule,
    get_named_type,
)

_KEY: Final = "idempotencyKey"


def places_orders(field: GraphQLField) -> bool:
    """Whether a mutation places orders, which means that its input has an idempotency key."""
    inputs = (get_named_type(argument.type) for argument in field.args.values())
    return any(isinstance(each, GraphQLInputObjectType) and _KEY in each.fields for each in inputs)


class SingleOrderRule(ValidationRule):
    """Allows at most one field that places orders in a mutation, also by alias or fragment."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        if node.operation is not OperationType.MUTATION:
            return
        placing = list(self._list_placing(node.selection_set, frozenset()))
        if len(placing) > 1:
            message = (
                f"A document may contain one mutation with an idempotency key, not {len(placing)}."
                " Send one document for each."
            )
            self.report_error(GraphQLError(message, placing))

    def _list_placing(
        self, selections: SelectionSetNode, entered: frozenset[str]
    ) -> Iterator[FieldNode]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                if self._places_orders(node):
                    yield node
            elif isinstance(node, FragmentSpreadNode):
                yield from self._list_in_fragment(node.name.value, entered)
            elif isinstance(node, InlineFragmentNode):
                yield from self._list_placing(node.selection_set, entered)

    def _places_orders(self, node: FieldNode) -> bool:
        root = self.context.schema.mutation_type
        field = None if root is None else root.fields.get(node.name.value)
        return field is not None and places_orders(field)

    def _list_in_fragment(self, name: str, entered: frozenset[str]) -> Iterator[FieldNode]:
        """Enter each fragment once: another rule rejects fragments that contain themselves."""
        fragment = self.context.get_fragment(name)
        if fragment is not None and name not in entered:
            yield from self._list_placing(fragment.selection_set, entered | {name})
