"""Chooses the form of a response from the `Accept` header.

Source: the GraphQL-over-HTTP draft, section "Body", as of August 2026; RFC 9110, 12.5.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import islice
from typing import Final

from gateway.edge.http.media_types import MediaRange, parse_accept

_CACHED_HEADERS: Final = 256
_MAX_CACHED_CHARS: Final = 256
_MAX_RANGES: Final = 50  # browsers send fewer than ten; the rest of a flood is ignored


class MediaType(Enum):
    """The media types of responses; the first wins if the client has no preference.

    JSON comes first: a client that accepts anything may not know the other type.
    """

    JSON = "application/json"
    RESPONSE = "application/graphql-response+json"
    MULTIPART = "multipart/mixed"
    EVENT_STREAM = "text/event-stream"
    TEXT = "text/plain"
    HTML = "text/html"


@dataclass(frozen=True, slots=True)
class AcceptedTypes:
    """The forms of response that the client accepts.

    Attributes:
        response_type: the media type of a response that is not streamed; None if none is accepted.
        multipart: whether it accepts incremental delivery.
        event_stream: whether it accepts events.
        prefers_event_stream: whether it prefers events to a single response.
        accepts_html: whether HTML is named and has at least the weight of JSON.
        is_browser: whether HTML is preferred and XHTML also accepted, or nothing but HTML is
            accepted. Java up to 8 prefers HTML but does not accept XHTML.
    """

    response_type: MediaType | None
    multipart: bool
    event_stream: bool
    prefers_event_stream: bool
    accepts_html: bool
    is_browser: bool


class ContentNegotiator:
    """Parses `Accept` headers; the results are cached, because clients send few different ones."""

    def __init__(self) -> None:
        self._cached_parse = lru_cache(_CACHED_HEADERS)(_parse)

    def negotiate(self, accept: bytes) -> AcceptedTypes:
        if len(accept) > _MAX_CACHED_CHARS:
            return _parse(accept)
        return self._cached_parse(accept)


Rank = tuple[float, int, int]
"""Weight, specificity and negated position of the range that matches a type best."""

_NOT_ACCEPTED: Final[Rank] = (0.0, 9, 0)
_XHTML: Final = "application/xhtml+xml"
_WILDCARD_SPECIFICITY: Final = 1


def _parse(accept: bytes) -> AcceptedTypes:
    valid = list(islice(parse_accept(accept.decode("latin-1")), _MAX_RANGES))
    ranges = valid or [MediaRange("*/*")]  # an unreadable header excludes nothing
    ranks = {each: _rank(ranges, each) for each in MediaType}
    response_type = max((MediaType.JSON, MediaType.RESPONSE), key=lambda each: ranks[each])
    response_rank, events_rank = ranks[response_type], ranks[MediaType.EVENT_STREAM]
    html_weight, html_specificity, _ = ranks[MediaType.HTML]
    names_html = html_specificity > _WILDCARD_SPECIFICITY and html_weight > 0
    return AcceptedTypes(
        response_type=response_type if response_rank > _NOT_ACCEPTED else None,
        multipart=ranks[MediaType.MULTIPART] > _NOT_ACCEPTED,
        event_stream=events_rank > _NOT_ACCEPTED,
        prefers_event_stream=_is_named(ranges, MediaType.EVENT_STREAM.value)
        and events_rank > response_rank,
        accepts_html=names_html and html_weight >= response_rank[0],
        is_browser=names_html
        and html_weight > response_rank[0]
        and (response_rank <= _NOT_ACCEPTED or _is_named(ranges, _XHTML)),
    )


def _rank(ranges: Sequence[MediaRange], wanted: MediaType) -> Rank:
    """Return the rank of a type; the most specific range decides its weight (RFC 9110, 12.5.1)."""
    matching = [
        (each.specificity(wanted.value), -position, each.weight)
        for position, each in enumerate(ranges)
        if each.specificity(wanted.value) and each.is_utf_8
    ]
    specificity, position, weight = max(matching, default=(0, 0, 0.0))
    return weight, specificity, position


def _is_named(ranges: Sequence[MediaRange], name: str) -> bool:
    return any(each.name == name for each in ranges)
