"""From an answer to its HTTP status.

Source: the GraphQL-over-HTTP draft, section "Status Codes", as of August 2026.
"""

from typing import Final, Protocol

from gateway.edge.http.content_negotiation import MediaType
from gateway.edge.response import GraphQLResponse

StatusAndType = tuple[int, MediaType]


class StatusRules(Protocol):
    """One reading of the draft."""

    @property
    def not_a_graphql_request(self) -> int:
        """The status of JSON that is no GraphQL request's."""
        ...

    def for_response(self, answer: GraphQLResponse, media_type: MediaType) -> StatusAndType:
        """Return what a GraphQL request is answered with, for a client that takes a type."""
        ...

    def for_error(self, status: int, media_type: MediaType) -> StatusAndType:
        """Return what anything else is answered with."""
        ...


class DraftStatuses:
    """The draft as it is.

    294 tells those who know it that errors stand beside the data. Without data, an answer calls
    itself a GraphQL response whatever was accepted: by its status alone it could be a proxy's.
    """

    not_a_graphql_request: Final = 422

    def for_response(self, answer: GraphQLResponse, media_type: MediaType) -> StatusAndType:
        """Tell by status how far it got."""
        if not answer.was_executed:
            return answer.status, MediaType.RESPONSE
        has_partly_failed = bool(answer.errors) and media_type is MediaType.RESPONSE
        return 294 if has_partly_failed else 200, media_type

    def for_error(self, status: int, media_type: MediaType) -> StatusAndType:
        """Keep the status."""
        return status, MediaType.RESPONSE


class LegacyStatuses:
    """The draft as it was before 2025, and as the audits of `graphql-http` know it."""

    not_a_graphql_request: Final = 400

    def for_response(self, answer: GraphQLResponse, media_type: MediaType) -> StatusAndType:
        """Answer with 200 in JSON what was well-formed, unless it was not for this caller."""
        if answer.was_executed:
            return 200, media_type
        if answer.status not in (400, 422):
            return answer.status, media_type
        return 200 if media_type is MediaType.JSON else 400, media_type

    def for_error(self, status: int, media_type: MediaType) -> StatusAndType:
        """Keep the status and what the client takes."""
        return status, media_type
