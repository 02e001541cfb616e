"""Encodes responses: status, media type, JSON body and compression."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from gateway.asgi import Header
from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from gateway.edge.cancellation.draining import ShuttingDown
from gateway.edge.http.compression import ResponseCompressor
from gateway.edge.http.content_negotiation import MediaType
from gateway.edge.http.http_response import HttpResponse
from gateway.edge.http.incoming_request import IncomingRequest
from gateway.edge.http.statuses import StatusRules
from gateway.edge.request import NotAGraphQLRequest
from gateway.edge.response import GraphQLResponse, HttpError, error_response
from schema.errors import InvalidInput

# Caches must not mix up responses to GET; nothing caches responses to POST.
_GET_HEADERS: Final[tuple[Header, ...]] = (
    (b"cache-control", b"no-store"),
    (b"vary", b"accept, accept-encoding, authorization"),
)


class ResponseEncoder:
    """Encodes GraphQL responses and errors as HTTP responses.

    Args:
        on_error: called with each error that prevented reading a GraphQL request.
    """

    def __init__(
        self,
        statuses: StatusRules,
        compressor: ResponseCompressor,
        on_error: Callable[[GraphQLResponse], None] = lambda response: None,
    ) -> None:
        self._statuses = statuses
        self._compressor = compressor
        self._on_error = on_error

    async def encode(self, incoming: IncomingRequest, response: GraphQLResponse) -> HttpResponse:
        status, media_type = self._statuses.for_response(response, incoming.head.media_type)
        return await self.encode_json(
            incoming, status, media_type, response.to_dict(), response.headers
        )

    async def encode_json(
        self,
        incoming: IncomingRequest,
        status: int,
        media_type: MediaType,
        content: object,
        headers: Sequence[Header] = (),
    ) -> HttpResponse:
        body = msgspec.json.encode(content)
        if accept_encoding := incoming.head.headers.get(b"accept-encoding"):
            body, coding = await self._compressor.compress(body, accept_encoding)
            if coding is not None:
                headers = (*headers, (b"content-encoding", coding))
        if incoming.head.method != "POST":
            headers = (*headers, *_GET_HEADERS)
        return HttpResponse(status, media_type, body, headers)

    def encode_error(self, error: Exception, media_type: MediaType) -> HttpResponse:
        """Encode an error that ended the request before its GraphQL request was accepted."""
        http_error = self._to_http_error(error)
        status, media_type = self._statuses.for_error(http_error.status, media_type)
        response = error_response(http_error.problem)
        self._on_error(response)
        body = msgspec.json.encode(response.to_dict())
        return HttpResponse(status, media_type, body, http_error.headers)

    def _to_http_error(self, error: Exception) -> HttpError:
        match error:
            case HttpError():
                return error
            case Unauthenticated():
                return HttpError(401, error, ((b"www-authenticate", error.challenge.encode()),))
            case SigningKeysUnavailable() | ShuttingDown():
                return HttpError(503, error, ((b"retry-after", b"%d" % error.retry_after_s),))
            case NotAGraphQLRequest():
                return HttpError(self._statuses.not_a_graphql_request, InvalidInput(str(error)))
            case _:
                return HttpError(400, InvalidInput(str(error)))
