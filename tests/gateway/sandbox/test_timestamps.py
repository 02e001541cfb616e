import pytest

from gateway.sandbox.timestamps import NEVER_S, Timestamp, midnight

MOMENT_S = 1_610_128_874.748861


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        (0, "2021-01-08T18:01:14Z"),
        (1, "2021-01-08T18:01:14.7Z"),
        (3, "2021-01-08T18:01:14.748Z"),
        (6, "2021-01-08T18:01:14.748861Z"),
        (7, "2021-01-08T18:01:14.7488615Z"),
    ],
)
def test_a_time_has_the_requested_number_of_fractional_digits(digits: int, expected: str) -> None:
    assert Timestamp(MOMENT_S, digits).format() == expected
    assert Timestamp(MOMENT_S).format(digits) == expected


def test_the_separator_of_the_time_can_contain_a_space() -> None:
    assert Timestamp(MOMENT_S).format(separator=": ") == "2021-01-08T18: 01: 14Z"


def test_contract_dates_are_midnights() -> None:
    assert midnight(MOMENT_S).format() == "2021-01-08T00:00:00Z"


def test_never_is_in_the_year_9999() -> None:
    assert Timestamp(NEVER_S).format().startswith("9999-")
