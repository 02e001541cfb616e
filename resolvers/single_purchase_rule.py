"""A validation rule: a document may contain one mutation that spends money.

Two would run one after the other, and an error in the response would not say which of them was
executed. Many upgrades are one batch, or many documents with a key each.
"""

from collections.abc import Iterator
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValidationRule,
)

PURCHASES: Final = frozenset(
    {
        "upgradeSubscription",
        "upgradeSubscriptions",
        "requestProductUpgrade",
        "transitionSubscription",
    }
)


class SinglePurchaseRule(ValidationRule):
    """At most one purchase in a mutation. Counts aliases and fragments."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        if node.operation is not OperationType.MUTATION:
            return
        purchases = list(self._purchases(node.selection_set, frozenset()))
        if len(purchases) > 1:
            message = (
                f"A document may contain one mutation that spends money, not {len(purchases)}."
                " Send one document for each."
            )
            self.report_error(GraphQLError(message, purchases))

    def _purchases(
        self, selections: SelectionSetNode, entered: frozenset[str]
    ) -> Iterator[FieldNode]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                if node.name.value in PURCHASES:
                    yield node
            elif isinstance(node, FragmentSpreadNode):
                yield from self._purchases_in_fragment(node.name.value, entered)
            elif isinstance(node, InlineFragmentNode):
                yield from self._purchases(node.selection_set, entered)

    def _purchases_in_fragment(self, name: str, entered: frozenset[str]) -> Iterator[FieldNode]:
        """Enter each fragment once: another rule rejects fragments that contain themselves."""
        fragment = self.context.get_fragment(name)
        if fragment is not None and name not in entered:
            yield from self._purchases(fragment.selection_set, entered | {name})
