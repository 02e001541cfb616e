"""The parts of graphql-core and Strawberry that have no public name."""

from graphql import GraphQLSchema
from strawberry.schema import Schema


def unwrap_schema(schema: Schema) -> GraphQLSchema:
    """Return graphql-core's schema inside Strawberry's."""
    return schema._schema  # noqa: SLF001 - Strawberry has no public name for it
