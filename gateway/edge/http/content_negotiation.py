"""From an `Accept` header to what an answer is made of.

Source: the GraphQL-over-HTTP draft, section "Body", as of August 2026; RFC 9110, 12.5.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import islice
from typing import Final

from gateway.edge.http.media_types import MediaRange, parse_accept

_KEPT_HEADERS: Final = 256
_LONGEST_KEPT: Final = 256
_MOST_RANGES: Final = 50  # browsers send fewer than ten; of a flood of them the first count


class MediaType(Enum):
    """What answers are made of, in the order of preference where the client has none.

    JSON comes first: whoever takes anything may know nothing of the other one.
    """

    JSON = "application/json"
    RESPONSE = "application/graphql-response+json"
    MULTIPART = "multipart/mixed"
    EVENT_STREAM = "text/event-stream"
    TEXT = "text/plain"
    HTML = "text/html"


@dataclass(frozen=True, slots=True)
class AcceptedTypes:
    """What a client takes.

    Attributes:
        single: how it wants an answer that comes at once; None for not at all.
        parts: whether it takes answers in parts.
        events: whether it takes a stream of events.
        prefers_events: whether it would rather have one than an answer at once.
        takes_page: whether it names HTML and takes it as readily as JSON.
        is_browser: whether it prefers HTML and takes XHTML, as browsers do and Java up to 8 does
            not, or takes nothing but HTML.
    """

    response_type: MediaType | None
    multipart: bool
    event_stream: bool
    prefers_event_stream: bool
    accepts_html: bool
    is_browser: bool


class ContentNegotiator:
    """Reads `Accept` headers, and remembers those it has read: clients have few."""

    def __init__(self) -> None:
        self._remembered = lru_cache(_KEPT_HEADERS)(_parse_accept)

    def negotiate(self, header: bytes) -> AcceptedTypes:
        """Return what the header allows."""
        if len(header) > _LONGEST_KEPT:
            return _parse_accept(header)
        return self._remembered(header)


def _parse_accept(header: bytes) -> AcceptedTypes:
    readable = list(islice(parse_accept(header.decode("latin-1")), _MOST_RANGES))
    ranges = readable or [MediaRange("*/*")]  # a header that says nothing excludes nothing
    ranks = {each: _rank(ranges, each) for each in MediaType}
    response_type = max((MediaType.JSON, MediaType.RESPONSE), key=lambda each: ranks[each])
    page_weight, page_precision, _ = ranks[MediaType.HTML]
    names_page = page_precision > _ANYTHING and page_weight > 0
    return AcceptedTypes(
        response_type=response_type if ranks[response_type] > _NEVER else None,
        multipart=ranks[MediaType.MULTIPART] > _NEVER,
        event_stream=ranks[MediaType.EVENT_STREAM] > _NEVER,
        prefers_event_stream=_is_named(ranges, MediaType.EVENT_STREAM)
        and ranks[MediaType.EVENT_STREAM] > ranks[response_type],
        accepts_html=names_page and page_weight >= ranks[response_type][0],
        is_browser=names_page
        and page_weight > ranks[response_type][0]
        and (ranks[response_type] <= _NEVER or any(each.name == _XHTML for each in ranges)),
    )


Rank = tuple[float, int, int]
_NEVER: Final[Rank] = (0.0, 9, 0)
_XHTML: Final = "application/xhtml+xml"
_ANYTHING: Final = 1  # the precision of */*


def _rank(ranges: Sequence[MediaRange], wanted: MediaType) -> Rank:
    """Order by weight, then by how closely it is named, then by who comes first.

    The weight is that of the range that names the type most closely (RFC 9110, 12.5.1).
    """
    matching = [
        (each.specificity(wanted.value), -position, each.weight)
        for position, each in enumerate(ranges)
        if each.specificity(wanted.value) and each.is_utf_8
    ]
    specificity, position, weight = max(matching, default=(0, 0, 0.0))
    return weight, specificity, position


def _is_named(ranges: Sequence[MediaRange], wanted: MediaType) -> bool:
    return any(each.name == wanted.value for each in ranges)
