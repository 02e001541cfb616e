"""Builds requests from calls, and sends them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import gateway
from gateway.clock import Clock
from gateway.ids import UuidGenerator
from gateway.upstream.call import Call
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.scheduler import RequestScheduler
from gateway.upstream.scope import RequestScope
from gateway.upstream.tokens.base import TokenProvider
from gateway.upstream.transport.base import (
    BurstTransport,
    Cancelled,
    GetSender,
    HeaderPairs,
    OutgoingRequest,
    Transport,
    TransportError,
    UpstreamResponse,
)
from gateway.upstream.transport.instrumented import Observe, name_outcome

_COMMON_HEADERS: Final[HeaderPairs] = (
    ("Accept", "application/json"),
    ("MS-Contract-Version", "v1"),
    ("MS-PartnerCenter-Application", "Upgrade Gateway"),
    ("User-Agent", f"upgrade-gateway/{gateway.__version__}"),
)
_DEFAULT_LOCALE: Final[HeaderPairs] = (("X-Locale", "en-US"),)
_MAX_GET_SENDERS: Final = 64  # by locale
_JSON_CONTENT_TYPE: Final[HeaderPairs] = (("Content-Type", "application/json"),)


class AttemptTraces(Protocol):
    """Records attempts as spans."""

    def record_attempt(
        self,
        call: Call,
        outcome: UpstreamResponse | TransportError,
        seconds: float,
        scope: RequestScope,
        request_id: str,
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class RequestSender:
    """Sends single attempts of reads and writes. All calls of a client share it.

    Attributes:
        base_url: scheme, host and port, without `/v1` and without a slash at the end.
        scheduler: decides when an attempt may be sent.
        jitter: returns random numbers from 0 to 1.
        observe_attempt: called after every attempt, with the name of its endpoint.
        traces: records each attempt, too, if traces are on.
        new_request_id: creates the request ids of reads. Writes use their operation's id.
    """

    transport: Transport
    tokens: TokenProvider
    base_url: str
    clock: Clock
    limits: ClientLimits
    scheduler: RequestScheduler
    jitter: Callable[[], float]
    observe_attempt: Observe
    traces: AttemptTraces | None = None
    new_request_id: Callable[[], str] = field(default_factory=UuidGenerator)
    _burst_transport: BurstTransport | None = field(init=False)
    _get_senders: dict[HeaderPairs, GetSender | None] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        can_burst = isinstance(self.transport, BurstTransport)
        object.__setattr__(self, "_burst_transport", self.transport if can_burst else None)

    async def send(
        self, call: Call, scope: RequestScope, request_id: str, token: str, timeout_s: float
    ) -> UpstreamResponse:
        """Send one attempt. Raises `TransportError`."""
        headers = (
            ("Authorization", f"Bearer {token}"),
            ("MS-RequestId", request_id),
            ("MS-CorrelationId", scope.correlation_id),
            *_COMMON_HEADERS,
            *_with_locale(call.headers),
            *(() if call.body is None else _JSON_CONTENT_TYPE),
        )
        request = OutgoingRequest(
            method=call.endpoint.method,
            url=self.base_url + call.url_path,
            headers=headers,
            body=call.body,
            timeout_s=timeout_s,
        )
        started_s = self.clock.monotonic()
        try:
            response = await self.transport.send(request)
        except TransportError as failure:
            self.observe(call, started_s, failure, scope, request_id)
            raise
        except asyncio.CancelledError:
            self.observe(call, started_s, Cancelled(), scope, request_id)
            raise
        self.observe(call, started_s, response, scope, request_id)
        return response

    def observe(
        self,
        call: Call,
        started_s: float,
        outcome: UpstreamResponse | TransportError,
        scope: RequestScope,
        request_id: str,
    ) -> None:
        """Report the outcome of an attempt. `started_s` is a time of the monotonic clock."""
        seconds = self.clock.monotonic() - started_s
        self.observe_attempt((call.endpoint.name, name_outcome(outcome)), seconds)
        if self.traces is not None:
            self.traces.record_attempt(call, outcome, seconds, scope, request_id)

    def get_sender(self, call_headers: HeaderPairs) -> GetSender | None:
        """Return an object that sends many GETs with these headers; None if each is sent alone."""
        if self._burst_transport is None:
            return None
        if call_headers not in self._get_senders:
            if len(self._get_senders) >= _MAX_GET_SENDERS:
                self._get_senders.clear()
            headers = (*_COMMON_HEADERS, *_with_locale(call_headers))
            sender = self._burst_transport.prepare_gets(self.base_url, headers)
            self._get_senders[call_headers] = sender
        return self._get_senders[call_headers]

    def remaining_s(self, scope: RequestScope) -> float:
        """Return the seconds until the deadline; negative once it has passed."""
        return scope.deadline - self.clock.monotonic()


def _with_locale(call_headers: HeaderPairs) -> HeaderPairs:
    has_locale = any(name.lower() == "x-locale" for name, _ in call_headers)
    return call_headers if has_locale else call_headers + _DEFAULT_LOCALE
