"""Sends a response completely, or breaks the connection on purpose."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

Sleep = Callable[[float], Awaitable[None]]
_TRICKLE_PIECES = 8


@dataclass(frozen=True, slots=True)
class SandboxResponse:
    """A complete response, without the header `Content-Length`."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes


class ResponseWriter:
    """Sends the response to one request.

    ASGI has no message that closes a connection, so uvicorn's transport is used: in both of its
    HTTP implementations, `send` is a method of an object with the attribute `transport`.
    """

    SCOPE_KEY = "gateway.sandbox.connection"

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send

    @classmethod
    def from_scope(cls, scope: Scope) -> "ResponseWriter":
        writer: ResponseWriter = scope[cls.SCOPE_KEY]
        return writer

    async def send(self, response: SandboxResponse) -> None:
        await self._start(response, len(response.content))
        await self._send({"type": "http.response.body", "body": response.content})

    async def send_truncated(self, response: SandboxResponse, content: bytes) -> None:
        """Send the length of the whole body, but only `content`, and close the connection."""
        await self._start(response, len(response.content))
        await self._send({"type": "http.response.body", "body": content, "more_body": True})
        await self.cut()

    async def trickle(self, response: SandboxResponse, duration_s: float, sleep: Sleep) -> None:
        """Send the body in small pieces over `duration_s`."""
        await self._start(response, len(response.content))
        size = max(1, -(-len(response.content) // _TRICKLE_PIECES))
        for start in range(0, len(response.content), size):
            await sleep(duration_s / _TRICKLE_PIECES)
            piece = response.content[start : start + size]
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})

    async def cut(self) -> None:
        """Close the connection.

        Raises ConnectionAbortedError if there is none, because the client is in the same process.
        """
        transport = getattr(getattr(self._send, "__self__", None), "transport", None)
        if transport is None:
            raise ConnectionAbortedError("The sandbox closed the connection because of a fault.")
        transport.close()
        while (await self._receive())["type"] != "http.disconnect":
            pass  # uvicorn logs an incomplete response as an error until it has seen the disconnect

    async def _start(self, response: SandboxResponse, length: int) -> None:
        headers = [*response.headers, ("Content-Length", str(length))]
        await self._send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": [(name.encode(), value.encode()) for name, value in headers],
            }
        )
