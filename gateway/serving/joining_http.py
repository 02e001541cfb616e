"""The HTTP protocol, with the head of a response and the beginning of its body in one write.

uvicorn writes one after the other. Each write is a system call that wakes the client up: of the CPU
time of a small answer, a tenth.
"""

from asyncio import Transport

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from gateway.serving.bounded_http import BoundedHTTP


class JoiningHTTP(BoundedHTTP):
    """Has every response written through JoinedWrites."""

    def on_headers_complete(self) -> None:
        """Come between the response, which begins in a task of its own, and the transport."""
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before:  # the same where a WebSocket begins
            self.cycle.transport = JoinedWrites(self.transport, self.cycle)  # type: ignore[assignment]


class JoinedWrites:
    """What one response is written to instead of its transport.

    A head that tells the length of the body waits for the body, which the app has when it knows
    that. All others leave at once: what is streamed may be long in coming.
    """

    __slots__ = ("_cycle", "_has_begun", "_head", "_transport")

    def __init__(self, transport: Transport, cycle: RequestResponseCycle) -> None:
        self._transport = transport
        self._cycle = cycle
        self._has_begun = False
        self._head: bytes | None = None

    def write(self, data: bytes) -> None:
        """Write, unless it is a head that waits."""
        if self._head is not None:
            self._transport.writelines((self._head, data))
            self._head = None
        elif self._is_awaiting_body():
            self._head = data
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Close, after a head that waits in vain."""
        if self._head is not None:
            self.write(b"")
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether nothing more is to be written."""
        return self._transport.is_closing()

    def _is_awaiting_body(self) -> bool:
        """Whether the first of a body is yet to come: there is none where HEAD was asked."""
        cycle = self._cycle
        if self._has_begun or cycle.chunked_encoding is not False:
            return False
        self._has_begun = True
        return cycle.scope["method"] != "HEAD"
