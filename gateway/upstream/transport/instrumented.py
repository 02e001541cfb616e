"""A transport that reports the duration of its exchanges."""

import asyncio
from collections.abc import Callable
from functools import partial

from gateway.upstream.transport.base import (
    BurstTransport,
    Exchange,
    GetSender,
    HeaderPairs,
    OnDone,
    OutgoingRequest,
    StaleConnection,
    Transport,
    TransportError,
    UpstreamResponse,
)

Observe = Callable[[tuple[str, str], float], None]
"""Takes the method and the outcome (a status or the name of an error), and the seconds.

`Cancelled`: the deadline passed, or the client left.
"""


class InstrumentedTransport:
    """Sends requests with another transport, and reports outcome and duration of each.

    Args:
        transport: the transport that sends.
        observe: called after every exchange.
        monotonic: a clock, in seconds.
    """

    def __init__(
        self, transport: Transport, observe: Observe, monotonic: Callable[[], float]
    ) -> None:
        self._transport = transport
        self._burst_transport = transport if isinstance(transport, BurstTransport) else None
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

    def prepare_gets(self, base_url: str, headers: HeaderPairs) -> GetSender | None:
        if self._burst_transport is None:
            return None
        sender = self._burst_transport.prepare_gets(base_url, headers)
        return sender and _InstrumentedGets(sender, self._observe, self._monotonic)

    async def aclose(self) -> None:
        await self._transport.aclose()


class _InstrumentedGets:
    """Implements `GetSender`."""

    def __init__(self, sender: GetSender, observe: Observe, monotonic: Callable[[], float]) -> None:
        self._send = sender.send
        self._observe = observe
        self._monotonic = monotonic

    def send(self, path: str, headers: str, timeout_s: float, on_done: OnDone) -> Exchange | None:
        report = partial(self._report, self._monotonic(), on_done)
        return self._send(path, headers, timeout_s, report)

    def _report(
        self, started_s: float, on_done: OnDone, outcome: UpstreamResponse | TransportError
    ) -> None:
        if isinstance(outcome, UpstreamResponse):
            self._observe(("GET", str(outcome.status)), self._monotonic() - started_s)
        elif not isinstance(outcome, StaleConnection):  # after which the request is sent again
            self._observe(("GET", type(outcome).__name__), self._monotonic() - started_s)
        on_done(outcome)
