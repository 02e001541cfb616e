"""Everything that the project uses of graphql-core and Strawberry that they do not document.

`pyproject.toml` limits graphql-core to the range that this file was tested with.

- Field collection, variable signatures and the error for a wrong type: plans must collect, coerce
  and report exactly as graphql-core does, and it exports none of these functions.
- The caches of ValidationContext: with identity as key, validation makes 25 % fewer calls for a
  document without variables and 10 % fewer for one with a variable. A test measures both
  (`tests/gateway/limits/validation/test_context_cache.py`).
"""

from collections.abc import Iterable
from typing import Any

from graphql import DefinitionNode, GraphQLSchema, ValidationContext
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
    "VariableValueSource",
    "collect_fields",
    "collect_subfields",
    "get_variable_signature",
    "invalid_return_type_error",
    "key_caches_by_identity",
    "unwrap_schema",
]


def unwrap_schema(schema: Schema) -> GraphQLSchema:
    """Return graphql-core's schema inside Strawberry's."""
    return schema._schema  # noqa: SLF001 - there is no public name


def key_caches_by_identity(
    context: ValidationContext, without_variables: Iterable[DefinitionNode]
) -> None:
    """Replace the caches of a validation context by caches that compare nodes by identity.

    If a later version renames the attributes, validation is slower and finds the same errors.

    Args:
        context: the context that all validation rules share.
        without_variables: definitions that are known to use no variables.
    """
    usages: RefMap[DefinitionNode, list[Any]] = RefMap()
    usages.update((definition, []) for definition in without_variables)
    caches = {
        "_variable_usages": usages,
        "_recursive_variable_usages": RefMap(),
        "_fragment_spreads": RefMap(),
    }
    for name, cache in caches.items():
        setattr(context, name, cache)
