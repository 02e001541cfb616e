"""A call of one endpoint: everything that decides its response, except the caller."""

import re
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from gateway.upstream.endpoints import Endpoint
from gateway.upstream.errors import InvalidResponse, UpstreamBadInput
from gateway.upstream.transport.base import HeaderPairs
from schema import quoting

_MAX_PATH_ARGUMENT_CHARS: Final = 200
# A link to the next page may set the vendor's own headers, but not the ids of the request, nor
# headers that concern authentication or framing.
_LINK_HEADER: Final = re.compile(r"ms-(?!requestid$|correlationid$)[a-z-]{1,60}", re.IGNORECASE)
# Most ids: nothing has to be encoded, and there are no dots.
_UNRESERVED_ARGUMENT: Final = re.compile(r"[A-Za-z0-9:_-]{1,200}")
# Most values in queries: countries and numbers.
_UNRESERVED_TEXT: Final = re.compile(r"[A-Za-z0-9_-]+")
_MAX_LINK_HEADER_CHARS: Final = 8_000


@dataclass(slots=True)  # frozen would double the cost
class Call:
    """A call of one endpoint, with its arguments. Treat it as immutable.

    Raises `UpstreamBadInput` for an argument that cannot be part of a path.

    Attributes:
        path_arguments: the arguments of the path, unencoded, in order.
        query: pairs of name and value, unencoded, in the order in which they are sent.
        headers: additional headers, such as `X-Locale`.
        body: JSON.
        url_path: the encoded path and query. The host is never part of a call.
        is_shared: whether the call may share the response of an equal one in flight; if not, it is
            always sent.
        key: equal for calls that have the same response.
        customer_id: the customer whose rate limit applies, in lower case; None if the partner's
            applies.
    """

    endpoint: Endpoint
    path_arguments: tuple[str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    headers: HeaderPairs = ()
    body: bytes | None = None
    is_shared: bool = True
    url_path: str = field(init=False, repr=False, compare=False)
    key: Hashable = field(init=False, repr=False, compare=False)
    customer_id: str | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        path = self.endpoint.path.format(*map(_encode_path_segment, self.path_arguments))
        self.url_path = f"{path}?{_encode_query(self.query)}" if self.query else path
        # Identifiers are case-insensitive (CONTRACT 0, rule 5), values are not.
        arguments = tuple(map(str.lower, self.path_arguments))
        self.key = self.endpoint.name, arguments, self.query, self.headers, self.body
        if not self.is_shared:
            self.key = object()
        self.customer_id = arguments[0] if self.endpoint.is_per_customer else None

    def follow_link(self, uri: str, headers: HeaderPairs) -> "Call":
        """Return the call for the next page, from `links.next` of a response (CONTRACT 7.2).

        Only the link's query and its `MS-…` headers are used, so that no response can decide where
        a token is sent. A second question mark counts as `&`. The path before `/v1/` may differ or
        be missing (Q40).

        Raises `InvalidResponse` for a link to another path or with a malformed header.
        """
        try:
            split = urlsplit(uri.replace("?", "&").replace("&", "?", 1))
        except ValueError as cause:
            raise InvalidResponse("The link to the next page is not a URL.") from cause
        if _strip_base(split.path) != _strip_base(self.url_path.partition("?")[0]):
            raise InvalidResponse(
                f"The link to the next page leads elsewhere: {quoting.quote(split.path)}"
            )
        kept = tuple(pair for pair in headers if _LINK_HEADER.fullmatch(pair[0]))
        for _, value in kept:
            if not (
                value.isascii() and value.isprintable() and len(value) < _MAX_LINK_HEADER_CHARS
            ):
                raise InvalidResponse("The link to the next page has a malformed header.")
        renewed = {name.lower() for name, _ in kept}
        own = tuple(pair for pair in self.headers if pair[0].lower() not in renewed)
        query = tuple(parse_qsl(split.query, keep_blank_values=True))
        return replace(self, query=query, headers=own + kept)


def _strip_base(path: str) -> str:
    return path.lower().strip("/").rpartition("v1/")[2]


@lru_cache(maxsize=64)  # most are a country alone
def _encode_query(pairs: tuple[tuple[str, str], ...]) -> str:
    if all(_UNRESERVED_TEXT.fullmatch(word) for pair in pairs for word in pair):
        return "&".join([f"{name}={value}" for name, value in pairs])
    try:
        return urlencode(pairs, quote_via=quote)
    except UnicodeEncodeError as lone_surrogate:
        raise UpstreamBadInput("The text contains a lone surrogate. Send whole characters.") from (
            lone_surrogate
        )


def _encode_path_segment(argument: str) -> str:
    if _UNRESERVED_ARGUMENT.fullmatch(argument):
        return argument
    if not argument.isprintable() or argument.strip() in ("", ".", ".."):
        raise UpstreamBadInput(f"{quoting.quote(argument)} is not an identifier of Partner Center.")
    if len(argument) > _MAX_PATH_ARGUMENT_CHARS:
        raise UpstreamBadInput(
            f"An identifier has {len(argument)} characters."
            f" At most {_MAX_PATH_ARGUMENT_CHARS} are allowed."
        )
    return quote(argument, safe=":")
