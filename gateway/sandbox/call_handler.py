"""The way of a call through the sandbox: faults, authentication, throttle, handler, answer."""

from functools import partial

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from gateway.sandbox.call_log import LoggedCall
from gateway.sandbox.errors import VendorError, invalid_input, user_context_needed
from gateway.sandbox.fault_injection import delay_call, substitute_response, write_response
from gateway.sandbox.faults import FaultKind, MatchedFaults, Target
from gateway.sandbox.handler_request import Handler, HandlerRequest, HandlerResponse
from gateway.sandbox.idempotency import Key
from gateway.sandbox.operations import Operation
from gateway.sandbox.response_writer import ResponseWriter, SandboxResponse
from gateway.sandbox.responses import build_response, error_response, throttled_response
from gateway.sandbox.state import SandboxState
from gateway.sandbox.tokens import Principal, authenticate, require_mfa

ORIGINAL_PATH = "gateway.sandbox.path"
"""Where the scope keeps the path as it was asked for."""


class CallHandler:
    """Serves one operation."""

    def __init__(self, operation: Operation, handler: Handler, parts: SandboxState) -> None:
        self._operation = operation
        self._handler = handler
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Log the call, do the work, answer; faults act on each of the steps."""
        parts = self._parts
        request, connection = Request(scope, receive), ResponseWriter.of(scope)
        call = log_call(request, self._operation.name, parts.clock())
        hits = parts.faults.take(read_target(request, self._operation.name))
        call.faults = tuple(fault.kind.value for fault in hits)
        parts.calls.start(call)
        try:
            reply = await self._reply(request, await request.body(), call, hits)
            if reply is None:
                await connection.cut()
                return
            call.status = reply.status
            await write_response(reply, hits, connection, parts.sleep)
        except ClientDisconnect:
            pass  # nobody is left to answer
        finally:
            parts.calls.finish(call, parts.clock())

    async def _reply(
        self, request: Request, body: bytes, call: LoggedCall, hits: MatchedFaults
    ) -> SandboxResponse | None:
        """The answer; None when the connection is to be cut before the work."""
        instead = substitute_response(hits, request.headers, self._parts.wire)
        if instead is not None or hits.first(FaultKind.CUT_BEFORE):
            await delay_call(hits, self._parts.sleep)
            return instead
        principal = None
        try:
            principal = self._authenticate(request)
            self._authorize(principal)
            wait_s = self._check_throttle(request, principal)
            if wait_s is not None:
                return self._build_response(throttled_response(wait_s), request, principal)
            return await self._handle_once(request, body, principal, call, hits)
        except VendorError as refusal:
            return self._build_response(error_response(refusal), request, principal)

    async def _handle_once(
        self,
        request: Request,
        body: bytes,
        principal: Principal,
        call: LoggedCall,
        hits: MatchedFaults,
    ) -> SandboxResponse:
        """Do the work, or give the answer that the same write already got."""
        work = partial(self._handle, request, body, principal, hits)
        request_id = request.headers.get("ms-requestid")
        if request.method != "POST" or not request_id:
            return await work()
        path = request.url.path.rstrip("/")
        key = Key(principal.tenant_id, request.method, path, request_id.lower())
        memory, now_s = self._parts.idempotency, self._parts.clock()
        reply, call.is_replay = await memory.once(key, body, now_s, work)
        return reply

    async def _handle(
        self, request: Request, body: bytes, principal: Principal, hits: MatchedFaults
    ) -> SandboxResponse:
        await delay_call(hits, self._parts.sleep)
        query = {key.lower(): value for key, value in request.query_params.items()}
        ask = HandlerRequest(
            principal, self._parts.clock(), request.path_params, query, request.headers, body
        )
        try:
            answer = self._handler(self._parts.world, ask)
        except VendorError as refusal:
            answer = error_response(refusal)
        except RecursionError:  # of the JSON in its body or its query
            answer = error_response(invalid_input("its JSON is nested too deeply"))
        return self._build_response(answer, request, principal)

    def _build_response(
        self, answer: HandlerResponse, request: Request, principal: Principal | None
    ) -> SandboxResponse:
        if request.headers.get("validatemfa", "").lower() == "true":
            is_compliant = principal is not None and principal.has_mfa
            headers = {**answer.headers, "isMfaCompliant": str(is_compliant).lower()}
            answer = HandlerResponse(answer.body, answer.status, headers)
        return build_response(answer, request.headers, self._parts.wire)

    def _authenticate(self, request: Request) -> Principal:
        own = f"{request.url.scheme}://{request.url.netloc}"
        audiences = (*self._parts.world.options.credentials.audiences, own)
        authorization = request.headers.get("authorization", "")
        return authenticate(authorization, self._parts.mint, audiences, self._parts.clock())

    def _authorize(self, principal: Principal) -> None:
        require_mfa(principal)
        if self._operation.needs_user and not principal.is_user:
            raise user_context_needed()

    def _check_throttle(self, request: Request, principal: Principal) -> int | None:
        customer = request.path_params.get("customer")
        return self._parts.throttle.retry_after_s(
            self._operation.bucket, principal.tenant_id, customer, self._parts.clock()
        )


def log_call(request: Request, operation: str, now_s: float) -> LoggedCall:
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


def read_target(request: Request, operation: str) -> Target:
    """The call as faults see it."""
    path = request.path_params
    return Target(operation, path.get("customer"), path.get("subscription"))
