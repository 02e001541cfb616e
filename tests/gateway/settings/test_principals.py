"""Which principals callers can have, by how they prove who they are."""

from typing import Any

import pytest

from gateway.auth.api_keys import format_key, format_key_entry, parse_keys
from gateway.credentials import SecretToken, passthrough_principal
from gateway.settings import AuthSettings, PartnerSettings
from gateway.settings.principals import PrincipalForms, principal_issuers, shared_principal

ISSUER = "https://issuer.test"
KEYS: dict[str, Any] = {"mode": "keys", "keys_file": "keys.toml"}
JWT: dict[str, Any] = {"mode": "jwt", "issuer": ISSUER, "audience": "a"}
TENANT = "8f3a6c1e-2f57-4d7e-9d3b-0a1f3f0e6c11"
OTHER_TENANT = "00000000-2f57-4d7e-9d3b-0a1f3f0e6c11"
ENTRA_V1 = f"https://sts.windows.net/{TENANT}/"
ENTRA_V2 = f"https://login.microsoftonline.com/{TENANT}/v2.0"
ENTRA: dict[str, Any] = {**JWT, "issuer": f"{ENTRA_V2} {ISSUER} {ENTRA_V1}"}
BOTH: dict[str, Any] = {**JWT, **KEYS, "mode": "jwt_or_keys"}
NONE: dict[str, Any] = {"mode": "none"}
SANDBOX: dict[str, Any] = {"auth": "sandbox"}
PASSTHROUGH: dict[str, Any] = {"auth": "passthrough"}
APP: dict[str, Any] = {"auth": "app", "tenant_id": "t", "client_id": "c", "client_secret": "s"}
APP_USER: dict[str, Any] = {**APP, "auth": "app_user", "refresh_token_file": "kept"}
STATIC: dict[str, Any] = {"auth": "static", "token": "abc"}
OF_TOKEN = passthrough_principal(SecretToken("a token"))
KEY = format_key("billing", bytes(32))
OF_KEY = (
    parse_keys(format_key_entry("billing", KEY, ["upgrades:read"], ["*"]))
    .authenticate(KEY)
    .principal
)


def problem(auth: dict[str, Any], partner: dict[str, Any], name: str) -> str | None:
    forms = PrincipalForms(
        AuthSettings.model_validate(auth), PartnerSettings.model_validate(partner)
    )
    return forms.explain_mismatch(name)


@pytest.mark.parametrize(
    ("auth", "partner", "name"),
    [
        (KEYS, SANDBOX, OF_KEY),
        (BOTH, SANDBOX, OF_KEY),
        (BOTH, SANDBOX, f"jwt:{ISSUER}|sub"),
        (JWT, SANDBOX, f"jwt:{ISSUER}|auth0|a:b\n"),
        (JWT, PASSTHROUGH, f"jwt:{ISSUER}|sub"),
        (ENTRA, SANDBOX, f"jwt:{ENTRA_V2}|sub"),
        (ENTRA, SANDBOX, f"jwt:{ISSUER}|sub"),
        (NONE, PASSTHROUGH, OF_TOKEN),
        (NONE, PASSTHROUGH, "caller-without-token"),
        (NONE, SANDBOX, "sandbox"),
        (NONE, STATIC, "static"),
        (NONE, APP, "app-t-c"),
        (NONE, APP_USER, "app-user-t-c"),
    ],
)
def test_a_principal_that_a_caller_has_is_no_problem(
    auth: dict[str, Any], partner: dict[str, Any], name: str
) -> None:
    assert problem(auth, partner, name) is None


@pytest.mark.parametrize(
    ("auth", "partner", "name", "expected"),
    [
        (ENTRA, SANDBOX, f"jwt:{ENTRA_V1}|sub", f"it is 'jwt:{ENTRA_V2}|<sub>' of a JWT or"),
        (KEYS, SANDBOX, "billing", "did you mean 'key:billing'?"),
        (KEYS, SANDBOX, " key:Billing ", "did you mean 'key:billing'?"),
        (KEYS, SANDBOX, "", "it is 'key:<name>' of an API key"),
        (KEYS, SANDBOX, "*", "it is 'key:<name>' of an API key"),
        (KEYS, SANDBOX, "key:", "it is 'key:<name>' of an API key"),
        (KEYS, SANDBOX, "key:a_b", "it is 'key:<name>' of an API key"),
        (KEYS, SANDBOX, "sandbox", "it is 'key:<name>' of an API key"),
        (KEYS, SANDBOX, f"jwt:{ISSUER}|a", "with auth.mode 'keys'"),
        (JWT, SANDBOX, "key:billing", f"it is 'jwt:{ISSUER}|<sub>' of a JWT"),
        (JWT, SANDBOX, "billing", f"did you mean 'jwt:{ISSUER}|billing'?"),
        (JWT, SANDBOX, "jwt:https://other.test|a", f"it is 'jwt:{ISSUER}|<sub>'"),
        (JWT, SANDBOX, f"jwt:{ISSUER}|", f"it is 'jwt:{ISSUER}|<sub>'"),
        (JWT, PASSTHROUGH, OF_TOKEN, f"it is 'jwt:{ISSUER}|<sub>'"),
        (BOTH, SANDBOX, "billing", "did you mean 'key:billing'?"),
        (NONE, SANDBOX, "key:billing", "it is 'sandbox' for all callers"),
        (NONE, STATIC, "sandbox", "it is 'static' for all callers"),
        (NONE, PASSTHROUGH, "token-abc", "'token-<32 hex digits>'"),
        (NONE, APP, "app-t-other", "it is 'app-t-c' for all callers"),
    ],
)
def test_an_impossible_principal_is_explained_with_the_expected_form(
    auth: dict[str, Any], partner: dict[str, Any], name: str, expected: str
) -> None:
    message = problem(auth, partner, name)
    assert message is not None
    assert f"no caller has the principal {name!r}" in message
    assert expected in message


def test_a_long_value_is_shown_in_part() -> None:
    message = problem(JWT, SANDBOX, "x" * 10_000)
    assert message is not None
    assert len(message) < 500


@pytest.mark.parametrize("partner", [SANDBOX, STATIC, APP, APP_USER, PASSTHROUGH])
def test_the_shared_principal_holds_no_secret(partner: dict[str, Any]) -> None:
    assert shared_principal(PartnerSettings.model_validate(partner)) in (
        "sandbox",
        "static",
        "app-t-c",
        "app-user-t-c",
        "caller-without-token",
    )


def test_both_versions_of_a_tenant_have_the_name_that_comes_first() -> None:
    assert principal_issuers([ENTRA_V2, ENTRA_V1]) == {ENTRA_V2: ENTRA_V2, ENTRA_V1: ENTRA_V2}
    assert principal_issuers([ENTRA_V1, ENTRA_V2]) == {ENTRA_V1: ENTRA_V1, ENTRA_V2: ENTRA_V1}


@pytest.mark.parametrize(
    "other",
    [
        f"https://sts.windows.net/{OTHER_TENANT}/",
        f"https://evil.example/{TENANT}/v2.0",
        f"https://sts.windows.net.evil.example/{TENANT}/",
        f"https://login.microsoftonline.com/{TENANT}/v2.0/",
        "https://okta.example/oauth2/default",
    ],
)
def test_other_issuers_keep_their_own_name(other: str) -> None:
    assert principal_issuers([ENTRA_V2, other]) == {ENTRA_V2: ENTRA_V2, other: other}
