from typing import Any

import pytest
from pydantic import ValidationError

from gateway.settings import AuthSettings

ISSUER = {"issuer": "https://issuer.example/v2.0", "audience": "api://gateway"}
KEYS = {"keys_file": "keys.toml"}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"mode": "jwt", **ISSUER},
        {"mode": "keys", **KEYS},
        {"mode": "jwt_or_keys", **ISSUER, **KEYS, "customers_claim": "tenants"},
        {"mode": "jwt", **ISSUER, "algorithms": " ES256  PS512 "},
        {"mode": "jwt", **ISSUER, "issuer": "http://127.0.0.1:9000/"},
        {"mode": "jwt", **ISSUER, "default_scopes": "upgrades:read upgrades:write"},
        {"mode": "jwt", **ISSUER, "issuer": "https://a.example https://b.example/"},
        {"mode": "jwt", **ISSUER, "audience": ["api://a", "b"], "client_as_audience": True},
        {"mode": "jwt", **ISSUER, "scopes_claim": ["scp", "roles"], "scopes_prefix": "api://a/"},
    ],
    ids=str,
)
def test_a_mode_with_its_required_settings_is_accepted(given: dict[str, Any]) -> None:
    assert AuthSettings.model_validate(given).mode == given.get("mode", "none")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"mode": "jwt"}, "requires auth.issuer and auth.audience"),
        ({"mode": "jwt", "issuer": "https://a.example"}, "requires auth.audience"),
        ({"mode": "keys"}, "requires auth.keys_file"),
        ({"mode": "jwt_or_keys", **ISSUER}, "requires auth.keys_file"),
        (ISSUER, "does not use auth.issuer and auth.audience"),
        ({"mode": "keys", **KEYS, "customers_claim": "t"}, "does not use auth.customers_claim"),
        ({"mode": "jwt", **ISSUER, **KEYS}, "does not use auth.keys_file"),
        (
            {"mode": "jwt", **ISSUER, "customers_claim": "t", "customers_file": "f"},
            "so remove the other",
        ),
        ({"mode": "jwt", **ISSUER, "algorithms": "HS256"}, "expected one or more of ES256"),
        ({"mode": "jwt", **ISSUER, "algorithms": "RS256 none"}, "expected one or more of ES256"),
        (
            {"mode": "jwt", **ISSUER, "default_scopes": "read"},
            "expected one or more of upgrades:admin",
        ),
        ({"mode": "jwt", **ISSUER, "issuer": "http://a.example"}, "expected https"),
        ({"mode": "jwt", **ISSUER, "issuer": "a.example"}, "expected a URL such as"),
        ({"mode": "jwt", **ISSUER, "jwks_url": "https://u:p@a.example"}, "expected a URL such as"),
        (
            {"mode": "jwt", **ISSUER, "issuer": "https://a.example http://b.example"},
            "expected https",
        ),
        (
            {"mode": "jwt", **ISSUER, "jwks_url": "https://a.example https://b.example"},
            "different numbers of URLs",
        ),
        ({"mode": "keys", **KEYS, "client_as_audience": True}, "not use auth.client_as_audience"),
        ({"mode": "basic"}, "Input should be"),
        ({"leeway_s": 301}, "less than or equal to 300"),
    ],
    ids=str,
)
def test_settings_that_do_not_fit_are_refused_with_the_reason(
    given: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason):
        AuthSettings.model_validate(given)


def test_no_algorithm_is_the_usual_one() -> None:
    given = {"mode": "jwt", **ISSUER, "algorithms": " "}
    assert AuthSettings.model_validate(given).algorithms == "RS256"


@pytest.mark.parametrize(
    ("jwks_url", "urls"),
    [
        ("", ["", ""]),
        ("https://keys.example", ["https://keys.example"] * 2),
        ("https://1.example https://2.example", ["https://1.example", "https://2.example"]),
    ],
)
def test_keys_of_several_issuers_are_at_one_place_or_at_one_each(
    jwks_url: str, urls: list[str]
) -> None:
    issuers = ["https://a.example", "https://b.example/"]
    auth = AuthSettings.model_validate(
        {"mode": "jwt", **ISSUER, "issuer": issuers, "jwks_url": jwks_url}
    )
    assert auth.jwks_urls == dict(zip(issuers, urls, strict=True))
