"""Everything that the project uses of graphql-core and Strawberry that they do not document.

`pyproject.toml` limits graphql-core to the range that this file was tested with.

- Field collection, variable signatures and the error for a wrong type: plans must collect, coerce
  and report exactly as graphql-core does, and it exports none of these functions.
- The caches of ValidationContext: with identity as key, validation makes 25 % fewer calls for a
  document without variables and 10 % fewer for one with a variable. A test measures both
  (`tests/gateway/engine/test_graphql_internals.py`).
"""

from typing import Any

from graphql import DefinitionNode, GraphQLSchema, ValidationContext, ValidationRule
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.executor import invalid_return_type_error
from graphql.execution.get_variable_signature import (
    GraphQLVariableSignature,
    get_variable_signature,
)
from graphql.execution.values import VariableValueSource
from graphql.pyutils import RefMap
from strawberry.schema import Schema

__all__ = [
    "FieldDetails",
    "FragmentDetails",
    "GraphQLVariableSignature",
    "IdentityKeyedCache",
    "VariableValueSource",
    "collect_fields",
    "collect_subfields",
    "get_variable_signature",
    "invalid_return_type_error",
    "unwrap_schema",
]


def unwrap_schema(schema: Schema) -> GraphQLSchema:
    """Return graphql-core's schema inside Strawberry's."""
    return schema._schema  # noqa: SLF001 - there is no public name


class IdentityKeyedCache(ValidationRule):
    """Makes the caches of a validation compare nodes by identity; reports no errors.

    By default, graphql-core hashes each node with all nodes below it: for the variables alone, an
    operation is hashed nine times. This must be the first rule, because all rules share the
    context. If a later version renames the attributes, validation becomes slower, with the same
    errors.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        usages: RefMap[DefinitionNode, list[Any]] = RefMap()
        caches = {
            "_variable_usages": usages,
            "_recursive_variable_usages": RefMap(),
            "_fragment_spreads": RefMap(),
        }
        for name, cache in caches.items():
            setattr(context, name, cache)
        # A definition without "$" uses no variables, so graphql-core need not look for them.
        usages.update((d, []) for d in context.document.definitions if not _has_dollar_sign(d))


def _has_dollar_sign(definition: DefinitionNode) -> bool:
    location = definition.loc
    return location is None or "$" in location.source.body[location.start : location.end]
