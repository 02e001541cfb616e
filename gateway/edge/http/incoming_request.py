"""One HTTP request on its way."""

import msgspec
from starlette.types import Receive, Scope

from gateway.asgi import FastResponder
from gateway.edge.headers import RequestHeaders
from gateway.edge.http.content_negotiation import AcceptedTypes


class IncomingRequest(msgspec.Struct, frozen=True):
    """What is known of it before its body is read.

    Attributes:
        direct: the server's way past messages, if it has one.
    """

    scope: Scope
    receive: Receive
    headers: RequestHeaders
    accepted: AcceptedTypes
    fast_responder: FastResponder | None
