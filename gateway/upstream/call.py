"""One call of one operation: everything that may change its answer, except who asks."""

import re
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from gateway.upstream.endpoints import Endpoint
from gateway.upstream.errors import InvalidResponse, UpstreamBadInput
from gateway.upstream.transport.base import HeaderPairs
from schema import quoting

_MAX_PATH_ARGUMENT_CHARS: Final = 200
# A link decides where the list goes on, by the vendor's own headers; it does not decide who we are
# or how the request is framed.
_LINK_HEADER: Final = re.compile(r"ms-(?!requestid$|correlationid$)[a-z-]{1,60}", re.IGNORECASE)
# What most ids look like: nothing in it is quoted, and none of it is a dot.
_UNRESERVED_ARGUMENT: Final = re.compile(r"[A-Za-z0-9:_-]{1,200}")
# Likewise in a query, where most values are countries and numbers.
_UNRESERVED_TEXT: Final = re.compile(r"[A-Za-z0-9_-]+")
_MAX_LINK_HEADER_CHARS: Final = 8_000


@dataclass(slots=True)  # not frozen, which would cost more than everything else about it
class Call:
    """An operation with its arguments; raises `InvalidInput` for one that cannot be part of a path.

    Never changed once it is made.

    Attributes:
        path_arguments: what stands in the path, unencoded, in order.
        query: pairs, unencoded, in the order they are sent.
        headers: those that belong to this call, such as `X-Locale`.
        body: sent as JSON.
        url_path: path and query, encoded; the host is never part of a call.
        key: equal for calls that must have the same answer.
        customer_id: whom this call is counted for, in lower case; None when counted per partner.
    """

    endpoint: Endpoint
    path_arguments: tuple[str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    headers: HeaderPairs = ()
    body: bytes | None = None
    url_path: str = field(init=False, repr=False, compare=False)
    key: Hashable = field(init=False, repr=False, compare=False)
    customer_id: str | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        path = self.endpoint.path.format(*map(_encode_path_segment, self.path_arguments))
        self.url_path = f"{path}?{_encode_query(self.query)}" if self.query else path
        # Identifiers are compared without regard to case (CONTRACT 0, rule 5), values are not.
        arguments = tuple(map(str.lower, self.path_arguments))
        self.key = self.endpoint.name, arguments, self.query, self.headers, self.body
        self.customer_id = arguments[0] if self.endpoint.is_per_customer else None

    def follow_link(self, uri: str, headers: HeaderPairs) -> "Call":
        """Return the call for the next page, from `links.next` of an answer (CONTRACT 7.2).

        Only the link's query and its `MS-…` headers are used, so that no answer can choose where
        a token is sent. Of two question marks the second is an `&`; `/v1` may be missing.

        Raises `InvalidAnswer` for a link that leads elsewhere or carries what is no header.
        """
        try:
            split = urlsplit(uri.replace("?", "&").replace("&", "?", 1))
        except ValueError as cause:
            raise InvalidResponse("the link to the next page is no address") from cause
        path = "/v1/" + split.path.lower().strip("/").removeprefix("v1/")
        if path != self.url_path.partition("?")[0].lower():
            raise InvalidResponse(
                f"the link to the next page leads elsewhere: {quoting.quote(path)}"
            )
        kept = tuple(pair for pair in headers if _LINK_HEADER.fullmatch(pair[0]))
        for _, value in kept:
            if not (
                value.isascii() and value.isprintable() and len(value) < _MAX_LINK_HEADER_CHARS
            ):
                raise InvalidResponse(
                    "the link to the next page carries a header that is malformed"
                )
        renewed = {name.lower() for name, _ in kept}
        own = tuple(pair for pair in self.headers if pair[0].lower() not in renewed)
        query = tuple(parse_qsl(split.query, keep_blank_values=True))
        return replace(self, query=query, headers=own + kept)


def _encode_query(pairs: tuple[tuple[str, str], ...]) -> str:
    if all(_UNRESERVED_TEXT.fullmatch(word) for pair in pairs for word in pair):
        return "&".join([f"{name}={value}" for name, value in pairs])
    try:
        return urlencode(pairs, quote_via=quote)
    except UnicodeEncodeError as lone_surrogate:
        raise UpstreamBadInput("half of a surrogate pair is no text; send whole characters") from (
            lone_surrogate
        )


def _encode_path_segment(argument: str) -> str:
    if _UNRESERVED_ARGUMENT.fullmatch(argument):
        return argument
    if not argument.isprintable() or argument.strip() in ("", ".", ".."):
        raise UpstreamBadInput(
            f"{quoting.quote(argument)} is not an identifier; expected an id of the vendor"
        )
    if len(argument) > _MAX_PATH_ARGUMENT_CHARS:
        raise UpstreamBadInput(
            f"an identifier has {len(argument)} characters;"
            f" at most {_MAX_PATH_ARGUMENT_CHARS} are expected"
        )
    return quote(argument, safe=":")
