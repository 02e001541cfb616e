"""One HTTP request, and how a GraphQL request is read from it."""

from typing import Final

import msgspec
from starlette.types import Receive, Scope

from gateway.asgi import FastResponder, Header
from gateway.auth.caller import Caller
from gateway.edge.browsers import cors
from gateway.edge.headers import read_headers
from gateway.edge.http.body import BodyReader
from gateway.edge.http.request_head import RequestHead
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
    head: RequestHead
    fast_responder: FastResponder | None


class RequestReader:
    """Reads GraphQL requests from POST bodies and from query strings."""

    def __init__(self, bodies: BodyReader) -> None:
        self._bodies = bodies

    async def read(self, incoming: IncomingRequest, caller: Caller) -> RequestOrBatch:
        """Return the GraphQL request, or an array of them.

        Raises HttpError and UnreadableRequest.
        """
        method = incoming.head.method
        if method == "POST":
            responder = incoming.fast_responder
            body = None if responder is None else responder.take_body()
            if body is None:
                headers = read_headers(incoming.scope)  # with the length that the client declares
                body = await self._bodies.read(headers, incoming.receive, caller)
            elif incoming.head.body_problem is not None:
                raise incoming.head.body_problem.to_error()
            else:
                self._bodies.check_length(len(body), caller)
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
        """Return the GraphQL request. Raises NotAGraphQLRequest for an array of requests."""
        requests = await self.read(incoming, caller)
        if isinstance(requests, list):
            raise NotAGraphQLRequest(_NO_ARRAY)
        return requests
