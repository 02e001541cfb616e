"""The base of all wire models, the types of their members, and conversions of single values."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final

import strawberry
from msgspec import Meta, Raw, Struct
from strawberry.scalars import JSON

from gateway.upstream.dates import parse_date

WireEnum = str | int | None
"""An enum as sent: snake_case, PascalCase or a number (CONTRACT 6)."""

WireInt = Annotated[int, Meta(ge=-(2**31), lt=2**31)]
"""An integer that fits GraphQL's Int; a larger one is decoded leniently, as null."""

WireText = Annotated[str, Meta(min_length=1)]
"""Optional text; the decoder makes an empty one null."""

WireJson = Any
"""JSON of any shape, passed on as sent."""

NOT_SENT: Final = Raw()
"""The default of members that are decoded only when they are selected."""


# `gc=False`: no model contains itself, so there are no cycles for the garbage collector.
class WireModel(Struct, kw_only=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """An object as the vendor sends it."""


def to_id(value: str | None) -> strawberry.ID | None:
    return strawberry.ID(value) if value else None


def to_ids(values: Iterable[str] | None) -> list[strawberry.ID]:
    return [strawberry.ID(value) for value in values or () if value]


def to_texts(values: Iterable[str] | None) -> list[str]:
    """Return the texts that are not empty."""
    return [value for value in values or () if value]


def to_datetime(value: str | None) -> datetime | None:
    """Parse a date. Returns None for other text, which the graph shows in a `raw…` field."""
    return parse_date(value) if value else None


def to_json(value: WireJson) -> JSON | None:
    return None if value is None else JSON(value)
