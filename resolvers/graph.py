"""The graph: its roots and its types in one schema."""

from dataclasses import replace
from typing import Final

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.types import ExecutionContext

from resolvers.query import Query
from schema.scalars import CONFIG
from schema.upgrade import UpgradeResult

# Together they bound the memory of documents that are kept parsed, to about 2 MB each.
MAX_TOKENS: Final = 2_000
_CACHED_DOCUMENTS: Final = 100


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
        extensions=[
            lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
            lambda: ParserCache(maxsize=_CACHED_DOCUMENTS),
            lambda: ValidationCache(maxsize=_CACHED_DOCUMENTS),
        ],
    )
