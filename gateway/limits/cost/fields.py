"""The fields of one level, merged as execution merges them, with the conditions they have."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

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

Level: TypeAlias = Iterable[tuple[GraphQLCompositeType, SelectionSetNode, frozenset[Condition]]]
_NEVER: frozenset[Condition] = frozenset({("", True)})


@dataclass(slots=True)
class CostField:
    """One field of a type under one response key, wherever it is written."""

    parent: GraphQLCompositeType
    definition: GraphQLField
    nodes: list[FieldNode] = field(default_factory=list)
    conditions: list[frozenset[Condition]] = field(default_factory=list)


class CostFields:
    """Reads selection sets of one valid document."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self._schema = schema
        self._fragments = fragments

    def merged(self, level: Level) -> Iterable[CostField]:
        """Collect the fields of a level; those of different types do not become one."""
        found: dict[tuple[str, str], CostField] = {}
        waiting = list(level)
        while waiting:
            parent, selections, conditions = waiting.pop()
            for node in selections.selections:
                met = conditions | _conditions(node)
                if met >= _NEVER:
                    continue
                if isinstance(node, FieldNode):
                    self._add(node, parent, met, found)
                else:
                    waiting.extend(self._entered(node, parent, met))
        return found.values()

    def _add(
        self,
        node: FieldNode,
        parent: GraphQLCompositeType,
        conditions: frozenset[Condition],
        found: dict[tuple[str, str], CostField],
    ) -> None:
        definition = self._schema.get_field(parent, node.name.value)
        if definition is None:
            return
        key = parent.name, (node.alias or node.name).value
        selected = found.setdefault(key, CostField(parent, definition))
        selected.nodes.append(node)
        selected.conditions.append(conditions)

    def _entered(
        self, node: SelectionNode, parent: GraphQLCompositeType, conditions: frozenset[Condition]
    ) -> Iterator[tuple[GraphQLCompositeType, SelectionSetNode, frozenset[Condition]]]:
        """Enter a fragment; in an object it is about that object, whatever it is on."""
        if isinstance(node, FragmentSpreadNode):
            fragment: FragmentDefinitionNode | InlineFragmentNode = self._fragments[node.name.value]
        else:
            assert isinstance(node, InlineFragmentNode)  # noqa: S101 - there are three kinds
            fragment = node
        condition = fragment.type_condition
        if is_object_type(parent) or condition is None:
            yield parent, fragment.selection_set, conditions
            return
        type_ = self._schema.get_type(condition.name.value)
        if is_composite_type(type_):
            yield type_, fragment.selection_set, conditions


def _conditions(node: SelectionNode) -> frozenset[Condition]:
    return frozenset(_condition(d) for d in node.directives or () if _is_condition(d))


def _is_condition(directive: DirectiveNode) -> bool:
    if directive.name.value not in {"skip", "include"}:
        return False
    value = _truth(directive)
    is_always = isinstance(value, BooleanValueNode) and value.value is _wanted(directive)
    return not is_always


def _condition(directive: DirectiveNode) -> Condition:
    value = _truth(directive)
    return (value.name.value, _wanted(directive)) if isinstance(value, VariableNode) else ("", True)


def _wanted(directive: DirectiveNode) -> bool:
    return directive.name.value == "include"


def _truth(directive: DirectiveNode) -> ValueNode | None:
    return next((argument.value for argument in directive.arguments or ()), None)
