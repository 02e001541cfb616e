"""Parses dates in all the forms that services send (CONTRACT 11, Q10 and Q11)."""

import email.utils
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

_NUMBER: Final = re.compile(r"[0-9]{9,14}(?:\.[0-9]+)?")
_SCRIPT_DATE: Final = re.compile(r"/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)/")
# Read as seconds this is in the year 5138, read as milliseconds in 1973.
_MIN_MILLISECONDS: Final = 100_000_000_000
_PARTS: Final = re.compile(
    r"""([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})
        (?:[T\s]\s*([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:[.,]([0-9]+))?)?)?
        \s*(?:Z|UTC|GMT|([+-])([0-9]{1,2}):?([0-9]{2})?)?""",
    re.VERBOSE,
)
# .NET's invariant culture, which writes dates as Americans do.
_AMERICAN: Final = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y")


def parse_date(value: str) -> datetime | None:
    """Parse a date to UTC, shortened to microseconds; None if the text is not a date.

    A date without a time zone is in UTC.
    """
    for parse in _PARSERS:
        try:
            parsed = parse(value)
        except (ValueError, TypeError, OverflowError, IndexError, OSError):
            continue
        return _to_utc(parsed)
    return None


def _to_utc(parsed: datetime) -> datetime:
    if parsed.tzinfo is None:
        return parsed.replace(tzinfo=UTC)
    try:
        return parsed if parsed.tzinfo is UTC else parsed.astimezone(UTC)
    except OverflowError:  # the years 1 and 9999 mean "never" and cannot be shifted
        return parsed.replace(tzinfo=UTC)


def _parse_parts(value: str) -> datetime:
    """Parse variants of ISO 8601: spaces, casing, lengths, leap seconds and hour 24."""
    text = re.sub(r"\s*:\s*", ":", value.strip().upper())
    found = _PARTS.fullmatch(text)
    if found is None:
        raise ValueError(value)
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = found.groups()
    date = datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}T00:00:00+00:00")
    if int(hour or 0) > 24 or int(minute or 0) > 59 or int(second or 0) > 60:  # noqa: PLR2004
        raise ValueError(value)
    time = timedelta(
        hours=int(hour or 0),
        minutes=int(minute or 0),
        seconds=int(second or 0),
        microseconds=int((fraction or "")[:6].ljust(6, "0")),
    )
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return date + time - (-offset if sign == "-" else offset)


def _parse_number(value: str) -> datetime:
    """Parse seconds or milliseconds since 1970, or 14 digits without separators."""
    text = value.strip()
    script_date = _SCRIPT_DATE.fullmatch(text)
    if script_date is not None:
        return datetime.fromtimestamp(int(script_date[1]) / 1000, UTC)
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(value)
    number = float(text)
    if len(text) == len("20190304091241") and text.isdecimal():
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return datetime.fromtimestamp(number / 1000 if number >= _MIN_MILLISECONDS else number, UTC)


def _parse_american(value: str) -> datetime:
    for form in _AMERICAN:
        try:
            return datetime.strptime(value.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError(value)


_PARSERS: Final[tuple[Callable[[str], datetime], ...]] = (
    datetime.fromisoformat,
    _parse_parts,
    _parse_number,
    email.utils.parsedate_to_datetime,
    _parse_american,
)
