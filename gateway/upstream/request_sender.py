"""Builds requests from calls, and sends them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import gateway
from gateway.clock import Clock
from gateway.ids import UuidGenerator
from gateway.upstream.call import Call
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.scheduler import RequestScheduler
from gateway.upstream.scope import RequestScope
from gateway.upstream.tokens.base import TokenProvider
from gateway.upstream.transport.base import (
    HeaderPairs,
    OutgoingRequest,
    Transport,
    UpstreamResponse,
)

_COMMON_HEADERS: Final[HeaderPairs] = (
    ("Accept", "application/json"),
    ("MS-Contract-Version", "v1"),
    ("MS-PartnerCenter-Application", "Upgrade Gateway"),
    ("User-Agent", f"upgrade-gateway/{gateway.__version__}"),
)
_DEFAULT_LOCALE: Final[HeaderPairs] = (("X-Locale", "en-US"),)
_JSON_CONTENT_TYPE: Final[HeaderPairs] = (("Content-Type", "application/json"),)


@dataclass(frozen=True, slots=True)
class RequestSender:
    """The parts that all reads and writes of a client share.

    Attributes:
        base_url: scheme, host and port, without `/v1` and without a slash at the end.
        scheduler: gives out the slots to send.
        jitter: returns random numbers from 0 to 1.
        new_request_id: makes the request ids of reads. Writes use their operation's id.
    """

    transport: Transport
    tokens: TokenProvider
    base_url: str
    clock: Clock
    limits: ClientLimits
    scheduler: RequestScheduler
    jitter: Callable[[], float]
    new_request_id: Callable[[], str] = field(default_factory=UuidGenerator)

    def send(
        self, call: Call, scope: RequestScope, request_id: str, token: str, timeout_s: float
    ) -> Awaitable[UpstreamResponse]:
        """Send one attempt. The awaitable raises `TransportError`."""
        headers = (
            ("Authorization", f"Bearer {token}"),
            ("MS-RequestId", request_id),
            ("MS-CorrelationId", scope.correlation_id),
            *_COMMON_HEADERS,
            *_call_headers(call),
        )
        return self.transport.send(
            OutgoingRequest(
                method=call.endpoint.method,
                url=self.base_url + call.url_path,
                headers=headers,
                body=call.body,
                timeout_s=timeout_s,
            )
        )

    def remaining_s(self, scope: RequestScope) -> float:
        """Return the seconds until the deadline, negative after it."""
        return scope.deadline - self.clock.monotonic()


def _call_headers(call: Call) -> HeaderPairs:
    if not call.headers and call.body is None:
        return _DEFAULT_LOCALE
    has_locale = any(name.lower() == "x-locale" for name, _ in call.headers)
    locale = () if has_locale else _DEFAULT_LOCALE
    return call.headers + locale + (() if call.body is None else _JSON_CONTENT_TYPE)
