"""From an `Accept` header to what an answer is made of.

Source: the GraphQL-over-HTTP draft, section "Body", as of August 2026; RFC 9110, 12.5.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import islice
from typing import Final

from gateway.edge.http.media_types import MediaRange, accepted_types

_KEPT_HEADERS: Final = 256
_LONGEST_KEPT: Final = 256
_MOST_RANGES: Final = 50  # browsers send fewer than ten; of a flood of them the first count


class MediaType(Enum):
    """What answers are made of, in the order of preference where the client has none.

    JSON comes first: whoever takes anything may know nothing of the other one.
    """

    JSON = "application/json"
    RESPONSE = "application/graphql-response+json"
    PARTS = "multipart/mixed"
    EVENTS = "text/event-stream"
    TEXT = "text/plain"
    PAGE = "text/html"


@dataclass(frozen=True, slots=True)
class Accepted:
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

    single: MediaType | None
    parts: bool
    events: bool
    prefers_events: bool
    takes_page: bool
    is_browser: bool


class Negotiator:
    """Reads `Accept` headers, and remembers those it has read: clients have few."""

    def __init__(self) -> None:
        self._remembered = lru_cache(_KEPT_HEADERS)(_accepted)

    def accepted(self, header: bytes) -> Accepted:
        """Return what the header allows."""
        if len(header) > _LONGEST_KEPT:
            return _accepted(header)
        return self._remembered(header)


def _accepted(header: bytes) -> Accepted:
    readable = list(islice(accepted_types(header.decode("latin-1")), _MOST_RANGES))
    ranges = readable or [MediaRange("*/*")]  # a header that says nothing excludes nothing
    ranks = {each: _rank(ranges, each) for each in MediaType}
    single = max((MediaType.JSON, MediaType.RESPONSE), key=lambda each: ranks[each])
    page_weight, page_precision, _ = ranks[MediaType.PAGE]
    names_page = page_precision > _ANYTHING and page_weight > 0
    return Accepted(
        single=single if ranks[single] > _NEVER else None,
        parts=ranks[MediaType.PARTS] > _NEVER,
        events=ranks[MediaType.EVENTS] > _NEVER,
        prefers_events=_is_named(ranges, MediaType.EVENTS)
        and ranks[MediaType.EVENTS] > ranks[single],
        takes_page=names_page and page_weight >= ranks[single][0],
        is_browser=names_page
        and page_weight > ranks[single][0]
        and (ranks[single] <= _NEVER or any(each.name == _XHTML for each in ranges)),
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
        (each.precision(wanted.value), -position, each.weight)
        for position, each in enumerate(ranges)
        if each.precision(wanted.value) and each.is_utf_8
    ]
    precision, position, weight = max(matching, default=(0, 0, 0.0))
    return weight, precision, position


def _is_named(ranges: Sequence[MediaRange], wanted: MediaType) -> bool:
    return any(each.name == wanted.value for each in ranges)
