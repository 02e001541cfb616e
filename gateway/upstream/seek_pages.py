"""Collections that come in pages, each with a link or a token for the next (CONTRACT 7.2)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from gateway.upstream.call import Call
from gateway.upstream.errors import InvalidResponse
from gateway.upstream.models.resource import WireCollection
from gateway.upstream.transport.base import UpstreamResponse
from resolvers.ports.directory import Continuation

T = TypeVar("T")

_TOKEN_HEADER: Final = "MS-ContinuationToken"  # noqa: S105 - a header's name


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The items of one page, and how to read the next one.

    Attributes:
        continuation: the link to the next page. The link is empty if the vendor sent only a token;
            the next page then has the same path and query.
    """

    items: Sequence[T]
    continuation: Continuation | None


class PageDecoder(Generic[T]):
    """Decodes pages whose token may be in a response header (CONTRACT 4.20).

    Args:
        decode: decodes a page from its body alone.
    """

    def __init__(self, decode: Callable[[bytes], Page[T]]) -> None:
        self._decode = decode

    def __call__(self, body: bytes) -> Page[T]:
        return self._decode(body)

    def decode_response(self, response: UpstreamResponse) -> Page[T]:
        page, token = self._decode(response.body), response.headers.get(_TOKEN_HEADER)
        if page.continuation is not None or not token:
            return page
        return Page(page.items, Continuation("", ((_TOKEN_HEADER, token),)))


class Read(Protocol):
    """Makes a call and decodes its response."""

    def __call__(self, call: Call, decode: Callable[[bytes], Page[T]], /) -> Awaitable[Page[T]]: ...


def find_continuation(page: WireCollection[Any]) -> Continuation | None:
    """Return the link to the next page with its headers, or only a token (Q14); None if last."""
    token = page.continuation_token
    next_link = page.links.next if page.links else None
    if next_link is None or not next_link.uri:
        return None if not token else Continuation("", ((_TOKEN_HEADER, token),))
    headers = tuple((h.key, h.value) for h in next_link.headers or () if h.key and h.value)
    if token and _TOKEN_HEADER.lower() not in {name.lower() for name, _ in headers}:
        headers += ((_TOKEN_HEADER, token),)
    return Continuation(next_link.uri, headers)


async def read_all_pages(
    read: Read, first: Call, decode: Callable[[bytes], Page[T]]
) -> Sequence[T]:
    """Read all pages, one after the other.

    Raises `InvalidResponse` if a next page was read before.
    """
    items: list[T] = []
    known = set()
    call: Call | None = first
    while call is not None:
        if call.key in known:
            raise InvalidResponse("The link to the next page leads to a page that was read before.")
        known.add(call.key)
        page = await read(call, decode)
        items += page.items
        call = _build_next(call, page.continuation)
    return items


def _build_next(call: Call, continuation: Continuation | None) -> Call | None:
    if continuation is None:
        return None
    return call.follow_link(continuation.uri or call.url_path, continuation.headers)
