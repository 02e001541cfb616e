"""The way of a call through the sandbox: faults, authentication, throttle, handler, answer."""

from functools import partial

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from gateway.sandbox.calls import LoggedCall
from gateway.sandbox.delivery import Connection, Reply
from gateway.sandbox.faults import FaultKind, Hits, Target
from gateway.sandbox.idempotency import Key
from gateway.sandbox.mischief import delay, deliver, substitute
from gateway.sandbox.operations import Operation
from gateway.sandbox.parts import Parts
from gateway.sandbox.refusals import Refusal, invalid_input, user_context_needed
from gateway.sandbox.replies import refused, reply_to, throttled
from gateway.sandbox.requests import Answer, Ask, Handler
from gateway.sandbox.tokens import Principal, authenticate, require_mfa

ORIGINAL_PATH = "gateway.sandbox.path"
"""Where the scope keeps the path as it was asked for."""


class Exchange:
    """Serves one operation."""

    def __init__(self, operation: Operation, handler: Handler, parts: Parts) -> None:
        self._operation = operation
        self._handler = handler
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Log the call, do the work, answer; faults act on each of the steps."""
        parts = self._parts
        request, connection = Request(scope, receive), Connection.of(scope)
        call = logged(request, self._operation.name, parts.clock())
        hits = parts.faults.take(target(request, self._operation.name))
        call.faults = tuple(fault.kind.value for fault in hits)
        parts.calls.begin(call)
        try:
            reply = await self._reply(request, await request.body(), call, hits)
            if reply is None:
                await connection.cut()
                return
            call.status = reply.status
            await deliver(reply, hits, connection, parts.sleep)
        except ClientDisconnect:
            pass  # nobody is left to answer
        finally:
            parts.calls.end(call, parts.clock())

    async def _reply(
        self, request: Request, body: bytes, call: LoggedCall, hits: Hits
    ) -> Reply | None:
        """The answer; None when the connection is to be cut before the work."""
        instead = substitute(hits, request.headers, self._parts.wire)
        if instead is not None or hits.first(FaultKind.CUT_BEFORE):
            await delay(hits, self._parts.sleep)
            return instead
        principal = None
        try:
            principal = self._authenticated(request)
            self._authorize(principal)
            wait_s = self._throttled(request, principal)
            if wait_s is not None:
                return self._written(throttled(wait_s), request, principal)
            return await self._once(request, body, principal, call, hits)
        except Refusal as refusal:
            return self._written(refused(refusal), request, principal)

    async def _once(
        self, request: Request, body: bytes, principal: Principal, call: LoggedCall, hits: Hits
    ) -> Reply:
        """Do the work, or give the answer that the same write already got."""
        work = partial(self._performed, request, body, principal, hits)
        request_id = request.headers.get("ms-requestid")
        if request.method != "POST" or not request_id:
            return await work()
        path = request.url.path.rstrip("/")
        key = Key(principal.tenant_id, request.method, path, request_id.lower())
        memory, now_s = self._parts.idempotency, self._parts.clock()
        reply, call.is_replay = await memory.once(key, body, now_s, work)
        return reply

    async def _performed(
        self, request: Request, body: bytes, principal: Principal, hits: Hits
    ) -> Reply:
        await delay(hits, self._parts.sleep)
        query = {key.lower(): value for key, value in request.query_params.items()}
        ask = Ask(principal, self._parts.clock(), request.path_params, query, request.headers, body)
        try:
            answer = self._handler(self._parts.world, ask)
        except Refusal as refusal:
            answer = refused(refusal)
        except RecursionError:  # of the JSON in its body or its query
            answer = refused(invalid_input("its JSON is nested too deeply"))
        return self._written(answer, request, principal)

    def _written(self, answer: Answer, request: Request, principal: Principal | None) -> Reply:
        if request.headers.get("validatemfa", "").lower() == "true":
            is_compliant = principal is not None and principal.has_mfa
            headers = {**answer.headers, "isMfaCompliant": str(is_compliant).lower()}
            answer = Answer(answer.body, answer.status, headers)
        return reply_to(answer, request.headers, self._parts.wire)

    def _authenticated(self, request: Request) -> Principal:
        own = f"{request.url.scheme}://{request.url.netloc}"
        audiences = (*self._parts.world.options.credentials.audiences, own)
        authorization = request.headers.get("authorization", "")
        return authenticate(authorization, self._parts.mint, audiences, self._parts.clock())

    def _authorize(self, principal: Principal) -> None:
        require_mfa(principal)
        if self._operation.needs_user and not principal.is_user:
            raise user_context_needed()

    def _throttled(self, request: Request, principal: Principal) -> int | None:
        customer = request.path_params.get("customer")
        return self._parts.throttle.retry_after_s(
            self._operation.bucket, principal.tenant_id, customer, self._parts.clock()
        )


def logged(request: Request, operation: str, now_s: float) -> LoggedCall:
    """The beginning of a log entry."""
    return LoggedCall(
        method=request.method,
        path=request.scope[ORIGINAL_PATH],
        operation=operation,
        request_id=request.headers.get("ms-requestid"),
        correlation_id=request.headers.get("ms-correlationid"),
        started_s=now_s,
        query=request.url.query,
    )


def target(request: Request, operation: str) -> Target:
    """The call as faults see it."""
    path = request.path_params
    return Target(operation, path.get("customer"), path.get("subscription"))
