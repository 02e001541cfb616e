"""The schema: its roots, types and description."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

import strawberry
from graphql import (
    ASTValidationRule,
    GraphQLError,
    GraphQLField,
    OperationType,
    specified_rules,
)
from graphql.utilities.print_schema import print_schema_definition
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types import ExecutionContext

from resolvers.mutation import Mutation
from resolvers.query import Query
from resolvers.single_order_rule import SingleOrderRule
from resolvers.subscription import Subscription
from schema.directives import find_required_scope
from schema.scalars import CONFIG
from schema.scopes import Scope

DESCRIPTION: Final = """\
The subscriptions of Microsoft Partner Center and their possible upgrades, as one graph.

Start with `customers`, their `subscriptions`, and the `upgrades` of each with the reasons why one
is not possible. `upgradePreview` shows what an upgrade would do. `upgradeSubscription`,
`upgradeSubscriptions`, `requestProductUpgrade` and `transitionSubscription` SPEND MONEY, once for
each `idempotencyKey`. `operations` lists the orders and their outcomes.

Fields are read from Partner Center unless their description says otherwise, and are null if it
sends no value. Times are in UTC. A field `rawX` has the text that Partner Center sent for the enum
or time `x`. A read that fails makes its own field null; `errors` has the reason, the path and a
correlation id."""

VALIDATION_RULES: Final[tuple[type[ASTValidationRule], ...]] = (
    *specified_rules,
    SingleOrderRule,
)
"""The rules that every document must satisfy."""


class Graph(strawberry.Schema):
    """The GraphQL schema. Unlike Strawberry's class, it does not log errors.

    Attributes:
        root_scopes: the scope that each root field requires.
    """

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._schema.description = DESCRIPTION

    def as_str(self) -> str:
        """Print the schema in SDL, with the description that Strawberry leaves out."""
        return f"{print_schema_definition(self._schema)}\n\n{super().as_str()}"

    __str__ = as_str

    @cached_property
    def root_scopes(self) -> Mapping[OperationType, Mapping[str, Scope]]:
        """The scope that each root field requires.

        Raises LookupError for a root field without one, because everyone could use it.
        """
        graph = self._schema
        return {
            operation: {name: _require_scope(name, field) for name, field in root.fields.items()}
            for operation in OperationType
            if (root := graph.get_root_type(operation)) is not None
        }

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Do nothing. Most errors are the client's, and the gateway logs the others."""


def _require_scope(name: str, field: GraphQLField) -> Scope:
    scope = find_required_scope(
        field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].directives
    )
    if scope is None:
        raise LookupError(f"the root field {name} has no @requiresScope")
    return scope


def build_graph(*, suggests_fields: bool = True) -> Graph:
    """Build the GraphQL schema.

    Args:
        suggests_fields: whether the error of an unknown field names similar fields.
    """
    return Graph(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=replace(CONFIG, disable_field_suggestions=not suggests_fields),
    )
