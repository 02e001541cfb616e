"""Serves a call: faults, authentication, throttling, idempotency, handler, response."""

from dataclasses import replace
from functools import partial

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from gateway.sandbox.call_log import CallLogEntry
from gateway.sandbox.errors import VendorError, invalid_input_error, user_context_error
from gateway.sandbox.fault_injection import delay_call, substitute_response, write_response
from gateway.sandbox.faults import FaultKind, MatchedFaults, Target
from gateway.sandbox.handler_request import Handler, HandlerRequest, HandlerResponse
from gateway.sandbox.idempotency import IdempotencyKey
from gateway.sandbox.operations import Operation
from gateway.sandbox.response_writer import ResponseWriter, SandboxResponse
from gateway.sandbox.responses import build_response, error_response, throttled_response
from gateway.sandbox.state import SandboxState
from gateway.sandbox.tokens import Caller, authenticate, require_mfa

ORIGINAL_PATH = "gateway.sandbox.path"
"""The key of the ASGI scope under which the path is kept in its original letter case."""


class CallHandler:
    def __init__(self, operation: Operation, handler: Handler, state: SandboxState) -> None:
        self._operation = operation
        self._handler = handler
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = self._state
        request, writer = Request(scope, receive), ResponseWriter.from_scope(scope)
        call = create_log_entry(request, self._operation.name, state.clock())
        faults = state.faults.take(read_target(request, self._operation.name))
        call.faults = tuple(fault.kind.value for fault in faults)
        state.calls.start(call)
        try:
            response = await self._respond(request, await request.body(), call, faults)
            if response is None:
                await writer.cut()
                return
            call.status = response.status
            await write_response(response, faults, writer, state.sleep)
        except ClientDisconnect:
            pass  # there is no client to respond to
        finally:
            state.calls.finish(call, state.clock())

    async def _respond(
        self, request: Request, body: bytes, call: CallLogEntry, faults: MatchedFaults
    ) -> SandboxResponse | None:
        """Build the response, or None if the connection is cut before the operation runs."""
        substitute = substitute_response(faults, request.headers, self._state.wire)
        if substitute is not None or faults.find_first(FaultKind.CUT_BEFORE):
            await delay_call(faults, self._state.sleep)
            return substitute
        caller = None
        try:
            caller = self._authenticate(request)
            self._authorize(caller)
            delay_s = self._check_throttle(request, caller)
            if delay_s is not None:
                return self._build_response(throttled_response(delay_s), request, caller)
            return await self._handle_once(request, body, caller, call, faults)
        except VendorError as error:
            return self._build_response(error_response(error), request, caller)

    async def _handle_once(
        self,
        request: Request,
        body: bytes,
        caller: Caller,
        call: CallLogEntry,
        faults: MatchedFaults,
    ) -> SandboxResponse:
        """Run the handler, or replay the response if this write was already handled."""
        execute = partial(self._handle, request, body, caller, faults)
        request_id = request.headers.get("ms-requestid")
        if request.method == "GET" or not request_id:
            return await execute()
        path = request.url.path.rstrip("/")
        key = IdempotencyKey(caller.tenant_id, request.method, path, request_id.lower())
        store, now_s = self._state.idempotency, self._state.clock()
        response, call.is_replay = await store.run_once(key, body, now_s, execute)
        return response

    async def _handle(
        self, request: Request, body: bytes, caller: Caller, faults: MatchedFaults
    ) -> SandboxResponse:
        await delay_call(faults, self._state.sleep)
        query = {key.lower(): value for key, value in request.query_params.items()}
        handler_request = HandlerRequest(
            caller, self._state.clock(), request.path_params, query, request.headers, body
        )
        try:
            result = self._handler(self._state.world, handler_request)
        except VendorError as error:
            result = error_response(error)
        except RecursionError:  # from parsing the body or the filter
            result = error_response(invalid_input_error("its JSON is nested too deeply"))
        return self._build_response(result, request, caller)

    def _build_response(
        self, result: HandlerResponse, request: Request, caller: Caller | None
    ) -> SandboxResponse:
        if request.headers.get("validatemfa", "").lower() == "true":
            is_compliant = caller is not None and caller.has_mfa
            headers = {**result.headers, "isMfaCompliant": str(is_compliant).lower()}
            result = replace(result, headers=headers)
        return build_response(result, request.headers, self._state.wire)

    def _authenticate(self, request: Request) -> Caller:
        own_url = f"{request.url.scheme}://{request.url.netloc}"
        audiences = (*self._state.world.options.credentials.audiences, own_url)
        authorization = request.headers.get("authorization", "")
        return authenticate(authorization, self._state.token_issuer, audiences, self._state.clock())

    def _authorize(self, caller: Caller) -> None:
        require_mfa(caller)
        if self._operation.needs_user and not caller.is_user:
            raise user_context_error()

    def _check_throttle(self, request: Request, caller: Caller) -> int | None:
        customer_id = request.path_params.get("customer")
        return self._state.throttle.count_call(
            self._operation.bucket, caller.tenant_id, customer_id, self._state.clock()
        )


def create_log_entry(request: Request, operation: str, now_s: float) -> CallLogEntry:
    return CallLogEntry(
        method=request.method,
        path=request.scope[ORIGINAL_PATH],
        operation=operation,
        request_id=request.headers.get("ms-requestid"),
        correlation_id=request.headers.get("ms-correlationid"),
        started_s=now_s,
        query=request.url.query,
    )


def read_target(request: Request, operation: str) -> Target:
    """Return the properties of a routed request that decide which faults affect it."""
    path = request.path_params
    return Target(operation, path.get("customer"), path.get("subscription"))
