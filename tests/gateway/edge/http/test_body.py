import asyncio
from collections.abc import Iterable

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from gateway.auth.caller import Caller
from gateway.edge.http.body import BodyReader
from gateway.edge.response import HttpError
from gateway.limits.body import BodyLimits
from gateway.limits.limit import Limit
from schema.scopes import Scope
from tests.support.waiting import HANG_TIMEOUT_S

JSON = {b"content-type": b"application/json"}


def coming(messages: Iterable[Message]) -> Receive:
    """Return these messages, then wait forever."""
    left = iter(messages)

    async def receive() -> Message:
        for message in left:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    return receive


def chunk(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


READER = Caller("reader", frozenset({Scope.READ}))
WRITER = Caller("writer", frozenset({Scope.READ, Scope.WRITE}))


def reader(timeout_s: float = HANG_TIMEOUT_S) -> BodyReader:
    limits = BodyLimits(Limit("body_bytes", 10), Limit("body_bytes", 20), timeout_s)
    return BodyReader(lambda: limits)


async def refused(headers: dict[bytes, bytes], *messages: Message, timeout_s: float = 60) -> int:
    with pytest.raises(HttpError) as caught:
        await reader(timeout_s).read(headers, coming(messages), READER)
    assert (b"connection", b"close") in caught.value.headers
    return caught.value.status


async def test_chunks_are_joined() -> None:
    messages = [chunk(b"01234", more=True), chunk(b"", more=True), chunk(b"56789", more=False)]
    assert await reader().read(JSON, coming(messages), READER) == b"0123456789"


async def test_a_body_is_rejected_as_soon_as_it_is_too_large() -> None:
    assert await refused(JSON, chunk(b"01234", more=True), chunk(b"567890", more=True)) == 413


@pytest.mark.parametrize("length", [b"11", b"9" * 5000])
async def test_a_body_with_a_too_large_content_length_is_not_read(length: bytes) -> None:
    assert await refused({**JSON, b"content-length": length}) == 413


async def test_a_body_that_does_not_arrive_in_time_gets_408() -> None:
    assert await refused(JSON, chunk(b"0", more=True), timeout_s=0.0) == 408


async def test_a_client_that_disconnects_midway_gets_no_response() -> None:
    messages = [chunk(b"0", more=True), {"type": "http.disconnect"}]
    with pytest.raises(ClientDisconnect):
        await reader().read(JSON, coming(messages), READER)


async def test_a_request_that_is_cancelled_while_reading_stays_cancelled() -> None:
    reading = asyncio.create_task(reader().read(JSON, coming([]), READER))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_callers_with_the_upgrade_scope_may_send_larger_bodies() -> None:
    messages = [chunk(b"0123456789", more=True), chunk(b"0123456789", more=False)]
    assert len(await reader().read(JSON, coming(messages), WRITER)) == 20
    messages.insert(0, chunk(b"0", more=True))
    with pytest.raises(HttpError):
        await reader().read(JSON, coming(messages), WRITER)
