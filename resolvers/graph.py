"""The graph: its roots and its types in one schema."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final

import strawberry
from graphql import (
    ASTValidationRule,
    GraphQLError,
    GraphQLField,
    OperationType,
    specified_rules,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types import ExecutionContext

from resolvers.mutation import Mutation
from resolvers.one_purchase import OnePurchase
from resolvers.query import Query
from resolvers.subscription import Subscription
from schema.access import scope_of
from schema.scalars import CONFIG
from schema.scopes import Scope

RULES: Final[tuple[type[ASTValidationRule], ...]] = (*specified_rules, OnePurchase)
"""What a document must obey."""


class Graph(strawberry.Schema):
    """A Strawberry schema that leaves it to its user to log errors.

    Attributes:
        root_scopes: the scope that each root field asks for.
    """

    @cached_property
    def root_scopes(self) -> Mapping[OperationType, Mapping[str, Scope]]:
        """Raises LookupError naming a root field that asks for none: nobody could be refused it."""
        graph = self._schema
        return {
            operation: {name: _scope(name, field) for name, field in root.fields.items()}
            for operation in OperationType
            if (root := graph.get_root_type(operation)) is not None
        }

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Stay silent: most errors are the client's own, and whoever serves it logs the rest."""


def _scope(name: str, field: GraphQLField) -> Scope:
    scope = scope_of(field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].directives)
    if scope is None:
        raise LookupError(f"{name} is a root field without @requiresScope")
    return scope


def build_graph(*, suggests_fields: bool = True) -> Graph:
    """Build the schema that is served, printed and checked.

    Args:
        suggests_fields: whether an unknown field is answered with those that are spelled alike.
    """
    return Graph(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=replace(CONFIG, disable_field_suggestions=not suggests_fields),
    )
