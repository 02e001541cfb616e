"""One HTTP request on its way."""

from dataclasses import dataclass

from starlette.types import Receive, Scope

from gateway.edge.headers import RequestHeaders
from gateway.edge.negotiate import Accepted


@dataclass(frozen=True, slots=True)
class Exchange:
    """What is known of it before its body is read."""

    scope: Scope
    receive: Receive
    headers: RequestHeaders
    accepted: Accepted
