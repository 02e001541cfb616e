"""Sends an answer over the connection it came on, whole or broken on purpose."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

Sleep = Callable[[float], Awaitable[None]]
_TRICKLED_PIECES = 8


@dataclass(frozen=True, slots=True)
class SandboxResponse:
    """An answer as bytes; header names are in the case in which they go out."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes


class ResponseWriter:
    """The connection of one request, as the server gave it to the outermost application.

    ASGI has no message that breaks a connection, so uvicorn's transport is taken from the object
    whose method `send` is; both its HTTP implementations keep it there.
    """

    SCOPE_KEY = "gateway.sandbox.connection"

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send

    @classmethod
    def from_scope(cls, scope: Scope) -> "ResponseWriter":
        """The connection that the outermost application put into the scope."""
        writer: ResponseWriter = scope[cls.SCOPE_KEY]
        return writer

    async def send(self, response: SandboxResponse) -> None:
        """Answer as a server should."""
        await self._start(response, len(response.content))
        await self._send({"type": "http.response.body", "body": response.content})

    async def send_truncated(self, response: SandboxResponse, content: bytes) -> None:
        """Promise the whole length, send a part and break the connection."""
        await self._start(response, len(response.content))
        await self._send({"type": "http.response.body", "body": content, "more_body": True})
        await self.cut()

    async def trickle(self, response: SandboxResponse, duration_s: float, sleep: Sleep) -> None:
        """Send the body in small pieces over the given time."""
        await self._start(response, len(response.content))
        size = max(1, -(-len(response.content) // _TRICKLED_PIECES))
        for start in range(0, len(response.content), size):
            await sleep(duration_s / _TRICKLED_PIECES)
            piece = response.content[start : start + size]
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})

    async def cut(self) -> None:
        """Break the connection after what was already sent.

        Raises ConnectionAbortedError where there is no connection to break, in process.
        """
        transport = getattr(getattr(self._send, "__self__", None), "transport", None)
        if transport is None:
            raise ConnectionAbortedError("the sandbox cut the connection, as it was told to")
        transport.close()
        while (await self._receive())["type"] != "http.disconnect":
            pass  # the server sees an unfinished answer as an error until it knows of the end

    async def _start(self, response: SandboxResponse, length: int) -> None:
        headers = [*response.headers, ("Content-Length", str(length))]
        await self._send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": [(name.encode(), value.encode()) for name, value in headers],
            }
        )
