"""Coerces the variables of an operation; values that are right as they are skip graphql-core."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInputType,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    get_nullable_type,
    get_variable_values,
    is_non_null_type,
)
from graphql.execution import VariableValues

from gateway.engine.graphql_internals import (
    GraphQLVariableSignature,
    VariableValueSource,
    get_variable_signature,
)

_MAX_ERRORS: Final = 50  # the default of graphql-core
_MISSING: Final = object()

# graphql-core returns a value of exactly this class unchanged.
_UNCHANGED_CLASSES: Final[dict[GraphQLNamedType, type]] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLBoolean: bool,
}


class VariableCoercion:
    """Coerces the variables of one operation."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = operation.variable_definitions or ()
        self._signatures: list[tuple[GraphQLVariableSignature, type, bool]] | None = []
        for definition in self._definitions:
            signature = get_variable_signature(schema, definition)
            class_ = None if isinstance(signature, GraphQLError) else _class_of(signature.type)
            if isinstance(signature, GraphQLError) or class_ is None:
                self._signatures = None
                break
            self._signatures.append((signature, class_, not is_non_null_type(signature.type)))

    def coerce(self, variables: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """Return the coerced values, or the errors."""
        return self._take_unchanged(variables) or get_variable_values(
            self._schema, self._definitions, dict(variables), max_errors=_MAX_ERRORS
        )

    def _take_unchanged(self, variables: Mapping[str, Any]) -> VariableValues | None:
        """Return the values if none is missing or needs coercion, else None."""
        if self._signatures is None:
            return None
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature, class_, is_nullable in self._signatures:
            value = variables.get(signature.name, _MISSING)
            if value.__class__ is not class_ and not (value is None and is_nullable):
                return None
            sources[signature.name] = VariableValueSource(signature, value)
            coerced[signature.name] = value
        return VariableValues(sources, coerced)


def _class_of(type_: GraphQLInputType) -> type | None:
    """Return the class whose values are valid for a type without coercion, if there is one."""
    nullable = get_nullable_type(type_)
    return _UNCHANGED_CLASSES.get(nullable) if isinstance(nullable, GraphQLNamedType) else None
