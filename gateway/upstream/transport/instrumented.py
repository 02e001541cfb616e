"""A transport that reports the duration of its exchanges.

Calls of Partner Center are reported with their endpoints by `request_sender.py`; this reports the
other requests.
"""

from collections.abc import Callable
from typing import Final

from gateway.upstream.transport.base import (
    OutgoingRequest,
    Transport,
    TransportError,
    UpstreamResponse,
)

Observe = Callable[[tuple[str, str], float], None]
"""Takes the endpoint and the outcome (a status or the name of an error), and the seconds.

`Cancelled`: the deadline passed, or the client left.
"""

_STATUS_NAMES: Final = {status: str(status) for status in range(100, 600)}


class InstrumentedTransport:
    """Sends requests with another transport, and reports outcome and duration of each.

    Args:
        transport: the transport that sends.
        endpoint: the name under which the exchanges are reported.
        observe: called after every exchange.
        monotonic: a clock, in seconds.
    """

    def __init__(
        self,
        transport: Transport,
        endpoint: str,
        observe: Observe,
        monotonic: Callable[[], float],
    ) -> None:
        self._transport = transport
        self._endpoint = endpoint
        self._observe = observe
        self._monotonic = monotonic

    async def send(self, request: OutgoingRequest) -> UpstreamResponse:
        started_s = self._monotonic()
        outcome = "Cancelled"
        try:
            response = await self._transport.send(request)
            outcome = name_outcome(response)
            return response
        except TransportError as failure:
            outcome = name_outcome(failure)
            raise
        finally:
            self._observe((self._endpoint, outcome), self._monotonic() - started_s)

    async def aclose(self) -> None:
        await self._transport.aclose()


def name_outcome(outcome: UpstreamResponse | TransportError) -> str:
    """Return the status of a response, or the name of the error."""
    if isinstance(outcome, TransportError):
        return type(outcome).__name__
    return _STATUS_NAMES.get(outcome.status, "unknown")
