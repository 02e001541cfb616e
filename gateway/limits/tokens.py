"""How long a document may be, in tokens; it also bounds how long one takes to parse."""

from typing import Final

from graphql import DocumentNode, GraphQLSyntaxError, parse

from gateway.limits.limit import Limit

# How graphql-core says that it gave up; it has no class of its own for it.
_TOO_MANY: Final = "Document contains more than"
_TOO_DEEP: Final = "Document is nested too deeply"


def parse_limited(text: str, tokens: Limit, depth: Limit) -> DocumentNode:
    """Parse a document. Raises LimitExceeded beyond the bounds, GraphQLSyntaxError for no GraphQL.

    `depth` is what is exceeded where the parser itself gives up, at 200 braces or brackets in
    each other.
    """
    try:
        return parse(text, max_tokens=tokens.maximum)
    except GraphQLSyntaxError as error:
        if _TOO_MANY in error.message:
            raise tokens.exceeded("The document is too long; send several.") from error
        if _TOO_DEEP in error.message:
            raise depth.exceeded("The document is nested too deeply.") from error
        raise
