"""The graph: its roots and its types in one schema."""

import strawberry
from graphql import GraphQLError
from strawberry.extensions import AddValidationRules, ParserCache, ValidationCache
from strawberry.types import ExecutionContext

from resolvers.mutation import Mutation
from resolvers.one_purchase import OnePurchase
from resolvers.query import Query
from schema.scalars import CONFIG

_CACHED_DOCUMENTS = 1000


class Graph(strawberry.Schema):
    """A Strawberry schema that leaves it to its user to log errors."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Stay silent: most errors are the client's own, and whoever serves it logs the rest."""


def build_graph() -> Graph:
    """Build the schema that is served, printed and checked."""
    return Graph(
        query=Query,
        mutation=Mutation,
        config=CONFIG,
        extensions=[
            lambda: AddValidationRules([OnePurchase]),
            lambda: ParserCache(maxsize=_CACHED_DOCUMENTS),
            lambda: ValidationCache(maxsize=_CACHED_DOCUMENTS),
        ],
    )
