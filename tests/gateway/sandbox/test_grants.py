from dataclasses import replace

import pytest

from gateway.sandbox.grants import (
    WITHOUT_MFA,
    Grant,
    RefreshTokens,
    TokenRefusal,
    error_body,
    grant,
    token_body,
)
from gateway.sandbox.options import Credentials
from gateway.sandbox.tokens import TokenMint
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


def asked(form: dict[str, str], tenant: str = CREDENTIALS.tenant_id) -> Grant:
    return grant(form, tenant, CREDENTIALS, RefreshTokens(CREDENTIALS))


def body_of(given: Grant) -> dict[str, object]:
    return token_body(given, TokenMint(CREDENTIALS, 1), 3600, "http://issuer/", NOW_S)


def test_an_application_gets_a_token_without_a_user() -> None:
    given = asked({**CLIENT, "grant_type": "client_credentials"})
    assert not given.principal.is_user
    body = body_of(given)
    assert samples()["token.app-only.response"].json.keys() == body.keys()


def test_a_refresh_token_yields_a_users_token_and_an_id_token() -> None:
    given = asked(REFRESH)
    assert given.principal.has_mfa
    body = body_of(given)
    assert samples()["token.refresh.response"].json.keys() == body.keys()
    assert body["scope"] == "user_impersonation"


def test_a_code_yields_the_refresh_token_to_keep() -> None:
    form = {**CLIENT, "grant_type": "authorization_code", "code": CREDENTIALS.authorization_code}
    body = body_of(asked(form))
    assert body["refresh_token"] == CREDENTIALS.refresh_token
    assert samples()["token.authorization-code.response"].json.keys() <= body.keys()


def test_all_numbers_are_strings() -> None:
    body = body_of(asked(REFRESH))
    assert body["expires_in"] == "3600"
    assert body["expires_on"] == str(int(NOW_S) + 3600)
    assert all(isinstance(value, str) for value in body.values())


@pytest.mark.parametrize("kind", ["refresh_token", "code"])
def test_users_who_signed_in_without_a_second_factor_stay_so(kind: str) -> None:
    code = CREDENTIALS.authorization_code + WITHOUT_MFA
    forms = {
        "refresh_token": {**REFRESH, "refresh_token": CREDENTIALS.refresh_token + WITHOUT_MFA},
        "code": {**CLIENT, "grant_type": "authorization_code", "code": code},
    }
    given = asked(forms[kind])
    assert given.principal.is_user
    assert not given.principal.has_mfa
    assert (given.refresh_token or WITHOUT_MFA).endswith(WITHOUT_MFA)


def test_version_2_names_the_audience_in_its_scope() -> None:
    form = {key: value for key, value in REFRESH.items() if key != "resource"}
    scope = "openid https://api.partnercenter.microsoft.com/.default"
    given = asked({**form, "scope": scope}, "common")
    assert given.principal.audience == "https://api.partnercenter.microsoft.com"


def test_a_certificate_stands_in_for_the_secret() -> None:
    form = {**REFRESH, "client_assertion": "eyJ", "client_secret": ""}
    assert asked(form).principal.is_user


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
def test_wrong_requests_get_the_platforms_error(
    change: dict[str, str], status: int, error: str
) -> None:
    with pytest.raises(TokenRefusal) as refused:
        asked({**REFRESH, **change})
    assert (refused.value.status, refused.value.error) == (status, error)
    body = error_body(refused.value, NOW_S)
    assert body["error"] == error
    assert str(body["error_codes"][0]) in body["error_description"]


def test_another_tenant_is_not_found() -> None:
    with pytest.raises(TokenRefusal, match="AADSTS90002"):
        asked(REFRESH, "11111111-1111-1111-1111-111111111111")


def test_rotation_gives_a_new_refresh_token_and_ends_the_old_one() -> None:
    tokens = RefreshTokens(replace(CREDENTIALS, rotates_refresh_tokens=True))
    second = tokens.redeem(CREDENTIALS.refresh_token)
    assert second is not None
    with pytest.raises(TokenRefusal):
        tokens.redeem(CREDENTIALS.refresh_token)
    third = tokens.redeem(second)
    assert third not in {None, second}
    without_mfa = tokens.redeem(CREDENTIALS.refresh_token + WITHOUT_MFA)
    assert str(without_mfa).endswith(WITHOUT_MFA)


def test_without_rotation_a_refresh_token_lives_on() -> None:
    tokens = RefreshTokens(CREDENTIALS)
    assert [tokens.redeem(CREDENTIALS.refresh_token) for _ in range(3)] == [None] * 3
