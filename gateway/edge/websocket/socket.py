"""A WebSocket as messages instead of ASGI events."""

from typing import Final

from starlette.types import Receive, Send

from gateway.edge.websocket.messages import (
    ClientMessage,
    CloseCode,
    CloseConnection,
    Message,
    decode_message,
    encode_message,
)

_LONGEST_REASON_BYTES: Final = 123  # RFC 6455, section 5.5


class ClientDisconnected(Exception):
    """The client has left."""


class MessageSocket:
    """One WebSocket.

    The server bounds what it reads ahead and what it has not written yet, so that a client that
    is slow to read slows down whoever sends to it.
    """

    def __init__(self, receive: Receive, send: Send, max_message_bytes: int) -> None:
        self._receive = receive
        self._send = send
        self._max_message_bytes = max_message_bytes

    async def reject(self) -> None:
        """End the handshake with 403."""
        await self._receive()
        await self._send({"type": "websocket.close"})

    async def accept(self, subprotocol: str | None) -> None:
        """End the handshake well."""
        await self._receive()
        await self._send({"type": "websocket.accept", "subprotocol": subprotocol})

    async def receive(self) -> ClientMessage:
        """Wait for a message. Raises Disconnected, or Closing for what is no message."""
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise ClientDisconnected
        text = event.get("text")
        if text is None:
            raise CloseConnection(
                CloseCode.BAD_REQUEST, "Messages are expected as text, not as bytes."
            )
        if len(text) > self._max_message_bytes:
            raise CloseConnection(CloseCode.TOO_LARGE, "The message is larger than it may be.")
        return decode_message(text)

    async def send(self, message: Message) -> None:
        """Send a message. Raises Disconnected."""
        try:
            await self._send({"type": "websocket.send", "text": encode_message(message)})
        except OSError as gone:  # as ASGI has it of a client that has left
            raise ClientDisconnected from gone

    async def close(self, closing: CloseConnection) -> None:
        """Close, and say why."""
        reason = closing.reason.encode()[:_LONGEST_REASON_BYTES].decode(errors="ignore")
        await self._send({"type": "websocket.close", "code": closing.code.value, "reason": reason})
