"""The head of a request to the GraphQL path, interpreted once for all requests that repeat it."""

import msgspec
from starlette.types import Scope

from gateway.asgi import UNINTERPRETED_HEADERS
from gateway.edge.browsers.origins import AllowedOrigins
from gateway.edge.headers import RequestHeaders, read_authorizations, read_headers
from gateway.edge.http.body import BodyProblem, find_problem
from gateway.edge.http.content_negotiation import AcceptedTypes, ContentNegotiator, MediaType
from gateway.edge.http.stream_parameters import uses_shared_stream


class RequestHead(msgspec.Struct, frozen=True):
    """An interpreted head. Nothing in it depends on the body, on limits or on the time.

    Attributes:
        headers: the headers, without those of `UNINTERPRETED_HEADERS`.
        authorizations: the credentials, which are verified for every request.
        cross_origin: the allowed origin of the page that sent the request, if CORS applies.
        body_problem: why a body is rejected before it is read; None if it is not.
        is_of_shared_stream: whether the request uses the single connection mode of SSE.
    """

    method: str
    headers: RequestHeaders
    authorizations: list[bytes]
    accepted: AcceptedTypes
    cross_origin: bytes | None
    body_problem: BodyProblem | None
    is_of_shared_stream: bool

    @property
    def media_type(self) -> MediaType:
        """The media type of a response that is not streamed; JSON if the client accepts none."""
        return self.accepted.response_type or MediaType.JSON


class HeadReader:
    """Interprets request heads: checks origins, and parses headers such as `Accept`."""

    def __init__(self, origins: AllowedOrigins) -> None:
        self._origins = origins
        self._negotiator = ContentNegotiator()

    def read(self, scope: Scope) -> RequestHead:
        """Interpret the head of a request. Raises HttpError."""
        headers = read_headers(scope)
        for name in UNINTERPRETED_HEADERS.intersection(headers):
            del headers[name]
        self._origins.require_allowed(headers)
        return RequestHead(
            scope["method"],
            headers,
            read_authorizations(scope) if b"authorization" in headers else [],
            self._negotiator.negotiate(headers.get(b"accept", b"*/*")),
            self._origins.find_allowed_cross_origin(headers),
            find_problem(headers),
            uses_shared_stream(scope, headers),
        )
