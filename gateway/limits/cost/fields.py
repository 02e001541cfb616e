"""Collects the fields of one level as execution would, with the conditions of each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    is_composite_type,
    is_object_type,
)

from gateway.limits.cost.estimate import Condition

ConditionalSelections: TypeAlias = Iterable[
    tuple[GraphQLCompositeType, SelectionSetNode, frozenset[Condition]]
]
"""Selection sets of one level, each with its type and the conditions under which it applies."""

UNCONDITIONAL: Final[frozenset[Condition]] = frozenset()
_NEVER: Final[frozenset[Condition]] = frozenset({("", True)})


@dataclass(slots=True)
class CostField:
    """The fields of one type that are merged under one response key.

    Attributes:
        conditions: for each merged node, the conditions that must all be true.
    """

    parent: GraphQLCompositeType
    definition: GraphQLField
    nodes: list[FieldNode] = field(default_factory=list)
    conditions: list[frozenset[Condition]] = field(default_factory=list)


class CostFields:
    """Collects fields from the selection sets of one valid document."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self._schema = schema
        self._fragments = fragments

    def merge(self, selections: ConditionalSelections) -> Iterable[CostField]:
        """Return the fields of a level. Fields of different types are not merged."""
        merged: dict[tuple[str, str], CostField] = {}
        remaining = list(selections)
        while remaining:
            parent, selection_set, conditions = remaining.pop()
            for node in selection_set.selections:
                all_conditions = conditions | _conditions(node)
                if all_conditions >= _NEVER:
                    continue
                if isinstance(node, FieldNode):
                    self._add(node, parent, all_conditions, merged)
                else:
                    remaining.extend(self._fragment_selections(node, parent, all_conditions))
        return merged.values()

    def _add(
        self,
        node: FieldNode,
        parent: GraphQLCompositeType,
        conditions: frozenset[Condition],
        merged: dict[tuple[str, str], CostField],
    ) -> None:
        definition = self._schema.get_field(parent, node.name.value)
        if definition is None:
            return
        key = parent.name, (node.alias or node.name).value
        cost_field = merged.setdefault(key, CostField(parent, definition))
        cost_field.nodes.append(node)
        cost_field.conditions.append(conditions)

    def _fragment_selections(
        self, node: SelectionNode, parent: GraphQLCompositeType, conditions: frozenset[Condition]
    ) -> Iterator[tuple[GraphQLCompositeType, SelectionSetNode, frozenset[Condition]]]:
        if isinstance(node, FragmentSpreadNode):
            fragment: FragmentDefinitionNode | InlineFragmentNode = self._fragments[node.name.value]
        else:
            assert isinstance(node, InlineFragmentNode)  # noqa: S101 - there is no fourth kind
            fragment = node
        type_condition = fragment.type_condition
        # On an object the fragment applies to that object, even if it is on an interface.
        if is_object_type(parent) or type_condition is None:
            yield parent, fragment.selection_set, conditions
            return
        type_ = self._schema.get_type(type_condition.name.value)
        if is_composite_type(type_):
            yield type_, fragment.selection_set, conditions


def _conditions(node: SelectionNode) -> frozenset[Condition]:
    return frozenset(_condition(d) for d in node.directives or () if _is_condition(d))


def _is_condition(directive: DirectiveNode) -> bool:
    """Whether a directive is @skip or @include and not always true."""
    if directive.name.value not in {"skip", "include"}:
        return False
    value = _if_argument(directive)
    is_always = isinstance(value, BooleanValueNode) and value.value is _selecting_value(directive)
    return not is_always


def _condition(directive: DirectiveNode) -> Condition:
    value = _if_argument(directive)
    if isinstance(value, VariableNode):
        return value.name.value, _selecting_value(directive)
    return "", True  # a literal that never selects the field


def _selecting_value(directive: DirectiveNode) -> bool:
    """Return the value of `if` with which the field is selected."""
    return directive.name.value == "include"


def _if_argument(directive: DirectiveNode) -> ValueNode | None:
    return next((argument.value for argument in directive.arguments or ()), None)
