"""Opens connections, and keeps them for the next exchange."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from functools import cached_property
from typing import Final

from gateway.upstream.transport.http1.connection import Http1Connection
from gateway.upstream.transport.http1.request_serializer import Origin

_MAX_IDLE_CONNECTIONS: Final = 256
_MAX_IDLE_S: Final = 60.0  # most servers close idle connections later


class ConnectionPool:
    """Opens connections, and keeps them open for later requests. Callers limit their number.

    Args:
        create_tls_context: called for the first TLS connection.
        max_response_bytes: the size limit of a body.
        monotonic: a clock, in seconds.
    """

    def __init__(
        self,
        create_tls_context: Callable[[], ssl.SSLContext],
        max_response_bytes: int,
        monotonic: Callable[[], float],
    ) -> None:
        self._create_tls_context = create_tls_context
        self._max_response_bytes = max_response_bytes
        self._monotonic = monotonic
        # By origin, oldest first, each with the time since when it is idle.
        self._idle: dict[Origin, deque[tuple[float, Http1Connection]]] = {}
        self._open: set[Http1Connection] = set()

    @cached_property
    def _tls_context(self) -> ssl.SSLContext:
        return self._create_tls_context()

    def take_idle(self, origin: Origin, max_idle_s: float) -> Http1Connection | None:
        """Return the open connection that was used last, if it was idle for at most `max_idle_s`.

        Otherwise returns None; the connection stays in the pool for other requests.
        """
        kept = self._idle.get(origin)
        while kept:
            since, connection = kept.pop()
            idle_s = self._monotonic() - since
            if not connection.is_open or idle_s > _MAX_IDLE_S:
                self.discard(connection)
            elif idle_s > max_idle_s:
                kept.append((since, connection))
                return None
            else:
                return connection
        return None

    async def connect(self, origin: Origin) -> Http1Connection:
        """Open a connection. Raises OSError."""
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            lambda: Http1Connection(self._max_response_bytes),
            origin.host,
            origin.port,
            ssl=self._tls_context if origin.is_tls else None,
        )
        self._open.add(connection)
        return connection

    def put_back(self, origin: Origin, connection: Http1Connection) -> None:
        """Keep a connection for later, after a complete response."""
        if not connection.is_open:
            self._open.discard(connection)
            return
        kept = self._idle.get(origin)
        if kept is None:
            kept = self._idle[origin] = deque()
        kept.append((self._monotonic(), connection))
        if len(kept) > _MAX_IDLE_CONNECTIONS:
            self.discard(kept.popleft()[1])

    def discard(self, connection: Http1Connection) -> None:
        self._open.discard(connection)
        connection.abort()

    def close(self) -> None:
        """Close all connections; requests in progress fail."""
        self._idle.clear()
        while self._open:
            self._open.pop().close()
