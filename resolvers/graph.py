"""The graph: its roots and its types in one schema."""

from dataclasses import replace
from typing import Final

import strawberry
from graphql import ASTValidationRule, GraphQLError, specified_rules
from strawberry.types import ExecutionContext

from resolvers.mutation import Mutation
from resolvers.one_purchase import OnePurchase
from resolvers.query import Query
from resolvers.subscription import Subscription
from schema.scalars import CONFIG

RULES: Final[tuple[type[ASTValidationRule], ...]] = (*specified_rules, OnePurchase)
"""What a document must obey."""


class Graph(strawberry.Schema):
    """A Strawberry schema that leaves it to its user to log errors."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Stay silent: most errors are the client's own, and whoever serves it logs the rest."""


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
