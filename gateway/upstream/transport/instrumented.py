"""A transport that reports the duration of its exchanges."""

import asyncio
from collections.abc import Callable

from gateway.upstream.transport.base import (
    OutgoingRequest,
    Transport,
    TransportError,
    UpstreamResponse,
)

Observe = Callable[[tuple[str, str], float], None]
"""Takes the method and the outcome (a status or the name of an error), and the seconds.

`Cancelled`: the deadline passed, or the client left.
"""


class InstrumentedTransport:
    """Sends with another transport and reports the outcome and duration of every exchange.

    Args:
        transport: the transport that sends.
        observe: called after every exchange.
        monotonic: a clock, in seconds.
    """

    def __init__(
        self, transport: Transport, observe: Observe, monotonic: Callable[[], float]
    ) -> None:
        self._transport = transport
        self._observe = observe
        self._monotonic = monotonic

    async def send(self, request: OutgoingRequest) -> UpstreamResponse:
        started_s = self._monotonic()
        try:
            response = await self._transport.send(request)
        except (TransportError, asyncio.CancelledError) as failure:
            is_cancelled = isinstance(failure, asyncio.CancelledError)
            outcome = "Cancelled" if is_cancelled else type(failure).__name__
            self._observe((request.method, outcome), self._monotonic() - started_s)
            raise
        self._observe((request.method, str(response.status)), self._monotonic() - started_s)
        return response

    async def aclose(self) -> None:
        await self._transport.aclose()
