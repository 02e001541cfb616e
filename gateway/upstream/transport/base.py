"""One HTTP exchange: the interface of all transports, and how an exchange can fail.

Transports follow no redirects, keep no cookies, and limit the size of responses. If the status is
not 2xx, a body that cannot be read is not an error; it is empty.

::

    TransportError
    ├── ConnectFailed         no connection; the request was not sent
    ├── ResponseTimeout       sent, and the response was not complete in time
    ├── ConnectionLost        sent, and the connection broke before a response
    │   ├── StaleConnection     ... a kept connection, before a byte of the response
    │   └── IncompleteResponse  ... after the head of a response, before its end
    ├── Cancelled             nobody waits for the response any more
    └── ResponseTooLarge      the response exceeds the size limit
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

DEFAULT_CONNECT_TIMEOUT_S = 10.0
DEFAULT_MAX_RESPONSE_BYTES = 32 * 1024 * 1024

HeaderPairs = tuple[tuple[str, str], ...]


class TransportError(Exception):
    """There was no complete response."""


class ConnectFailed(TransportError):
    """No connection could be opened. The request was not sent, so sending it again is safe."""


class ResponseTimeout(TransportError):
    """The response was not complete in time. The request may have been executed."""


class ConnectionLost(TransportError):
    """The connection broke before a response. The request may have been executed."""


class StaleConnection(ConnectionLost):
    """A reused connection broke, as if the server had closed it. A GET is sent again at once."""


class IncompleteResponse(ConnectionLost):
    """The body broke off or cannot be decompressed. The request was executed."""


class Cancelled(TransportError):
    """The exchange was cancelled."""


class ResponseTooLarge(TransportError):
    """The response exceeds the size limit and was not read to its end."""


# Created for every call and never changed; a frozen dataclass takes three times as long.
@dataclass(slots=True)
class OutgoingRequest:
    """A request. `timeout_s` limits the whole exchange, including the connection."""

    method: str
    url: str
    headers: HeaderPairs = field(repr=False)  # contains the bearer token
    body: bytes | None = field(repr=False)
    timeout_s: float


class Headers(Mapping[str, str]):
    """Case-insensitive header fields. If a field is repeated, the first one applies."""

    __slots__ = ("_values",)

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._values = {name.lower(): value for name, value in reversed(pairs)}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class RawHeaders(Mapping[str, str]):
    """Header fields that are decoded when one is read, which is rare.

    Args:
        fields: pairs of name and value, or the head of a response.
    """

    __slots__ = ("_fields", "_read")

    def __init__(self, fields: Sequence[tuple[bytes, bytes]] | bytes) -> None:
        self._fields = fields
        self._read: Headers | None = None

    @property
    def _headers(self) -> Headers:
        if self._read is None:
            pairs = _split_head(self._fields) if isinstance(self._fields, bytes) else self._fields
            self._read = Headers([(n.decode("latin-1"), v.decode("latin-1")) for n, v in pairs])
        return self._read

    def __getitem__(self, name: str) -> str:
        return self._headers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)


def _split_head(head: bytes) -> list[tuple[bytes, bytes]]:
    lines = head.rstrip(b"\r\n").split(b"\r\n")[1:]
    fields = (line.partition(b":") for line in lines)
    return [(name, value.strip(b" \t")) for name, _, value in fields]


@dataclass(slots=True)
class UpstreamResponse:
    """A complete response with any status. Its headers are case-insensitive."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110


def is_unsuccessful(status: int) -> bool:
    """Whether a final status is not 2xx. The body is not needed then."""
    return status >= 300  # noqa: PLR2004 - RFC 9110


def is_header_text(text: str, lines: int) -> bool:
    """Whether a text has exactly this number of lines, so that no value in it adds a header."""
    has_lines = text.count("\n") == lines and text.count("\r") == lines
    return has_lines and text.isascii() and "\0" not in text


OnDone = Callable[[UpstreamResponse | TransportError], None]
"""Takes the result of an exchange."""


class Exchange(Protocol):
    """A request whose response has not arrived yet."""

    def cancel(self) -> None:
        """Fail with `Cancelled`, unless the exchange has ended."""
        ...


class GetSender(Protocol):
    """Sends GETs with common headers to one server, without a task for each."""

    def send(self, path: str, headers: str, timeout_s: float, on_done: OnDone) -> Exchange | None:
        """Send a GET on an open connection; `on_done` is called once with the result.

        Returns None, and sends nothing, if there is no open connection.

        Args:
            path: the encoded path and query.
            headers: the result of `encode_headers`.
            timeout_s: the time for the whole exchange.
            on_done: receives the response or the error.
        """
        ...


class Transport(Protocol):
    """Sends requests and returns complete responses."""

    async def send(self, request: OutgoingRequest) -> UpstreamResponse:
        """Send a request and return its response, whatever its status. Raises `TransportError`."""
        ...

    async def aclose(self) -> None:
        """Close all connections. The transport cannot be used afterwards."""
        ...


@runtime_checkable
class BurstTransport(Transport, Protocol):
    """A transport that can send many GETs at once."""

    def prepare_gets(self, base_url: str, headers: HeaderPairs) -> GetSender | None:
        """Return an object that sends GETs with these headers; None if each must be sent alone."""
        ...
