"""Asks Partner Center without retry, queue or cache, so that every answer is seen as it came."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import msgspec

from gateway.clock import Clock
from gateway.ids import new_uuid
from gateway.upstream.call import Call
from gateway.upstream.errors import (
    InvalidResponse,
    UpstreamError,
    error_from_response,
    error_from_transport,
)
from gateway.upstream.models.resource import WireCollection
from gateway.upstream.transport.base import (
    HeaderPairs,
    OutgoingRequest,
    Transport,
    TransportError,
    UpstreamResponse,
)

T = TypeVar("T")

_TIMEOUT_S: Final = 30.0
_HEADERS: Final[HeaderPairs] = (("Accept", "application/json"), ("X-Locale", "en-US"))


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What came of one call: an answer, an error, or both when the answer is a refusal.

    Attributes:
        received_s: when the answer came, seconds since the epoch.
    """

    response: UpstreamResponse | None = None
    error: UpstreamError | None = None
    received_s: float = 0.0


class ProbeClient:
    """A connection that remembers the replies of all its calls."""

    def __init__(self, transport: Transport, base_url: str, clock: Clock) -> None:
        self._transport = transport
        self._base_url = base_url
        self._clock = clock
        self.results: list[ProbeResult] = []

    async def send(self, call: Call, token: str) -> ProbeResult:
        """Send a call once."""
        reply = await self._send_once(call, token)
        self.results.append(reply)
        return reply

    async def _send_once(self, call: Call, token: str) -> ProbeResult:
        correlation_id = new_uuid()
        own = (
            ("Authorization", f"Bearer {token}"),
            ("MS-RequestId", new_uuid()),
            ("MS-CorrelationId", correlation_id),
        )
        request = OutgoingRequest(
            call.endpoint.method,
            self._base_url.rstrip("/") + call.url_path,
            own + _HEADERS + call.headers,
            call.body,
            _TIMEOUT_S,
        )
        try:
            answer = await self._transport.send(request)
        except TransportError as lost:
            return ProbeResult(
                error=_with_correlation_id(error_from_transport(lost), correlation_id)
            )
        now = self._clock.wall()
        if answer.is_success:
            return ProbeResult(answer, received_s=now)
        return ProbeResult(
            answer, _with_correlation_id(error_from_response(answer, now), correlation_id), now
        )


def _with_correlation_id(error: UpstreamError, correlation_id: str) -> UpstreamError:
    error.correlation_id = error.correlation_id or correlation_id
    return error


def decode_items(
    reply: ProbeResult, read: Callable[[bytes], WireCollection[T]]
) -> tuple[ProbeResult, tuple[T, ...]]:
    """Read a list; an answer that cannot be read becomes a reply with `InvalidAnswer`."""
    if reply.response is None or reply.error is not None:
        return reply, ()
    try:
        return reply, read(reply.response.body).items or ()
    except (msgspec.MsgspecError, ValueError) as error:
        problem = InvalidResponse(f"the answer is no list of Partner Center: {error}")
        return replace(reply, error=problem), ()
