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
    ],
    ids=str,
)
def test_a_mode_with_what_it_needs_is_taken(given: dict[str, Any]) -> None:
    assert AuthSettings.model_validate(given).mode == given.get("mode", "none")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"mode": "jwt"}, "needs auth.issuer and auth.audience"),
        ({"mode": "jwt", "issuer": "https://a.example"}, "needs auth.audience"),
        ({"mode": "keys"}, "needs auth.keys_file"),
        ({"mode": "jwt_or_keys", **ISSUER}, "needs auth.keys_file"),
        (ISSUER, "does not use auth.issuer and auth.audience"),
        ({"mode": "keys", **KEYS, "customers_claim": "t"}, "does not use auth.customers_claim"),
        ({"mode": "jwt", **ISSUER, **KEYS}, "does not use auth.keys_file"),
        (
            {"mode": "jwt", **ISSUER, "customers_claim": "t", "customers_file": "f"},
            "leave one of them out",
        ),
        ({"mode": "jwt", **ISSUER, "algorithms": "HS256"}, "expected some of ES256"),
        ({"mode": "jwt", **ISSUER, "algorithms": "RS256 none"}, "expected some of ES256"),
        ({"mode": "jwt", **ISSUER, "default_scopes": "read"}, "expected some of upgrades:admin"),
        ({"mode": "jwt", **ISSUER, "issuer": "http://a.example"}, "expected https"),
        ({"mode": "jwt", **ISSUER, "issuer": "a.example"}, "expected a URL such as"),
        ({"mode": "jwt", **ISSUER, "jwks_url": "https://u:p@a.example"}, "expected a URL such as"),
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
