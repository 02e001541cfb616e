"""Attributes, links and collections, which most resources have. Source: CONTRACT 5.1, 7.1."""

from typing import Any, Final, Generic, TypeVar, cast

from msgspec import MsgspecError, Raw

import schema.resource as graph
from gateway.upstream.decoding import Decoder
from gateway.upstream.errors import InvalidResponse
from gateway.upstream.models.base import NOT_SENT, WireInt, WireModel, WireText

T = TypeVar("T")


class WireAttributes(WireModel):
    """The attributes that most resources have (CONTRACT 5.1, ResourceAttributes)."""

    __class__ = graph.ResourceAttributes  # type: ignore[assignment]  # used as this type

    etag: WireText | None = None
    object_type: WireText | None = None


class WireLinkHeader(WireModel):
    key: WireText | None = None
    value: WireText | None = None


class WireLink(WireModel):
    uri: WireText | None = None
    method: WireText | None = None
    headers: tuple[WireLinkHeader, ...] | None = None
    body: WireText | None = None


class WireLinks(WireModel):
    """The links of a resource: every one in CONTRACT 5.1, 5.4, 5.5 and 5.11."""

    self_: WireLink | None = None
    next: WireLink | None = None
    previous: WireLink | None = None
    learn_more: WireLink | None = None
    offer: WireLink | None = None
    parent_subscription: WireLink | None = None
    product: WireLink | None = None
    sku: WireLink | None = None
    availability: WireLink | None = None
    activation_links: WireLink | None = None
    entitlement: WireLink | None = None
    skus: WireLink | None = None
    availabilities: WireLink | None = None
    attributes: WireAttributes | None = None


class _NoItems(tuple[Any, ...]):
    __slots__ = ()


NO_ITEMS: Final = _NoItems()
"""The default of `items`, which differs from null: null means that the collection is empty."""


class WireCollection(WireModel, Generic[T]):
    """A collection (CONTRACT 7.1).

    Raises ValueError if it has no list and does not say it is empty.
    """

    total_count: WireInt | None = None
    items: tuple[T, ...] | None = NO_ITEMS
    links: WireLinks | None = None
    attributes: WireAttributes | None = None
    continuation_token: WireText | None = None

    def __post_init__(self) -> None:
        is_sent = self.items is not NO_ITEMS
        if not is_sent and self.total_count is None:
            raise ValueError("it is not a collection: it has no items")
        if self.total_count and (self.items is None or not is_sent):
            raise ValueError(f"it has no items, but a totalCount of {self.total_count}")


_LINKS: Final = Decoder(cast("type[WireLinks | None]", WireLinks | None))


def to_attributes(wire: WireAttributes | None) -> graph.ResourceAttributes | None:
    return cast("graph.ResourceAttributes | None", wire)


def to_link(wire: WireLink | None) -> graph.Link | None:
    """Convert a link as it was sent. The gateway never follows it."""
    if wire is None:
        return None
    headers = [graph.LinkHeader(key=h.key, value=h.value) for h in wire.headers or ()]
    return graph.Link(uri=wire.uri, method=wire.method, headers=headers, body=wire.body)


def to_links(wire: WireLinks | None) -> graph.ResourceLinks | None:
    """Convert the links that every resource may have."""
    if wire is None:
        return None
    return graph.ResourceLinks(
        self_=to_link(wire.self_),
        next=to_link(wire.next),
        previous=to_link(wire.previous),
        attributes=to_attributes(wire.attributes),
    )


def decode_links(raw: Raw) -> WireLinks | None:
    """Decode links, which models keep as raw JSON; None if there are none.

    Raises `InvalidResponse` if they are malformed.
    """
    if raw is NOT_SENT:
        return None
    try:
        return _LINKS(bytes(raw))
    except (MsgspecError, ValueError, RecursionError) as cause:
        raise InvalidResponse(
            "Partner Center's response has links that cannot be decoded."
        ) from cause
