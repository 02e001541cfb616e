import asyncio

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from gateway.edge.cancellation.disconnects import cancel_on_disconnect


class Client:
    """A client that leaves when the test says so."""

    def __init__(self) -> None:
        self.leaves = asyncio.Event()

    async def receive(self) -> Message:
        await self.leaves.wait()
        return {"type": "http.disconnect"}


async def test_the_answer_is_returned_while_the_client_is_there() -> None:
    async def work() -> str:
        return "done"

    assert await cancel_on_disconnect(Client().receive, work()) == "done"


async def test_what_the_work_raises_is_raised() -> None:
    async def work() -> str:
        raise LookupError("no")

    with pytest.raises(LookupError):
        await cancel_on_disconnect(Client().receive, work())


async def test_work_is_cancelled_when_its_client_leaves() -> None:
    client, ended = Client(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    client.leaves.set()
    with pytest.raises(ClientDisconnect):
        await cancel_on_disconnect(client.receive, work())
    assert ended.is_set()


async def test_work_is_cancelled_with_the_request_it_belongs_to() -> None:
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
