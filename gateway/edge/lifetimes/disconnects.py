"""Work that ends with the client it is done for."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.asgi import Direct
from gateway.edge.lifetimes.interruption import Interruption
from gateway.edge.lifetimes.waiting import watched

T = TypeVar("T")


async def while_connected(receive: Receive, work: Awaitable[T], direct: Direct | None = None) -> T:
    """Return what the work returns; cancel it and raise ClientDisconnect if the client leaves.

    To be used when the request's body has been read: what is received then is its end. Work that
    never waits is not watched: nobody could leave meanwhile.
    """
    watch = _Receiving(receive) if direct is None else _Told(direct)
    try:
        return await watched(work, watch)
    except asyncio.CancelledError:
        if watch.leaving.withdraw():
            raise ClientDisconnect from None
        raise


class _Told:
    """Is told by the server when the client has left."""

    def __init__(self, direct: Direct) -> None:
        self.leaving = Interruption()
        self._direct = direct

    def start(self) -> None:
        """Begin to watch."""
        self.leaving.concern_this_task()
        self._direct.watch(self.leaving.happen)

    def stop(self) -> None:
        """Watch no longer."""
        self._direct.unwatch()


class _Receiving:
    """Waits for the message that the client has left, which any server sends."""

    def __init__(self, receive: Receive) -> None:
        self.leaving = Interruption()
        self._receive = receive

    def start(self) -> None:
        """Begin to watch."""
        self.leaving.concern_this_task()
        self._watching = asyncio.create_task(self._until_left())

    def stop(self) -> None:
        """Watch no longer."""
        self._watching.cancel()

    async def _until_left(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.leaving.happen()
