import pytest

from gateway.auth.customers_file import parse_customers


def test_callers_are_read_with_their_customers() -> None:
    text = '[customers]\nalice = ["0C39D6D5-C70D-4C55-BC02-F620844F3FD1"]\nbob = ["*"]\n'
    assert parse_customers(text) == {
        "alice": frozenset({"0c39d6d5-c70d-4c55-bc02-f620844f3fd1"}),
        "bob": None,
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[customers", "Expected ']'"),
        ("", r"expected one table \[customers\]"),
        ("customers = 1", r"expected one table \[customers\]"),
        ("[customers]\n[others]", r"expected one table \[customers\]"),
        ('[customers]\nalice = "A"', "customers of 'alice' must be a list"),
        ("[customers]\nalice = [1]", "customers of 'alice' must be a list"),
        ('[customers]\nalice = ["contoso"]', "customers of 'alice': no customer has the id"),
        ('[customers]\n"" = ["*"]', "has '', which is not the 'sub' of a token"),
        ('[customers]\n"key:billing" = ["*"]', "in auth.keys_file"),
        ('[customers]\n"jwt:https://issuer.test|a" = ["*"]', "write only the 'sub'"),
    ],
)
def test_the_error_for_an_invalid_file_names_the_table(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_customers(text)
