"""The graph: its roots and its types in one schema."""

from dataclasses import replace

import strawberry
from graphql import GraphQLError
from strawberry.types import ExecutionContext

from resolvers.query import Query
from schema.scalars import CONFIG
from schema.upgrade import UpgradeResult


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
        types=[UpgradeResult],
        config=replace(CONFIG, disable_field_suggestions=not suggests_fields),
    )
