"""The scalars Date and DateTime, and the schema's configuration."""

from datetime import UTC, date, datetime
from typing import Final

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.errors import InvalidInput
from schema.quoting import quote


def print_instant(instant: datetime) -> str:
    """Format as RFC 3339 with `Z`. Fractions of a second appear only if there are any."""
    return instant.isoformat().replace("+00:00", "Z")


def parse_instant(value: object) -> datetime:
    """Parse a time in RFC 3339; without a zone, in UTC. Raises InvalidInput."""
    try:
        instant = datetime.fromisoformat(_require_text(value))
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):  # outside the years 1 to 9999 in UTC
        raise InvalidInput(
            f"DateTime must be an instant such as 2026-01-31T12:00:00Z, not {quote(value)}."
        ) from None


def parse_day(value: object) -> date:
    """Parse a day as `yyyy-mm-dd`. Raises InvalidInput."""
    try:
        return date.fromisoformat(_require_text(value))
    except ValueError:
        raise InvalidInput(f"Date must be a day such as 2026-01-31, not {quote(value)}.") from None


def _require_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("it is no string")
    return value


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
