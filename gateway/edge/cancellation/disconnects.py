"""Cancels work whose client has disconnected."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.asgi import FastResponder
from gateway.edge.cancellation.watcher import CancelScope, run_with_watcher

T = TypeVar("T")


async def cancel_on_disconnect(
    receive: Receive, work: Awaitable[T], fast_responder: FastResponder | None = None
) -> T:
    """Return the work's result; cancel it and raise ClientDisconnect if the client disconnects.

    Call it after the request body has been read: the next message is then the disconnect. Work that
    never waits is not watched, because nothing can happen meanwhile.
    """
    watcher = (
        _ReceiveDisconnectWatcher(receive)
        if fast_responder is None
        else _ServerDisconnectWatcher(fast_responder)
    )
    try:
        return await run_with_watcher(work, watcher)
    except asyncio.CancelledError:
        if watcher.scope.uncancel():
            raise ClientDisconnect from None
        raise


class _ServerDisconnectWatcher:
    """Gets a callback from the gateway's own server."""

    def __init__(self, fast_responder: FastResponder) -> None:
        self.scope = CancelScope()
        self._fast_responder = fast_responder

    def start(self) -> None:
        self.scope.bind()
        self._fast_responder.on_disconnect(self.scope.cancel)

    def stop(self) -> None:
        self._fast_responder.clear_on_disconnect()


class _ReceiveDisconnectWatcher:
    """Waits for the `http.disconnect` message, which every ASGI server sends."""

    def __init__(self, receive: Receive) -> None:
        self.scope = CancelScope()
        self._receive = receive

    def start(self) -> None:
        self.scope.bind()
        self._waiting = asyncio.create_task(self._wait_for_disconnect())

    def stop(self) -> None:
        self._waiting.cancel()

    async def _wait_for_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.scope.cancel()
