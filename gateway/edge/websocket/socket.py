"""Sends and receives protocol messages over the ASGI interface of a WebSocket."""

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

_MAX_REASON_BYTES: Final = 123  # RFC 6455, section 5.5


class ClientDisconnected(Exception):
    """The client has closed the connection or lost it."""


class MessageSocket:
    """One WebSocket.

    The ASGI server limits its buffers in both directions, so that a slow client slows down the
    sender.
    """

    def __init__(self, receive: Receive, send: Send, max_message_bytes: int) -> None:
        self._receive = receive
        self._send = send
        self._max_message_bytes = max_message_bytes

    async def reject(self) -> None:
        """Reject the handshake with status 403."""
        await self._receive()
        await self._send({"type": "websocket.close"})

    async def accept(self, subprotocol: str | None) -> None:
        """Accept the handshake."""
        await self._receive()
        await self._send({"type": "websocket.accept", "subprotocol": subprotocol})

    async def receive(self) -> ClientMessage:
        """Wait for a message. Raises ClientDisconnected, or CloseConnection if it is invalid."""
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise ClientDisconnected
        text = event.get("text")
        if text is None:
            raise CloseConnection(
                CloseCode.BAD_REQUEST, "The message is binary. Send messages as text."
            )
        if len(text) > self._max_message_bytes:
            raise CloseConnection(
                CloseCode.TOO_LARGE, "The message exceeds the size limit. Send a smaller one."
            )
        return decode_message(text)

    async def send(self, message: Message) -> None:
        """Send a message. Raises ClientDisconnected."""
        try:
            await self._send({"type": "websocket.send", "text": encode_message(message)})
        except OSError as cause:  # what ASGI specifies after a disconnect
            raise ClientDisconnected from cause

    async def close(self, closing: CloseConnection) -> None:
        reason = closing.reason.encode()[:_MAX_REASON_BYTES].decode(errors="ignore")
        await self._send({"type": "websocket.close", "code": closing.code.value, "reason": reason})
