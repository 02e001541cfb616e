import json
from urllib.parse import quote

import pytest

from gateway.settings.masking import MASK, mask_secrets, mask_url

JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
API_KEY = "ugk_nightly_" + "0a" * 32
REFRESH_TOKEN = "1.AXoA" + "b-_." * 20


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc.def-1", f"Authorization: Bearer {MASK}"),
        (f"got {JWT} back", f"got {MASK} back"),
        (f"[keys.{API_KEY}] is no table", f"[keys.ugk_nightly_{MASK}] is no table"),
        (f"'{REFRESH_TOKEN}' cannot be read", f"'{MASK}' cannot be read"),
        ("grant_type=x&client_secret=a1&b=2", f"grant_type=x&client_secret={MASK}&b=2"),
        ('{"refresh_token": "0.A B", "x": 1}', f'{{"refresh_token": "{MASK}", "x": 1}}'),
        (r"{'password': 'a\' b'}", f"{{'password': '{MASK}'}}"),
        ("host=h password='a b' user=u", f"host=h password='{MASK}' user=u"),
        ("host=h password = a user=u", f"host=h password = {MASK} user=u"),
        ("at postgresql://u:a@b:1/c@h/d now", "at postgresql://u:***@h/d now"),
        ("at postgresql://u@h/d now", "at postgresql://u@h/d now"),
        ("at http://u:p@h/x now", "at http://h/x now"),
        ("at socks5://u:p@h now", "at socks5://h now"),
        ("at file:///a@b now", "at file:///a@b now"),
    ],
)
def test_masking_twice_changes_nothing(text: str, shown: str) -> None:
    assert mask_secrets(text) == shown
    assert mask_secrets(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "there is a token: fine",
        "a bearer token is missing",
        "see https://go.example/link?to=joe@contoso.example",
        "Version 1.A is out",
        "partner.token is invalid: expected only the token",
    ],
)
def test_prose_stays_as_it_is(text: str) -> None:
    assert mask_secrets(text) == text


@pytest.mark.parametrize("secret", ["hunter2", "a b/c@d:e", "q'\"\\", "pä\x1bss"])
def test_a_known_secret_is_masked_in_every_spelling(secret: str) -> None:
    for form in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret, safe="")):
        assert mask_secrets(f"<{form}>", [secret]) == f"<{MASK}>"


def test_short_secrets_are_not_masked() -> None:
    assert mask_secrets("a bad pw", ["pw", ""]) == "a bad pw"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:p@h:1/d", "postgresql://u:***@h:1/d"),
        ("postgresql://u:p/q?r#s@t@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u@/d?host=/run&port=1&key=v", "postgresql://u@/d?host=/run&port=1&key=***"),
        ("https://u:p/q@h/d?a=b&c#e", "https://h/d?a=***&***"),
        ("https://token@h:8443", "https://h:8443"),
        ("ftp://token@h", "ftp://h"),
        ("sqlite:///data/a@b.db", "sqlite:///data/a@b.db"),
        ("http://[::1]:8000/", "http://[::1]:8000/"),
        ("http://u:p", "http://u:***"),
        ("u:p@h", "h"),
        ("api.example", "api.example"),
    ],
)
def test_a_url_is_shown_without_password_and_query(url: str, shown: str) -> None:
    assert mask_url(url) == shown
