"""Every exchange is observed, however it ends."""

import asyncio
import itertools

import pytest

from gateway.upstream.transport.base import (
    Headers,
    OutgoingRequest,
    ResponseTimeout,
    UpstreamResponse,
)
from gateway.upstream.transport.instrumented import InstrumentedTransport


class OneOutcomeTransport:
    """Ends every exchange with a given response or error."""

    def __init__(self, end: UpstreamResponse | BaseException) -> None:
        self._end = end
        self.is_closed = False

    async def send(self, request: OutgoingRequest) -> UpstreamResponse:
        if isinstance(self._end, BaseException):
            raise self._end
        return self._end

    async def aclose(self) -> None:
        self.is_closed = True


REQUEST = OutgoingRequest("GET", "http://127.0.0.1/v1/offers", (), None, 1.0)


def seconds() -> "itertools.count[float]":
    return itertools.count(1.0, 0.5)


async def test_a_response_is_observed_with_its_status() -> None:
    seen: list[tuple[tuple[str, str], float]] = []
    response = UpstreamResponse(429, Headers(()), b"")
    transport = InstrumentedTransport(
        OneOutcomeTransport(response),
        "sign_in",
        lambda *what: seen.append(what),
        seconds().__next__,
    )
    assert await transport.send(REQUEST) is response
    assert seen == [(("sign_in", "429"), 0.5)]


async def test_an_error_is_observed_with_its_name_and_raised() -> None:
    seen: list[tuple[tuple[str, str], float]] = []
    transport = InstrumentedTransport(
        OneOutcomeTransport(ResponseTimeout()),
        "sign_in",
        lambda *what: seen.append(what),
        seconds().__next__,
    )
    with pytest.raises(ResponseTimeout):
        await transport.send(REQUEST)
    assert seen == [(("sign_in", "ResponseTimeout"), 0.5)]


async def test_a_cancelled_exchange_is_observed() -> None:
    seen: list[tuple[tuple[str, str], float]] = []
    transport = InstrumentedTransport(
        OneOutcomeTransport(asyncio.CancelledError()),
        "sign_in",
        lambda *what: seen.append(what),
        seconds().__next__,
    )
    with pytest.raises(asyncio.CancelledError):
        await transport.send(REQUEST)
    assert seen == [(("sign_in", "Cancelled"), 0.5)]


async def test_closing_closes_the_inner_transport() -> None:
    inner = OneOutcomeTransport(ResponseTimeout())
    await InstrumentedTransport(inner, "sign_in", lambda *what: None, seconds().__next__).aclose()
    assert inner.is_closed
