"""Validates that fields with the same response key can be merged, in linear time.

graphql-core compares every pair of fields: a document of 1.5 KB with one field 490 times makes it
compare 119,805 pairs. Whether two fields can be merged is an equivalence relation, so it is enough
to compare each field with the first of its group. Both rules accept the same documents.
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
    """A field, and the type on which it is selected."""

    parent: GraphQLCompositeType
    node: FieldNode
    definition: GraphQLField


CandidateGroup: TypeAlias = list[MergeCandidate]
SelectionSets: TypeAlias = Iterable[tuple[GraphQLCompositeType, SelectionSetNode]]
"""The selection sets whose fields are merged, each with the type that it selects on."""


def with_linear_merging(rules: Sequence[type[ASTValidationRule]]) -> list[type[ASTValidationRule]]:
    """Return the rules, with `FieldsCanMerge` in place of graphql-core's rule."""
    return [FieldsCanMerge if r is OverlappingFieldsCanBeMergedRule else r for r in rules]


class FieldsCanMerge(ValidationRule):
    """Checks that the fields of each operation can be merged, with its fragments written out.

    A field selected on an interface is compared with the fields of every object type. That is
    linear only because the interfaces of this graph have no fields with selections; a test checks
    this.
    """

    def enter_document(self, document: DocumentNode, *_: Any) -> None:
        try:
            flatten(document)
        except GraphQLError:
            return  # a fragment spreads itself, which another rule reports
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                root = self.context.schema.get_root_type(definition.operation)
                if root is not None:
                    selection_sets = [(root, definition.selection_set)]
                    self._compare(selection_sets, _all_together, _response_shape)
                    self._compare(selection_sets, _by_object_type, _requested_field)

    def _compare(
        self,
        selection_sets: SelectionSets,
        split: Callable[[CandidateGroup], Iterable[CandidateGroup]],
        trait: Callable[[MergeCandidate], object],
    ) -> None:
        """Report groups whose fields differ in a trait, at this level and below."""
        for key, fields in self._by_response_key(selection_sets).items():
            for group in split(fields):
                self._report_conflict(key, group, trait)
                below = [
                    (type_, field.node.selection_set)
                    for field in group
                    if field.node.selection_set
                    and is_composite_type(type_ := get_named_type(field.definition.type))
                ]
                if below:
                    self._compare(below, split, trait)

    def _report_conflict(
        self, key: str, group: CandidateGroup, trait: Callable[[MergeCandidate], object]
    ) -> None:
        if len(group) == 1:
            return
        expected = trait(group[0])
        different = next((field for field in group if trait(field) != expected), None)
        if different is not None:
            message = (
                f"Fields {quote(key)} conflict because they are not the same. Use different aliases"
                " on the fields to fetch both if this was intentional."
            )
            self.report_error(GraphQLError(message, [group[0].node, different.node]))

    def _by_response_key(self, selection_sets: SelectionSets) -> dict[str, CandidateGroup]:
        """Collect the fields of selection sets and of their fragments."""
        collected: dict[str, CandidateGroup] = {}
        visited: set[str] = set()
        remaining = list(selection_sets)
        while remaining:
            parent, selections = remaining.pop()
            for node in selections.selections:
                if isinstance(node, FieldNode):
                    definition = self.context.schema.get_field(parent, node.name.value)
                    if definition is not None:
                        key = (node.alias or node.name).value
                        candidate = MergeCandidate(parent, node, definition)
                        collected.setdefault(key, []).append(candidate)
                else:
                    remaining.extend(self._fragment_selections(node, parent, visited))
        return collected

    def _fragment_selections(
        self, node: Any, parent: GraphQLCompositeType, visited: set[str]
    ) -> SelectionSets:
        """Return the selection set of a fragment, unless it was visited or is invalid."""
        if isinstance(node, FragmentSpreadNode):
            if node.name.value in visited:
                return
            visited.add(node.name.value)
            node = self.context.get_fragment(node.name.value)
            if node is None:
                return
        condition = node.type_condition
        type_ = parent if condition is None else self.context.schema.get_type(condition.name.value)
        if is_composite_type(type_):
            yield type_, node.selection_set


def _all_together(fields: CandidateGroup) -> Iterator[CandidateGroup]:
    yield fields


def _by_object_type(fields: CandidateGroup) -> Iterator[CandidateGroup]:
    """Split into groups that one object can have; fields of different object types never merge."""
    of_any_type = [field for field in fields if not is_object_type(field.parent)]
    groups: dict[str, CandidateGroup] = {}
    for field in fields:
        if is_object_type(field.parent):
            groups.setdefault(field.parent.name, list(of_any_type)).append(field)
    yield from groups.values() or [of_any_type]


def _response_shape(field: MergeCandidate) -> object:
    """Return the wrappers of the type, and the type if it is a leaf.

    Fields of one response key must agree in them even on different object types.
    """
    named = get_named_type(field.definition.type)
    wrappers = str(field.definition.type).replace(named.name, "")
    return wrappers, named.name if is_leaf_type(named) else None


def _requested_field(field: MergeCandidate) -> object:
    """Return the field's name, its arguments, and those of @stream."""
    streams = [
        _arguments(directive.arguments)
        for directive in field.node.directives or ()
        if directive.name.value == "stream"
    ]
    return field.node.name.value, _arguments(field.node.arguments), streams


def _arguments(arguments: Sequence[ArgumentNode] | None) -> dict[str, object]:
    return {a.name.value: _comparable_value(a.value) for a in arguments or ()}


def _comparable_value(value: ValueNode) -> object:
    match value:
        case VariableNode():
            return "$", value.name.value
        # Sorting and printing is slow, so scalars do without.
        case IntValueNode() | FloatValueNode() | EnumValueNode() | BooleanValueNode():
            return value.kind, value.value
        case _:
            return print_ast(sort_value_node(value))
