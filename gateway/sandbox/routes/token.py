"""The token endpoint of the identity platform, versions 1 and 2 (CONTRACT 1.2)."""

from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from gateway.sandbox.call_handler import create_log_entry, read_target
from gateway.sandbox.errors import OAuthError
from gateway.sandbox.fault_injection import delay_call, substitute_response, write_response
from gateway.sandbox.faults import FaultKind
from gateway.sandbox.grants import (
    build_oauth_error_body,
    build_token_body,
    decide_grant,
)
from gateway.sandbox.operations import TOKEN
from gateway.sandbox.quirks import encode
from gateway.sandbox.response_writer import ResponseWriter, SandboxResponse
from gateway.sandbox.responses import JSON
from gateway.sandbox.state import SandboxState

_NUMBERS_OF_VERSION_2: Final = ("expires_in", "ext_expires_in")
"""Q46: numbers in version 2 of the endpoint, texts in version 1."""


class TokenEndpoint:
    """Serves token requests. Faults affect them as they affect API calls; the log is separate."""

    def __init__(self, state: SandboxState) -> None:
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = self._state
        request, writer = Request(scope, receive), ResponseWriter.from_scope(scope)
        call = create_log_entry(request, TOKEN, state.clock())
        faults = state.faults.take(read_target(request, TOKEN))
        call.faults = tuple(fault.kind.value for fault in faults)
        state.calls.token_requests.append(call)
        try:
            body = await request.body()
            await delay_call(faults, state.sleep)
            if faults.find_first(FaultKind.CUT_BEFORE):
                await writer.cut()
                return
            substitute = substitute_response(faults, request.headers, state.wire)
            response = substitute or self._respond(request, body)
            call.status = response.status
            await write_response(response, faults, writer, state.sleep)
        except ClientDisconnect:
            pass  # there is no client to respond to
        finally:
            call.ended_s = state.clock()

    def _respond(self, request: Request, body: bytes) -> SandboxResponse:
        state, now_s = self._state, self._state.clock()
        options = state.world.options
        tenant = request.path_params["tenant"]
        form = dict(parse_qsl(body.decode(errors="replace")))
        base = f"{request.url.scheme}://{request.url.netloc}/{tenant}/oauth2"
        urls = (f"{base}/token", f"{base}/v2.0/token")
        client_id = options.credentials.client_id
        verify = partial(state.assertions.verify, form, client_id, urls, now_s)
        try:
            token_grant = decide_grant(
                form, tenant, options.credentials, state.refresh_tokens, verify
            )
        except OAuthError as error:
            return _json_response(error.status, build_oauth_error_body(error, now_s))
        issuer = f"{request.url.scheme}://{request.url.netloc}/{tenant}/"
        lifetime_s = options.timings.token_lifetime_s
        answer = build_token_body(token_grant, state.token_issuer, lifetime_s, issuer, now_s)
        if request.url.path.endswith("/v2.0/token"):
            answer |= {name: int(answer[name]) for name in _NUMBERS_OF_VERSION_2}
        return _json_response(200, answer)


def _json_response(status: int, body: dict[str, Any]) -> SandboxResponse:
    headers = (("Content-Type", JSON), ("Cache-Control", "no-store"))
    return SandboxResponse(status, headers, encode(body))
