"""The control address `/_sandbox/…`, open to the machine itself alone."""

import dataclasses

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.sandbox.clock import AdjustableClock
from gateway.sandbox.exchange import Parts


def control_routes(parts: Parts, clock: AdjustableClock) -> list[BaseRoute]:
    """The routes that steer a running sandbox."""

    async def examples(_: Request) -> Response:
        return JSONResponse(dataclasses.asdict(parts.world.examples))

    async def calls(request: Request) -> Response:
        if request.method == "DELETE":
            parts.calls.clear()
        return JSONResponse({"calls": [each.as_json() for each in parts.calls]})

    return [
        Route("/_sandbox/examples", examples),
        Route("/_sandbox/calls", calls, methods=["GET", "DELETE"]),
    ]
