"""Values that every resource has: text, ids, instants, pass-through JSON."""

from collections.abc import Iterable
from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from gateway.upstream.dates import parse_date
from gateway.upstream.wire.resource import PassedThrough


def text(value: str | None) -> str | None:
    """Null for nothing and for the empty string (CONTRACT 11, Q18)."""
    return value or None


def identifier(value: str | None) -> strawberry.ID | None:
    """Null for nothing and for the empty string."""
    return strawberry.ID(value) if value else None


def identifiers(values: Iterable[str] | None) -> list[strawberry.ID]:
    """Empty for nothing."""
    return [strawberry.ID(value) for value in values or () if value]


def texts(values: Iterable[str] | None) -> list[str]:
    """Empty for nothing."""
    return [value for value in values or () if value]


def instant(value: str | None) -> datetime | None:
    """Null for nothing and for what is no date, which its `raw` neighbour keeps."""
    return parse_date(value) if value else None


def passed_through(value: PassedThrough) -> JSON | None:
    """Hand on what came, whatever its shape."""
    return None if value is None else JSON(value)
