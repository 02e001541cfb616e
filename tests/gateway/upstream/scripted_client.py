"""A client over a transport that replays scripted responses and records the requests."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from gateway.credentials import SecretToken
from gateway.upstream.client import UpstreamClient
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.scope import CallBudget, RequestScope
from gateway.upstream.tokens.base import TokenProvider
from gateway.upstream.transport.base import (
    Cancelled,
    Exchange,
    GetSender,
    HeaderPairs,
    Headers,
    OnDone,
    OutgoingRequest,
    TransportError,
    UpstreamResponse,
)
from tests.support.clock import FakeClock

ScriptedReply = UpstreamResponse | TransportError
Script = Callable[[OutgoingRequest], Awaitable[ScriptedReply]]


class ScriptedTransport:
    def __init__(self, *replies: ScriptedReply, script: Script | None = None) -> None:
        self._replies = list(replies)
        self._script = script
        self.requests: list[OutgoingRequest] = []
        self.is_closed = False

    async def send(self, request: OutgoingRequest) -> UpstreamResponse:
        self.requests.append(request)
        await asyncio.sleep(0)  # other tasks run before there is a response
        reply = await self._script(request) if self._script else self._replies.pop(0)
        if isinstance(reply, TransportError):
            raise reply
        return reply

    async def aclose(self) -> None:
        self.is_closed = True

    def sent_headers(self, index: int) -> Headers:
        return Headers(self.requests[index].headers)


class ScriptedTokens:
    """Returns `token-1`, and the next number whenever the current token was rejected."""

    def __init__(self) -> None:
        self.number = 1

    def identity(self, caller: SecretToken | None) -> str:
        return "partner"

    def cached(self, scope: RequestScope) -> str | None:
        return f"token-{self.number}"

    async def get(self, scope: RequestScope, *, rejected: str | None = None) -> str:
        if rejected == f"token-{self.number}":
            self.number += 1
        return f"token-{self.number}"


def response(status: int = 200, body: object = None, **headers: str) -> UpstreamResponse:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return UpstreamResponse(status, Headers(pairs), content)


def build_scope(
    deadline: float = 1030.0,
    *,
    identity: str = "partner",
    max_calls: int = 1000,
    token: SecretToken | None = None,
) -> RequestScope:
    return RequestScope(identity, "correlation-1", deadline, CallBudget(max_calls), token)


def build_client(
    transport: ScriptedTransport,
    clock: FakeClock | None = None,
    *,
    tokens: TokenProvider | None = None,
    limits: ClientLimits | None = None,
) -> UpstreamClient:
    return UpstreamClient(
        transport,
        tokens or ScriptedTokens(),
        "http://partner.test/",
        clock=clock or FakeClock(),
        limits=limits or ClientLimits(),
        jitter=lambda: 1.0,
    )


class SentGet:
    """A GET of a burst, which ends when the test allows it."""

    def __init__(self, path: str, headers: str, timeout_s: float, on_done: OnDone) -> None:
        self.path = path
        self.headers = dict(line.split(": ", 1) for line in headers.splitlines())
        self.timeout_s = timeout_s
        self.is_cancelled = False
        self._on_done: OnDone | None = on_done

    def end(self, outcome: ScriptedReply) -> None:
        on_done, self._on_done = self._on_done, None
        if on_done is not None:
            on_done(outcome)

    def cancel(self) -> None:
        self.is_cancelled = self._on_done is not None
        self.end(Cancelled())


class ScriptedBurstTransport(ScriptedTransport):
    """Sends GETs of bursts over kept connections, as long as there are some."""

    def __init__(self, *replies: ScriptedReply, connections: int = 1000) -> None:
        super().__init__(*replies)
        self.connections = connections
        self.gets: list[SentGet] = []

    def prepare_gets(self, base_url: str, headers: HeaderPairs) -> GetSender | None:
        return ScriptedGets(self)


class ScriptedGets:
    def __init__(self, transport: ScriptedBurstTransport) -> None:
        self._transport = transport

    def send(self, path: str, headers: str, timeout_s: float, on_done: OnDone) -> Exchange | None:
        if self._transport.connections == 0:
            return None
        self._transport.connections -= 1
        sent = SentGet(path, headers, timeout_s, on_done)
        self._transport.gets.append(sent)
        return sent
