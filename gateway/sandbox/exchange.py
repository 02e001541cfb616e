"""The way of a call through the sandbox: authentication, throttle, handler, answer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from gateway.sandbox.calls import CallLog, LoggedCall
from gateway.sandbox.delivery import Connection, Reply, Sleep
from gateway.sandbox.operations import Operation
from gateway.sandbox.refusals import Refusal, user_context_needed
from gateway.sandbox.replies import refused, reply_to, throttled
from gateway.sandbox.requests import Answer, Ask, Handler
from gateway.sandbox.throttle import Throttle
from gateway.sandbox.tokens import Principal, TokenMint, authenticate, require_mfa
from gateway.sandbox.wire import WireProfile
from gateway.sandbox.world import World


@dataclass(slots=True)
class Parts:
    """What all exchanges of one sandbox share; the control address replaces some of it."""

    world: World
    wire: WireProfile
    throttle: Throttle
    calls: CallLog
    mint: TokenMint
    clock: Callable[[], float]
    sleep: Sleep = field(default=asyncio.sleep)


class Exchange:
    """Serves one operation."""

    def __init__(self, operation: Operation, handler: Handler, parts: Parts) -> None:
        self._operation = operation
        self._handler = handler
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Log the call, do the work, answer."""
        request = Request(scope, receive)
        call = logged(request, self._operation.name, self._parts.clock())
        self._parts.calls.begin(call)
        try:
            body = await request.body()
            reply = self._work(request, body)
            call.status = reply.status
            await Connection.of(scope).send(reply)
        except ClientDisconnect:
            pass  # nobody is left to answer
        finally:
            self._parts.calls.end(call, self._parts.clock())

    def _work(self, request: Request, body: bytes) -> Reply:
        parts = self._parts
        try:
            answer = self._admitted(request, body)
        except Refusal as refusal:
            answer = refused(refusal)
        return reply_to(answer, request.headers, parts.wire)

    def _admitted(self, request: Request, body: bytes) -> Answer:
        parts, now_s = self._parts, self._parts.clock()
        principal = self._authenticated(request, now_s)
        customer = request.path_params.get("customer")
        wait_s = parts.throttle.retry_after_s(
            self._operation.bucket, principal.tenant_id, customer, now_s
        )
        if wait_s is not None:
            return throttled(wait_s)
        query = {key.lower(): value for key, value in request.query_params.items()}
        ask = Ask(principal, now_s, request.path_params, query, request.headers, body)
        return self._handler(parts.world, ask)

    def _authenticated(self, request: Request, now_s: float) -> Principal:
        own = f"{request.url.scheme}://{request.url.netloc}"
        audiences = (*self._parts.world.options.credentials.audiences, own)
        authorization = request.headers.get("authorization", "")
        principal = authenticate(authorization, self._parts.mint, audiences, now_s)
        require_mfa(principal)
        if self._operation.needs_user and not principal.is_user:
            raise user_context_needed()
        return principal


def logged(request: Request, operation: str, now_s: float) -> LoggedCall:
    """The beginning of a log entry."""
    return LoggedCall(
        method=request.method,
        path=request.scope.get("gateway.sandbox.path", request.url.path),
        operation=operation,
        request_id=request.headers.get("ms-requestid"),
        correlation_id=request.headers.get("ms-correlationid"),
        started_s=now_s,
        query=request.url.query,
    )
