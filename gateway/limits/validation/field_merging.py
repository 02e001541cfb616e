"""Fields of one response key must be able to become one: GraphQL's rule, in linear time.

graphql-core compares every pair: 490 fields of one name, 1.5 KB, are 119,805 of them. Being
mergeable is an equivalence, so it is enough to compare each field with the first of its group.
Both rules find the same documents valid.
Source: https://spec.graphql.org/draft/#sec-Field-Selection-Merging
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from graphql import (
    ArgumentNode,
    ASTValidationRule,
    BooleanValueNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    IntValueNode,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    SelectionSetNode,
    ValidationRule,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_object_type,
    print_ast,
)
from graphql.utilities.sort_value_node import sort_value_node

from gateway.limits.flat_document import flatten
from schema.quoting import quote


class MergeCandidate(NamedTuple):
    """A field, and the type it is selected on."""

    parent: GraphQLCompositeType
    node: FieldNode
    definition: GraphQLField


Group: TypeAlias = list[MergeCandidate]
Level: TypeAlias = Iterable[tuple[GraphQLCompositeType, SelectionSetNode]]


def with_linear_merging(rules: Sequence[type[ASTValidationRule]]) -> list[type[ASTValidationRule]]:
    """Put the rule of this module in the place of graphql-core's."""
    return [FieldsCanMerge if r is OverlappingFieldsCanBeMergedRule else r for r in rules]


class FieldsCanMerge(ValidationRule):
    """Checks each operation with its fragments written out.

    A field of an interface is compared with those of every object type beside it. That is linear
    as long as interfaces have leaves alone, as they have in this graph.
    """

    def enter_document(self, document: DocumentNode, *_: Any) -> None:
        """Check all operations; those whose fragments spread themselves are another rule's."""
        try:
            flatten(document)
        except GraphQLError:
            return
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                root = self.context.schema.get_root_type(definition.operation)
                if root is not None:
                    level = [(root, definition.selection_set)]
                    self._compare(level, _all_together, _shape)
                    self._compare(level, _by_object_type, _request)

    def _compare(
        self,
        level: Level,
        split: Callable[[Group], Iterable[Group]],
        trait: Callable[[MergeCandidate], object],
    ) -> None:
        """Report every field whose trait is not its group's, here and below."""
        for key, fields in self._by_response_key(level).items():
            for group in split(fields):
                self._report_odd(key, group, trait)
                below = [
                    (type_, field.node.selection_set)
                    for field in group
                    if field.node.selection_set
                    and is_composite_type(type_ := get_named_type(field.definition.type))
                ]
                if below:
                    self._compare(below, split, trait)

    def _report_odd(
        self, key: str, group: Group, trait: Callable[[MergeCandidate], object]
    ) -> None:
        if len(group) == 1:
            return
        expected = trait(group[0])
        odd = next((field for field in group if trait(field) != expected), None)
        if odd is not None:
            message = (
                f"Fields {quote(key)} conflict because they are not the same. Use different aliases"
                " on the fields to fetch both if this was intentional."
            )
            self.report_error(GraphQLError(message, [group[0].node, odd.node]))

    def _by_response_key(self, level: Level) -> dict[str, Group]:
        """Collect the fields of selection sets that become one, with those of their fragments."""
        collected: dict[str, Group] = {}
        spread: set[str] = set()
        waiting = list(level)
        while waiting:
            parent, selections = waiting.pop()
            for node in selections.selections:
                if isinstance(node, FieldNode):
                    definition = self.context.schema.get_field(parent, node.name.value)
                    if definition is not None:
                        key = (node.alias or node.name).value
                        collected.setdefault(key, []).append(
                            MergeCandidate(parent, node, definition)
                        )
                else:
                    waiting.extend(self._entered(node, parent, spread))
        return collected

    def _entered(self, node: Any, parent: GraphQLCompositeType, spread: set[str]) -> Level:
        """Enter a fragment, a named one once; one on an unknown type is another rule's."""
        if isinstance(node, FragmentSpreadNode):
            if node.name.value in spread:
                return
            spread.add(node.name.value)
            node = self.context.get_fragment(node.name.value)
            if node is None:
                return
        condition = node.type_condition
        type_ = parent if condition is None else self.context.schema.get_type(condition.name.value)
        if is_composite_type(type_):
            yield type_, node.selection_set


def _all_together(fields: Group) -> Iterator[Group]:
    yield fields


def _by_object_type(fields: Group) -> Iterator[Group]:
    """Split into those that one object can answer: fields of other types are never merged."""
    anywhere = [field for field in fields if not is_object_type(field.parent)]
    groups: dict[str, Group] = {}
    for field in fields:
        if is_object_type(field.parent):
            groups.setdefault(field.parent.name, list(anywhere)).append(field)
    yield from groups.values() or [anywhere]


def _shape(field: MergeCandidate) -> object:
    """Return what a client needs to know to read the answer: wrappers, and which leaf."""
    named = get_named_type(field.definition.type)
    wrappers = str(field.definition.type).replace(named.name, "")
    return wrappers, named.name if is_leaf_type(named) else None


def _request(field: MergeCandidate) -> object:
    """Return what is asked: the field, its arguments, and whether it is streamed."""
    streamed = [
        _arguments(directive.arguments)
        for directive in field.node.directives or ()
        if directive.name.value == "stream"
    ]
    return field.node.name.value, _arguments(field.node.arguments), streamed


def _arguments(arguments: Sequence[ArgumentNode] | None) -> dict[str, object]:
    return {a.name.value: _written(a.value) for a in arguments or ()}


def _written(value: ValueNode) -> object:
    """Return what is the same for equal values; to sort and print plain ones is dear."""
    match value:
        case VariableNode():
            return "$", value.name.value
        case IntValueNode() | FloatValueNode() | EnumValueNode() | BooleanValueNode():
            return value.kind, value.value
        case _:
            return print_ast(sort_value_node(value))
