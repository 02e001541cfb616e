from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.scalars import parse_instant, print_instant

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "printed"),
    [
        (NOON, "2026-01-31T12:00:00Z"),
        (NOON + timedelta(microseconds=5), "2026-01-31T12:00:00.000005Z"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "9999-12-31T23:59:59Z"),
    ],
)
def test_an_instant_is_printed_in_utc(instant: datetime, printed: str) -> None:
    assert print_instant(instant) == printed


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00",
        "2026-01-31T14:00:00+02:00",
        "2026-01-31 12:00",
    ],
)
def test_an_instant_is_parsed_from_every_format(text: str) -> None:
    assert parse_instant(text) == NOON
    assert parse_instant(text).tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)))
def test_parsing_is_the_inverse_of_printing(instant: datetime) -> None:
    assert parse_instant(print_instant(instant)) == instant


def test_an_instant_of_another_zone_is_moved_to_utc() -> None:
    zone = timezone(timedelta(hours=2))
    assert parse_instant(NOON.astimezone(zone).isoformat()) == NOON


@pytest.mark.parametrize("text", ["soon", "", "2026-13-01"])
def test_an_invalid_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|month"):
        parse_instant(text)


def test_an_instant_that_is_not_a_string_is_refused() -> None:
    with pytest.raises(
        TypeError, match="DateTime must be a string such as 2026-01-31T12:00:00Z, not 5"
    ):
        parse_instant(5)
