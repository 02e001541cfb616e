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

    Call it after the request body has been read: the next message is then the disconnect.

    A fast responder, if the server provides one, reports the disconnect. Otherwise `receive` is
    read for it as soon as the work waits for something.
    """
    scope = CancelScope()
    try:
        if fast_responder is None:
            return await run_with_watcher(work, _ReceiveDisconnectWatcher(receive, scope))
        scope.bind()
        fast_responder.on_disconnect(scope.cancel)
        return await work
    except asyncio.CancelledError:
        if scope.uncancel():
            raise ClientDisconnect from None
        raise
    finally:
        if fast_responder is not None:
            fast_responder.clear_on_disconnect()
        scope.release()


class _ReceiveDisconnectWatcher:
    """Waits for the `http.disconnect` message, which every ASGI server sends."""

    def __init__(self, receive: Receive, scope: CancelScope) -> None:
        self._scope = scope
        self._receive = receive

    def start(self) -> None:
        self._scope.bind()
        self._waiting = asyncio.create_task(self._wait_for_disconnect())

    def stop(self) -> None:
        self._waiting.cancel()

    async def _wait_for_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._scope.cancel()
