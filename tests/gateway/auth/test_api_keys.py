import hmac

import pytest

from gateway.auth.api_keys import format_key, format_key_entry, parse_keys
from gateway.auth.errors import Unauthenticated
from schema.scopes import Scope

KEY = format_key("nightly", bytes(range(32)))
OTHER = format_key("other", bytes(32))
FILE = "\n".join(
    [
        format_key_entry(
            "nightly", KEY, ["upgrades:write"], ["0C39D6D5-C70D-4C55-BC02-F620844F3FD1"]
        ),
        format_key_entry("other", OTHER, ["upgrades:admin"], ["*"]),
    ]
)
HASH = "sha256:" + "0" * 64


def test_a_key_is_a_caller_with_its_scopes_and_customers() -> None:
    caller = parse_keys(FILE).authenticate(KEY)

    assert caller.principal == "key:nightly"
    assert caller.scopes == {Scope.READ, Scope.WRITE}
    assert caller.customers == frozenset({"0c39d6d5-c70d-4c55-bc02-f620844f3fd1"})
    assert parse_keys(FILE).authenticate(OTHER).customers is None


def test_the_key_is_not_in_the_file() -> None:
    assert KEY not in FILE
    assert KEY.rpartition("_")[2] not in FILE


@pytest.mark.parametrize(
    "text",
    [
        KEY[:-1] + "0",
        KEY + "0",
        KEY.upper(),
        format_key("nightly", bytes(32)),
        format_key("unknown", bytes(range(32))),
        "ugk_nightly_",
        "ugk_",
        "ugk__",
        "ugk_nightly_" + HASH,
    ],
)
def test_a_wrong_key_is_refused_without_a_hint(text: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        parse_keys(FILE).authenticate(text)

    assert str(refused.value) == "This gateway does not know the API key"


@pytest.mark.parametrize("text", [KEY[:-1] + "0", format_key("unknown", bytes(32))])
def test_a_wrong_name_takes_the_same_comparison_as_a_wrong_key(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[int, int]] = []
    in_constant_time = hmac.compare_digest

    def comparing(given: bytes, kept: bytes) -> bool:
        compared.append((len(given), len(kept)))
        return in_constant_time(given, kept)

    monkeypatch.setattr(hmac, "compare_digest", comparing)
    with pytest.raises(Unauthenticated):
        parse_keys(FILE).authenticate(text)

    assert compared == [(32, 32)]


@pytest.mark.parametrize("name", ["", "Nightly", "a_b", "-a", "a" * 64, "a b", "é"])
def test_a_name_that_would_not_fit_a_key_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a key name"):
        format_key(name, bytes(32))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[keys", "Expected ']'"),
        ("", "expected tables such as"),
        ("keys = 1", "expected tables such as"),
        ("[keys]\n[other]", "expected tables such as"),
        ("[keys.A]", "must be a table with a name"),
        ("[keys]\na = 1", "must be a table with a name"),
        (f'[keys.a]\nhash = "{HASH}"\nscope = "x"', r"\['scope'\]; expected hash"),
        ("[keys.a]", "needs the hash"),
        ('[keys.a]\nhash = "sha256:00"', "needs the hash"),
        (f'[keys.a]\nhash = "{HASH}"', "needs a list of scopes: any of upgrades:admin"),
        (f'[keys.a]\nhash = "{HASH}"\nscopes = []', "needs a list of scopes"),
        (f'[keys.a]\nhash = "{HASH}"\nscopes = "upgrades:read"', "needs a list of scopes"),
        (f'[keys.a]\nhash = "{HASH}"\nscopes = ["read"]', "needs a list of scopes"),
        (
            f'[keys.a]\nhash = "{HASH}"\nscopes = ["upgrades:read"]',
            "customers of 'a' must be a list",
        ),
        (
            f'[keys.a]\nhash = "{HASH}"\nscopes = ["upgrades:read"]\ncustomers = "*"',
            "customers of 'a' must be a list",
        ),
        (
            f'[keys.a]\nhash = "{HASH}"\nscopes = ["upgrades:read"]\ncustomers = ["contoso"]',
            "customers of 'a': no customer has the id 'contoso'; expected a tenant id such as",
        ),
    ],
)
def test_the_error_for_an_invalid_file_names_the_table(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        parse_keys(text)

    assert HASH not in str(refused.value)
