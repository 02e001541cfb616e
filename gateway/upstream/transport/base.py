"""One HTTP exchange: the protocol that every client implements, and how an exchange can fail.

Implementations follow no redirect, keep no cookie, and read at most so many bytes of an answer.
Where the status alone says no, what becomes of the body afterwards is no failure: it is empty.

::

    TransportFailure
    ├── NotSent              no connection: the request never left
    ├── AnswerTimedOut       sent, and the time was up before the answer was complete
    ├── AnswerLost           sent, and the connection broke before an answer
    │   └── AnswerTruncated  ... after the head of an answer, before its end
    └── AnswerTooLarge       an answer longer than the bound
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

DEFAULT_CONNECT_TIMEOUT_S = 10.0
DEFAULT_MAX_RESPONSE_BYTES = 32 * 1024 * 1024

HeaderPairs = tuple[tuple[str, str], ...]


class TransportError(Exception):
    """An exchange that ended without a complete answer."""


class ConnectFailed(TransportError):
    """No connection was made: the request never left, so sending it again is safe."""


class ResponseTimeout(TransportError):
    """The time was up before the answer was complete; the request may have been served."""


class ConnectionLost(TransportError):
    """The connection broke before an answer; the request may have been served."""


class IncompleteResponse(ConnectionLost):
    """The body broke off or cannot be decompressed; the request was served."""


class ResponseTooLarge(TransportError):
    """The answer is longer than the bound and was not read to its end."""


# These two are made for every call and never changed; frozen ones take three times as long.
@dataclass(slots=True)
class OutgoingRequest:
    """What leaves; `timeout_s` bounds the whole exchange, connecting included."""

    method: str
    url: str
    headers: HeaderPairs = field(repr=False)  # holds the bearer token
    body: bytes | None = field(repr=False)
    timeout_s: float


class Headers(Mapping[str, str]):
    """Header fields read without regard to case; of a repeated one, the first."""

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
    """Header fields as they stand in an answer, read when the first is asked for.

    Of most answers nobody asks for any.
    """

    __slots__ = ("_pairs", "_read")

    def __init__(self, pairs: Sequence[tuple[bytes, bytes]]) -> None:
        self._pairs = pairs
        self._read: Headers | None = None

    @property
    def _headers(self) -> Headers:
        if self._read is None:
            decoded = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in self._pairs]
            self._read = Headers(decoded)
        return self._read

    def __getitem__(self, name: str) -> str:
        return self._headers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)


@dataclass(slots=True)
class UpstreamResponse:
    """A complete answer of any status; its headers are read without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of RFC 9110


def is_unsuccessful(status: int) -> bool:
    """Whether a final status alone says that there is nothing to be had, whatever the body."""
    return status >= 300  # noqa: PLR2004 - the classes of RFC 9110


class Transport(Protocol):
    """Sends one request and returns its whole answer."""

    async def send(self, request: OutgoingRequest) -> UpstreamResponse:
        """Exchange `request` for an answer of any status; raises `TransportFailure`."""
        ...

    async def aclose(self) -> None:
        """Close every connection; a transport is not used afterwards."""
        ...
