import pytest

from gateway.auth.customers_file import parse_customers


def test_callers_are_read_with_their_customers() -> None:
    text = '[customers]\nalice = ["A"]\nbob = ["*"]\n'
    assert parse_customers(text) == {"alice": frozenset({"a"}), "bob": None}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[customers", "Expected ']'"),
        ("", r"expected one table \[customers\]"),
        ("customers = 1", r"expected one table \[customers\]"),
        ("[customers]\n[others]", r"expected one table \[customers\]"),
        ('[customers]\nalice = "A"', "customers of 'alice' are a list"),
        ("[customers]\nalice = [1]", "customers of 'alice' are a list"),
    ],
)
def test_a_file_that_is_wrong_says_where(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_customers(text)
