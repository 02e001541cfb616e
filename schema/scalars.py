"""The scalars Date and DateTime, and the schema's configuration."""

from datetime import UTC, date, datetime
from typing import Final

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.quoting import quote


def print_instant(instant: datetime) -> str:
    """Format as RFC 3339 with `Z`, with fractions only if there are any."""
    return instant.isoformat().replace("+00:00", "Z")


def parse_instant(text: object) -> datetime:
    """Parse RFC 3339; without a zone, UTC. Raises ValueError or TypeError."""
    if not isinstance(text, str):
        raise TypeError(
            f"DateTime must be a string such as 2026-01-31T12:00:00Z, not {quote(text)}."
        )
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def parse_day(text: object) -> date:
    """Parse a day as `yyyy-mm-dd`. Raises ValueError or TypeError."""
    if not isinstance(text, str):
        raise TypeError(f"Date must be a string such as 2026-01-31, not {quote(text)}.")
    return date.fromisoformat(text)


CONFIG: Final = StrawberryConfig(
    enable_experimental_incremental_execution=True,  # @defer and @stream
    scalar_map={
        date: strawberry.scalar(
            name="Date",
            description="A day in UTC, formatted as RFC 3339, such as `2026-01-31`.",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
            serialize=date.isoformat,
            parse_value=parse_day,
        ),
        datetime: strawberry.scalar(
            name="DateTime",
            description=(
                "An instant in UTC, formatted as RFC 3339 with up to six fractional"
                " digits, such as `2026-01-31T12:00:00Z`. Partner Center uses the year"
                " 9999 for an end that never comes."
            ),
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
            serialize=print_instant,
            parse_value=parse_instant,
        ),
    },
)
