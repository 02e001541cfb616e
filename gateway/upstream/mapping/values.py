"""Values that every resource has: text, ids, instants, pass-through JSON."""

from collections.abc import Iterable
from datetime import UTC, datetime

import strawberry
from strawberry.scalars import JSON

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
    """Read a date as the vendor may write it; null for what is none (CONTRACT 11, Q10 and Q11).

    0 to 7 fractional digits are cut to microseconds, spaces are dropped, UTC is assumed where
    there is no zone.
    """
    if not value:
        return None
    try:
        parsed = datetime.fromisoformat(value.replace(" ", ""))
    except ValueError:
        return None
    if parsed.tzinfo is None:
        return parsed.replace(tzinfo=UTC)
    # The year 9999 stands for never and may not be moved across its end.
    return parsed if parsed.tzinfo is UTC else _in_utc(parsed)


def _in_utc(parsed: datetime) -> datetime:
    try:
        return parsed.astimezone(UTC)
    except OverflowError:
        return parsed.replace(tzinfo=UTC)


def passed_through(value: PassedThrough) -> JSON | None:
    """Hand on what came, whatever its shape."""
    return None if value is None else JSON(value)
