"""From an answer to its HTTP status.

Source: the GraphQL-over-HTTP draft, section "Status Codes", as of August 2026.
"""

from typing import Final, Protocol

from gateway.edge.answer import Answer
from gateway.edge.http.negotiate import MediaType

Told = tuple[int, MediaType]


class Statuses(Protocol):
    """One reading of the draft."""

    @property
    def not_a_request(self) -> int:
        """The status of JSON that is no GraphQL request's."""
        ...

    def of_answer(self, answer: Answer, media_type: MediaType) -> Told:
        """Return what a GraphQL request is answered with, for a client that takes a type."""
        ...

    def of_refusal(self, status: int, media_type: MediaType) -> Told:
        """Return what anything else is answered with."""
        ...


class DraftStatuses:
    """The draft as it is.

    294 tells those who know it that errors stand beside the data. Without data, an answer calls
    itself a GraphQL response whatever was accepted: by its status alone it could be a proxy's.
    """

    not_a_request: Final = 422

    def of_answer(self, answer: Answer, media_type: MediaType) -> Told:
        """Tell by status how far it got."""
        if not answer.was_executed:
            return answer.status, MediaType.RESPONSE
        has_partly_failed = bool(answer.errors) and media_type is MediaType.RESPONSE
        return 294 if has_partly_failed else 200, media_type

    def of_refusal(self, status: int, media_type: MediaType) -> Told:
        """Keep the status."""
        return status, MediaType.RESPONSE


class LegacyStatuses:
    """The draft as it was before 2025, and as the audits of `graphql-http` know it."""

    not_a_request: Final = 400

    def of_answer(self, answer: Answer, media_type: MediaType) -> Told:
        """Answer with 200 in JSON what was well-formed, unless it was not for this caller."""
        if answer.was_executed:
            return 200, media_type
        if answer.status not in (400, 422):
            return answer.status, media_type
        return 200 if media_type is MediaType.JSON else 400, media_type

    def of_refusal(self, status: int, media_type: MediaType) -> Told:
        """Keep the status and what the client takes."""
        return status, media_type
