"""The identity platform's token endpoint, versions 1 and 2 (CONTRACT 1.2)."""

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from gateway.sandbox.delivery import Connection, Reply
from gateway.sandbox.exchange import logged, target
from gateway.sandbox.faults import FaultKind
from gateway.sandbox.grants import TokenRefusal, error_body, grant, token_body
from gateway.sandbox.mischief import delay, deliver, substitute
from gateway.sandbox.operations import TOKEN
from gateway.sandbox.parts import Parts
from gateway.sandbox.replies import JSON
from gateway.sandbox.wire import encode


class TokenExchange:
    """Serves token requests: logged apart from API calls, hit by faults as they are."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Log the request, decide it, answer."""
        parts = self._parts
        request, connection = Request(scope, receive), Connection.of(scope)
        call = logged(request, TOKEN, parts.clock())
        hits = parts.faults.take(target(request, TOKEN))
        call.faults = tuple(fault.kind.value for fault in hits)
        parts.calls.token_requests.append(call)
        try:
            body = await request.body()
            await delay(hits, parts.sleep)
            if hits.first(FaultKind.CUT_BEFORE):
                await connection.cut()
                return
            instead = substitute(hits, request.headers, parts.wire)
            reply = instead or self._decided(request, body)
            call.status = reply.status
            await deliver(reply, hits, connection, parts.sleep)
        except ClientDisconnect:
            pass  # nobody is left to answer
        finally:
            call.ended_s = parts.clock()

    def _decided(self, request: Request, body: bytes) -> Reply:
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


def _json(status: int, body: dict[str, Any]) -> Reply:
    headers = (("Content-Type", JSON), ("Cache-Control", "no-store"))
    return Reply(status, headers, encode(body))
