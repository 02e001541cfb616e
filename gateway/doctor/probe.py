"""Calls Partner Center without retries, queues or caches, to see every response as it is."""

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
    """The result of one call: a response, an error, or both for an error response.

    Attributes:
        received_s: when the response arrived, in seconds since the epoch.
    """

    response: UpstreamResponse | None = None
    error: UpstreamError | None = None
    received_s: float = 0.0


class ProbeClient:
    """Calls Partner Center and keeps the result of each call."""

    def __init__(self, transport: Transport, base_url: str, clock: Clock) -> None:
        self._transport = transport
        self._base_url = base_url
        self._clock = clock
        self.results: list[ProbeResult] = []

    async def send(self, call: Call, token: str) -> ProbeResult:
        result = await self._send_once(call, token)
        self.results.append(result)
        return result

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
            response = await self._transport.send(request)
        except TransportError as lost:
            return ProbeResult(
                error=_with_correlation_id(error_from_transport(lost), correlation_id)
            )
        now = self._clock.wall()
        if response.is_success:
            return ProbeResult(response, received_s=now)
        return ProbeResult(
            response, _with_correlation_id(error_from_response(response, now), correlation_id), now
        )


def _with_correlation_id(error: UpstreamError, correlation_id: str) -> UpstreamError:
    error.correlation_id = error.correlation_id or correlation_id
    return error


def decode_items(
    result: ProbeResult, read: Callable[[bytes], WireCollection[T]]
) -> tuple[ProbeResult, tuple[T, ...]]:
    """Return the result and its decoded items. If it cannot be decoded, the result has an error."""
    if result.response is None or result.error is not None:
        return result, ()
    try:
        return result, read(result.response.body).items or ()
    except (msgspec.MsgspecError, ValueError) as error:
        problem = InvalidResponse(f"the response is not a list from Partner Center: {error}")
        return replace(result, error=problem), ()
