"""The variables of one operation: coerced by graphql-core, or taken over where they are right."""

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
from graphql.execution.get_variable_signature import (
    GraphQLVariableSignature,
    get_variable_signature,
)
from graphql.execution.values import VariableValueSource

_MAX_ERRORS: Final = 50  # as many as graphql-core reports
_MISSING: Final = object()

# Values of exactly this class are what graphql-core would return for them.
_COERCED: Final[dict[GraphQLNamedType, type]] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLBoolean: bool,
}


class VariableCoercion:
    """Coerces the variables of an operation."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = operation.variable_definitions or ()
        self._signatures: list[tuple[GraphQLVariableSignature, type, bool]] | None = []
        for definition in self._definitions:
            signature = get_variable_signature(schema, definition)
            expected = None if isinstance(signature, GraphQLError) else _expected(signature.type)
            if isinstance(signature, GraphQLError) or expected is None:
                self._signatures = None
                break
            self._signatures.append((signature, expected, not is_non_null_type(signature.type)))

    def coerce(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """Return the values, or what is wrong with them."""
        return self._take_unchanged(given) or get_variable_values(
            self._schema, self._definitions, dict(given), max_errors=_MAX_ERRORS
        )

    def _take_unchanged(self, given: Mapping[str, Any]) -> VariableValues | None:
        """Take values over that are right as they are; None where one is not, or is missing."""
        if self._signatures is None:
            return None
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature, expected, is_nullable in self._signatures:
            value = given.get(signature.name, _MISSING)
            if value.__class__ is not expected and not (value is None and is_nullable):
                return None
            sources[signature.name] = VariableValueSource(signature, value)
            coerced[signature.name] = value
        return VariableValues(sources, coerced)


def _expected(type_: GraphQLInputType) -> type | None:
    nullable = get_nullable_type(type_)
    return _COERCED.get(nullable) if isinstance(nullable, GraphQLNamedType) else None
