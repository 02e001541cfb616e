from dataclasses import replace

import pytest

from gateway.sandbox.errors import OAuthError
from gateway.sandbox.grants import (
    WITHOUT_MFA,
    Grant,
    RefreshTokens,
    build_oauth_error_body,
    build_token_body,
    decide_grant,
)
from gateway.sandbox.options import Credentials
from gateway.sandbox.tokens import TokenIssuer
from tests.gateway.sandbox.conftest import NOW_S
from tests.support.samples import samples

CREDENTIALS = Credentials()
CLIENT = {
    "client_id": CREDENTIALS.client_id,
    "client_secret": CREDENTIALS.client_secret,
    "resource": "https://api.partnercenter.microsoft.com",
}
REFRESH = {
    **CLIENT,
    "grant_type": "refresh_token",
    "refresh_token": CREDENTIALS.refresh_token,
}


def request_grant(form: dict[str, str], tenant: str = CREDENTIALS.tenant_id) -> Grant:
    refresh_tokens = RefreshTokens(CREDENTIALS)
    return decide_grant(form, tenant, CREDENTIALS, refresh_tokens, lambda: None)


def build_body(token_grant: Grant) -> dict[str, object]:
    return build_token_body(token_grant, TokenIssuer(CREDENTIALS, 1), 3600, "http://issuer/", NOW_S)


def test_an_application_gets_a_token_without_a_user() -> None:
    token_grant = request_grant({**CLIENT, "grant_type": "client_credentials"})
    assert not token_grant.caller.is_user
    body = build_body(token_grant)
    assert samples()["token.app-only.response"].json.keys() == body.keys()


def test_a_refresh_token_yields_a_users_token_and_an_id_token() -> None:
    token_grant = request_grant(REFRESH)
    assert token_grant.caller.has_mfa
    body = build_body(token_grant)
    assert samples()["token.refresh.response"].json.keys() == body.keys()
    assert body["scope"] == "user_impersonation"


def test_an_authorization_code_yields_the_refresh_token() -> None:
    form = {**CLIENT, "grant_type": "authorization_code", "code": CREDENTIALS.authorization_code}
    body = build_body(request_grant(form))
    assert body["refresh_token"] == CREDENTIALS.refresh_token
    assert samples()["token.authorization-code.response"].json.keys() <= body.keys()


def test_all_numbers_are_strings() -> None:
    body = build_body(request_grant(REFRESH))
    assert body["expires_in"] == "3600"
    assert body["expires_on"] == str(int(NOW_S) + 3600)
    assert all(isinstance(value, str) for value in body.values())


@pytest.mark.parametrize("kind", ["refresh_token", "code"])
def test_users_without_multi_factor_authentication_stay_without_it(kind: str) -> None:
    code = CREDENTIALS.authorization_code + WITHOUT_MFA
    forms = {
        "refresh_token": {**REFRESH, "refresh_token": CREDENTIALS.refresh_token + WITHOUT_MFA},
        "code": {**CLIENT, "grant_type": "authorization_code", "code": code},
    }
    token_grant = request_grant(forms[kind])
    assert token_grant.caller.is_user
    assert not token_grant.caller.has_mfa
    assert (token_grant.refresh_token or WITHOUT_MFA).endswith(WITHOUT_MFA)


def test_version_2_has_the_audience_in_its_scope() -> None:
    form = {key: value for key, value in REFRESH.items() if key != "resource"}
    scope = "openid https://api.partnercenter.microsoft.com/.default"
    token_grant = request_grant({**form, "scope": scope}, "common")
    assert token_grant.caller.audience == "https://api.partnercenter.microsoft.com"


def test_a_certificate_replaces_the_client_secret() -> None:
    form = {**REFRESH, "client_assertion": "eyJ", "client_secret": ""}
    assert request_grant(form).caller.is_user


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_id": "other"}, 400, "unauthorized_client"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"refresh_token": "unknown"}, 400, "invalid_grant"),
        ({"refresh_token": f"{CREDENTIALS.refresh_token}.7"}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "unknown"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"resource": ""}, 400, "invalid_resource"),
    ],
    ids=str,
)
def test_invalid_requests_get_the_platforms_error(
    change: dict[str, str], status: int, error: str
) -> None:
    with pytest.raises(OAuthError) as error_info:
        request_grant({**REFRESH, **change})
    assert (error_info.value.status, error_info.value.error) == (status, error)
    body = build_oauth_error_body(error_info.value, NOW_S)
    assert body["error"] == error
    assert str(body["error_codes"][0]) in body["error_description"]


def test_another_tenant_is_not_found() -> None:
    with pytest.raises(OAuthError, match="AADSTS90002"):
        request_grant(REFRESH, "11111111-1111-1111-1111-111111111111")


def test_rotation_issues_a_new_refresh_token_and_invalidates_the_old_one() -> None:
    tokens = RefreshTokens(replace(CREDENTIALS, rotates_refresh_tokens=True))
    second = tokens.redeem(CREDENTIALS.refresh_token)
    assert second is not None
    with pytest.raises(OAuthError):
        tokens.redeem(CREDENTIALS.refresh_token)
    third = tokens.redeem(second)
    assert third not in {None, second}
    without_mfa = tokens.redeem(CREDENTIALS.refresh_token + WITHOUT_MFA)
    assert str(without_mfa).endswith(WITHOUT_MFA)


def test_without_rotation_a_refresh_token_stays_valid() -> None:
    tokens = RefreshTokens(CREDENTIALS)
    assert [tokens.redeem(CREDENTIALS.refresh_token) for _ in range(3)] == [None] * 3
