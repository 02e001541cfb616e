"""Parts that most resources carry. Source: CONTRACT 5.1, 7.1."""

from typing import Annotated, Any, Final, Generic, TypeVar

from msgspec import Meta, Raw, Struct

import schema.resource as graph

T = TypeVar("T")

Enumerated = str | int | None
"""An enum as sent: snake_case, PascalCase or a number (CONTRACT 6)."""

Number = Annotated[int, Meta(ge=-(2**31), lt=2**31)]
"""What GraphQL's Int can hold; a larger number is read tolerantly, as none."""

Text = Annotated[str, Meta(min_length=1)]
"""Text that is optional: an empty one is an absent one, which `empty_texts.py` sees to."""

PassedThrough = Any
"""JSON of any shape, handed on as it came."""


NOTHING: Final = Raw()
"""In place of a member that was not sent and would not have been decoded before it is asked for."""


class WireModel(Struct, kw_only=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """An object of the vendor's; none holds one that holds it, so there is no garbage to find."""


class Attributes(WireModel):
    """CONTRACT 5.1, ResourceAttributes."""

    __class__ = graph.ResourceAttributes  # type: ignore[assignment]  # stands in for it

    etag: Text | None = None
    object_type: Text | None = None


class LinkHeader(WireModel):
    """CONTRACT 5.1."""

    key: Text | None = None
    value: Text | None = None


class Link(WireModel):
    """CONTRACT 5.1."""

    uri: Text | None = None
    method: Text | None = None
    headers: tuple[LinkHeader, ...] | None = None
    body: Text | None = None


class Links(WireModel):
    """Every link of CONTRACT 5.1, 5.4 and 5.5."""

    self_: Link | None = None
    next: Link | None = None
    previous: Link | None = None
    learn_more: Link | None = None
    offer: Link | None = None
    parent_subscription: Link | None = None
    product: Link | None = None
    sku: Link | None = None
    availability: Link | None = None
    activation_links: Link | None = None
    entitlement: Link | None = None
    attributes: Attributes | None = None


class _NoItems(tuple[Any, ...]):
    __slots__ = ()


NO_ITEMS: Final = _NoItems()
"""In place of items that were not sent, where `null` says that there are none."""


class Collection(WireModel, Generic[T]):
    """CONTRACT 7.1."""

    total_count: Number | None = None
    items: tuple[T, ...] | None = NO_ITEMS
    links: Links | None = None
    attributes: Attributes | None = None
    continuation_token: Text | None = None

    def __post_init__(self) -> None:
        """Refuse what has no list and does not say that it would be empty."""
        is_sent = self.items is not NO_ITEMS
        if not is_sent and self.total_count is None:
            raise ValueError("it has no items, as a collection has")
        if self.total_count and (self.items is None or not is_sent):
            raise ValueError(f"it has none of its {self.total_count} items")
