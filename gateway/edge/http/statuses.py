"""HTTP status and media type of responses.

Source: the GraphQL-over-HTTP draft, section "Status Codes", as of August 2026.
"""

from typing import Final, Protocol

from gateway.edge.http.content_negotiation import MediaType
from gateway.edge.response import GraphQLResponse

StatusAndType = tuple[int, MediaType]


class StatusRules(Protocol):
    """Determines HTTP status and media type by one version of the GraphQL-over-HTTP draft."""

    @property
    def not_a_graphql_request(self) -> int:
        """The status for JSON that is not a GraphQL request."""
        ...

    def for_response(self, response: GraphQLResponse, media_type: MediaType) -> StatusAndType:
        """Return status and media type of a GraphQL response. The client accepts `media_type`."""
        ...

    def for_error(self, status: int, media_type: MediaType) -> StatusAndType:
        """Return the status and media type of an error that prevented reading a GraphQL request."""
        ...


class DraftStatuses:
    """The rules of the current draft.

    Responses without data always have the media type of a GraphQL response. It distinguishes them
    from a proxy's response with the same status.
    """

    not_a_graphql_request: Final = 422

    def for_response(self, response: GraphQLResponse, media_type: MediaType) -> StatusAndType:
        if not response.was_executed:
            return response.status, MediaType.RESPONSE
        # 294 tells clients that know the draft that the data comes with errors.
        is_partial = bool(response.errors) and media_type is MediaType.RESPONSE
        return 294 if is_partial else 200, media_type

    def for_error(self, status: int, media_type: MediaType) -> StatusAndType:
        return status, MediaType.RESPONSE


class LegacyStatuses:
    """The rules of the draft before 2025, which the audits of `graphql-http` check."""

    not_a_graphql_request: Final = 400

    def for_response(self, response: GraphQLResponse, media_type: MediaType) -> StatusAndType:
        """Return 200 for JSON clients if the request was well-formed and permitted."""
        if response.was_executed:
            return 200, media_type
        if response.status not in (400, 422):
            return response.status, media_type
        return 200 if media_type is MediaType.JSON else 400, media_type

    def for_error(self, status: int, media_type: MediaType) -> StatusAndType:
        return status, media_type
