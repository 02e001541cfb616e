"""One HTTP request on its way."""

import msgspec
from starlette.types import Receive, Scope

from gateway.edge.headers import RequestHeaders
from gateway.edge.http.negotiate import Accepted


class Exchange(msgspec.Struct, frozen=True):
    """What is known of it before its body is read."""

    scope: Scope
    receive: Receive
    headers: RequestHeaders
    accepted: Accepted
