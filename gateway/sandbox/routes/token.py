"""The identity platform's token endpoint, versions 1 and 2 (CONTRACT 1.2)."""

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from gateway.sandbox.call_handler import log_call, read_target
from gateway.sandbox.fault_injection import delay_call, substitute_response, write_response
from gateway.sandbox.faults import FaultKind
from gateway.sandbox.grants import TokenRefusal, error_body, grant, token_body
from gateway.sandbox.operations import TOKEN
from gateway.sandbox.quirks import encode
from gateway.sandbox.response_writer import ResponseWriter, SandboxResponse
from gateway.sandbox.responses import JSON
from gateway.sandbox.state import SandboxState


class TokenEndpoint:
    """Serves token requests: logged apart from API calls, hit by faults as they are."""

    def __init__(self, parts: SandboxState) -> None:
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Log the request, decide it, answer."""
        parts = self._parts
        request, connection = Request(scope, receive), ResponseWriter.of(scope)
        call = log_call(request, TOKEN, parts.clock())
        hits = parts.faults.take(read_target(request, TOKEN))
        call.faults = tuple(fault.kind.value for fault in hits)
        parts.calls.token_requests.append(call)
        try:
            body = await request.body()
            await delay_call(hits, parts.sleep)
            if hits.first(FaultKind.CUT_BEFORE):
                await connection.cut()
                return
            instead = substitute_response(hits, request.headers, parts.wire)
            reply = instead or self._decide(request, body)
            call.status = reply.status
            await write_response(reply, hits, connection, parts.sleep)
        except ClientDisconnect:
            pass  # nobody is left to answer
        finally:
            call.ended_s = parts.clock()

    def _decide(self, request: Request, body: bytes) -> SandboxResponse:
        parts, now_s = self._parts, self._parts.clock()
        options = parts.world.options
        tenant = request.path_params["tenant"]
        form = dict(parse_qsl(body.decode(errors="replace")))
        try:
            given = grant(form, tenant, options.credentials, parts.refresh_tokens)
        except TokenRefusal as refusal:
            return _json(refusal.status, error_body(refusal, now_s))
        issuer = f"{request.url.scheme}://{request.url.netloc}/{tenant}/"
        lifetime_s = options.timings.token_lifetime_s
        return _json(200, token_body(given, parts.mint, lifetime_s, issuer, now_s))


def _json(status: int, body: dict[str, Any]) -> SandboxResponse:
    headers = (("Content-Type", JSON), ("Cache-Control", "no-store"))
    return SandboxResponse(status, headers, encode(body))
