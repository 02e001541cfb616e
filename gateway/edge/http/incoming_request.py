"""One HTTP request, and how a GraphQL request is read from it."""

from typing import Final

import msgspec
from starlette.types import Receive, Scope

from gateway.asgi import FastResponder, Header
from gateway.auth.caller import Caller
from gateway.edge.browsers import cors
from gateway.edge.headers import RequestHeaders
from gateway.edge.http.body import BodyReader
from gateway.edge.http.content_negotiation import AcceptedTypes, MediaType
from gateway.edge.request import (
    GraphQLRequest,
    NotAGraphQLRequest,
    RequestOrBatch,
    parse_body,
    parse_query_string,
)
from gateway.edge.response import HttpError
from gateway.persisted.documents import NO_DOCUMENT
from schema.errors import InvalidInput

_ALLOW: Final[Header] = (b"allow", cors.METHODS)
_NO_ARRAY: Final = "This stream accepts one GraphQL request at a time, not an array."


class IncomingRequest(msgspec.Struct, frozen=True):
    """An HTTP request whose body has not been read.

    Attributes:
        fast_responder: how the gateway's own server sends a response without ASGI messages.
    """

    scope: Scope
    receive: Receive
    headers: RequestHeaders
    accepted: AcceptedTypes
    fast_responder: FastResponder | None

    @property
    def media_type(self) -> MediaType:
        """The accepted type of a single response; JSON if none is accepted."""
        return self.accepted.response_type or MediaType.JSON


class RequestReader:
    """Reads GraphQL requests from POST bodies and from query strings."""

    def __init__(self, bodies: BodyReader) -> None:
        self._bodies = bodies

    async def read(self, incoming: IncomingRequest, caller: Caller) -> RequestOrBatch:
        """Return the GraphQL request or array. Raises HttpError and UnreadableRequest."""
        method = incoming.scope["method"]
        if method == "POST":
            body = await self._bodies.read(
                incoming.headers, incoming.receive, caller, incoming.fast_responder
            )
            requests = parse_body(body)
        elif method in ("GET", "HEAD"):
            requests = parse_query_string(incoming.scope["query_string"])
        else:
            text = f"The method {method} is not supported. Send GraphQL requests by POST or GET."
            raise HttpError(405, InvalidInput(text), (_ALLOW,))
        if isinstance(requests, GraphQLRequest) and not requests.has_document:
            raise NotAGraphQLRequest(NO_DOCUMENT)
        return requests

    async def read_single(self, incoming: IncomingRequest, caller: Caller) -> GraphQLRequest:
        """Read a request where an array is not supported."""
        requests = await self.read(incoming, caller)
        if isinstance(requests, list):
            raise NotAGraphQLRequest(_NO_ARRAY)
        return requests
