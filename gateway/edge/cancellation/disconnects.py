"""Work that ends with the client it is done for."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.asgi import FastResponder
from gateway.edge.cancellation.cancel_scope import CancelScope
from gateway.edge.cancellation.watcher import run_with_watcher

T = TypeVar("T")


async def cancel_on_disconnect(
    receive: Receive, work: Awaitable[T], direct: FastResponder | None = None
) -> T:
    """Return what the work returns; cancel it and raise ClientDisconnect if the client leaves.

    To be used when the request's body has been read: what is received then is its end. Work that
    never waits is not watched: nobody could leave meanwhile.
    """
    watch = (
        _ReceiveDisconnectWatcher(receive) if direct is None else _ServerDisconnectWatcher(direct)
    )
    try:
        return await run_with_watcher(work, watch)
    except asyncio.CancelledError:
        if watch.leaving.uncancel():
            raise ClientDisconnect from None
        raise


class _ServerDisconnectWatcher:
    """Is told by the server when the client has left."""

    def __init__(self, direct: FastResponder) -> None:
        self.leaving = CancelScope()
        self._direct = direct

    def start(self) -> None:
        """Begin to watch."""
        self.leaving.bind()
        self._direct.on_disconnect(self.leaving.cancel)

    def stop(self) -> None:
        """Watch no longer."""
        self._direct.clear_on_disconnect()


class _ReceiveDisconnectWatcher:
    """Waits for the message that the client has left, which any server sends."""

    def __init__(self, receive: Receive) -> None:
        self.leaving = CancelScope()
        self._receive = receive

    def start(self) -> None:
        """Begin to watch."""
        self.leaving.bind()
        self._watching = asyncio.create_task(self._until_left())

    def stop(self) -> None:
        """Watch no longer."""
        self._watching.cancel()

    async def _until_left(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.leaving.cancel()
