from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import InvalidInput
from schema.scalars import parse_day, parse_instant, print_instant

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


@pytest.mark.parametrize(
    "value",
    [
        "soon",
        "",
        "2026-13-01",
        "10000-01-01",
        5,
        True,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_an_invalid_instant_is_refused_with_an_example(value: object) -> None:
    with pytest.raises(InvalidInput, match="such as 2026-01-31T12:00:00Z, not ") as error:
        parse_instant(value)
    assert repr(value) in str(error.value)


@pytest.mark.parametrize("value", ["soon", "", "2026-02-30", 5, "2026-01-31T00:00:00Z"])
def test_an_invalid_day_is_refused_with_an_example(value: object) -> None:
    with pytest.raises(InvalidInput, match="such as 2026-01-31, not "):
        parse_day(value)
