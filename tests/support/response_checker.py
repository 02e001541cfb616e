"""Checks that a response fits its document and the schema."""

from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    is_enum_type,
    is_leaf_type,
)

TYPENAME = "__typename"


class ResponseChecker:
    """Compares responses with a document of one operation, without `@skip` and `@include`."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        (self._operation,) = (
            node for node in document.definitions if isinstance(node, OperationDefinitionNode)
        )

    def check(self, data: dict[str, Any]) -> None:
        """Fail if the data does not fit the document."""
        root = self._schema.get_root_type(self._operation.operation)
        assert root is not None
        self._object(data, root, [self._operation.selection_set])

    def _object(
        self, value: Any, of: GraphQLObjectType, selections: list[SelectionSetNode]
    ) -> None:
        assert isinstance(value, dict), value
        fields = self._fields(of, selections)
        assert list(value) == list(fields)
        for key, nodes in fields.items():
            name = nodes[0].name.value
            if name == TYPENAME:
                assert value[key] == of.name
                continue
            inner = [node.selection_set for node in nodes if node.selection_set]
            self._value(value[key], of.fields[name].type, inner)

    def _fields(
        self, of: GraphQLObjectType, selections: list[SelectionSetNode]
    ) -> dict[str, list[FieldNode]]:
        found: dict[str, list[FieldNode]] = {}
        for selection in (each for selected in selections for each in selected.selections):
            if isinstance(selection, FieldNode):
                key = (selection.alias or selection.name).value
                found.setdefault(key, []).append(selection)
                continue
            condition, inner = self._fragment(selection)
            if condition is None or condition == of.name or self._is_interface(condition, of):
                for key, nodes in self._fields(of, [inner]).items():
                    found.setdefault(key, []).extend(nodes)
        return found

    def _fragment(self, selection: Any) -> tuple[str | None, SelectionSetNode]:
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            return condition.name.value if condition else None, selection.selection_set
        fragment = self._fragments[selection.name.value]
        return fragment.type_condition.name.value, fragment.selection_set

    def _is_interface(self, name: str, of: GraphQLObjectType) -> bool:
        return any(interface.name == name for interface in of.interfaces)

    def _value(self, value: Any, of: GraphQLOutputType, selections: list[SelectionSetNode]) -> None:
        if isinstance(of, GraphQLNonNull):
            assert value is not None
            self._value(value, of.of_type, selections)
        elif value is None:
            return
        elif isinstance(of, GraphQLList):
            assert isinstance(value, list)
            for each in value:
                self._value(each, of.of_type, selections)
        elif is_enum_type(of):
            assert value in of.values
        elif isinstance(of, GraphQLObjectType):
            self._object(value, of, selections)
        elif not is_leaf_type(of):
            assert any(self._fits(value, kind, selections) for kind in self._possible(of))

    def _fits(self, value: Any, of: GraphQLObjectType, selections: list[SelectionSetNode]) -> bool:
        try:
            self._object(value, of, selections)
        except AssertionError:
            return False
        return True

    def _possible(self, of: Any) -> list[GraphQLObjectType]:
        return list(self._schema.get_possible_types(of))
