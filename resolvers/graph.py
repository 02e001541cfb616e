"""The graph: its roots and its types in one schema."""

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
from resolvers.single_purchase_rule import SinglePurchaseRule
from resolvers.subscription import Subscription
from schema.directives import find_required_scope
from schema.scalars import CONFIG
from schema.scopes import Scope

DESCRIPTION: Final = """\
Partner Center's subscriptions and everything they can be upgraded to, in one graph.

Begin with `customers`: their `subscriptions`, and the `upgrades` of each with the reasons why one
is not possible. `upgradePreview` shows what an upgrade would do; `upgradeSubscription`,
`requestProductUpgrade` and `transitionSubscription` SPEND MONEY, once for each `idempotencyKey`.
`operations` lists what became of them.

Whatever is read from elsewhere may be null: a source that fails costs its own field, and `errors`
has the reason, its path and a correlation id."""

VALIDATION_RULES: Final[tuple[type[ASTValidationRule], ...]] = (
    *specified_rules,
    SinglePurchaseRule,
)
"""What a document must obey."""


class Graph(strawberry.Schema):
    """A Strawberry schema that leaves it to its user to log errors.

    Attributes:
        root_scopes: the scope that each root field asks for.
    """

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._schema.description = DESCRIPTION

    def as_str(self) -> str:
        """Print the graph with its own description, which Strawberry leaves out."""
        return f"{print_schema_definition(self._schema)}\n\n{super().as_str()}"

    __str__ = as_str

    @cached_property
    def root_scopes(self) -> Mapping[OperationType, Mapping[str, Scope]]:
        """Raises LookupError naming a root field that asks for none: nobody could be refused it."""
        graph = self._schema
        return {
            operation: {name: _require_scope(name, field) for name, field in root.fields.items()}
            for operation in OperationType
            if (root := graph.get_root_type(operation)) is not None
        }

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Stay silent: most errors are the client's own, and whoever serves it logs the rest."""


def _require_scope(name: str, field: GraphQLField) -> Scope:
    scope = find_required_scope(
        field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].directives
    )
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
