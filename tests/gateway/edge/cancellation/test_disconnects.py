import asyncio

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from gateway.edge.cancellation.disconnects import cancel_on_disconnect


class Client:
    """A client that disconnects when the test sets an event."""

    def __init__(self) -> None:
        self.disconnects = asyncio.Event()

    async def receive(self) -> Message:
        await self.disconnects.wait()
        return {"type": "http.disconnect"}


async def test_the_result_is_returned_while_the_client_is_connected() -> None:
    async def work() -> str:
        return "done"

    assert await cancel_on_disconnect(Client().receive, work()) == "done"


async def test_an_exception_of_the_work_is_raised() -> None:
    async def work() -> str:
        raise LookupError("no")

    with pytest.raises(LookupError):
        await cancel_on_disconnect(Client().receive, work())


async def test_work_is_cancelled_when_its_client_disconnects() -> None:
    client, ended = Client(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    client.disconnects.set()
    with pytest.raises(ClientDisconnect):
        await cancel_on_disconnect(client.receive, work())
    assert ended.is_set()


async def test_work_is_cancelled_with_its_request() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    request = asyncio.create_task(cancel_on_disconnect(Client().receive, work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert ended.is_set()
