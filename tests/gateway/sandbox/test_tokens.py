import pytest

from gateway.sandbox.errors import VendorError
from gateway.sandbox.options import API_AUDIENCE, Credentials
from gateway.sandbox.tokens import Caller, TokenIssuer, authenticate, require_mfa
from tests.gateway.sandbox.conftest import NOW_S

MINT = TokenIssuer(Credentials(), seed=1)
USER = Caller("tenant", API_AUDIENCE, NOW_S + 3600, is_user=True, has_mfa=True)


def get_error_code(authorization: str, now_s: float = NOW_S) -> int:
    with pytest.raises(VendorError) as error_info:
        authenticate(authorization, MINT, (API_AUDIENCE,), now_s)
    assert error_info.value.status == 401
    return error_info.value.code


def test_a_token_can_be_read_by_another_issuer_with_the_same_seed() -> None:
    token = MINT.issue(USER, NOW_S)
    read = TokenIssuer(Credentials(), seed=1).read(token)
    assert read is not None
    assert (read.tenant_id, read.audience, read.is_user, read.has_mfa) == (
        "tenant",
        API_AUDIENCE,
        True,
        True,
    )


def test_every_token_is_different() -> None:
    assert MINT.issue(USER, NOW_S) != MINT.issue(USER, NOW_S)


def test_an_application_is_not_a_user() -> None:
    app = Caller("tenant", API_AUDIENCE, NOW_S + 3600, is_user=False, has_mfa=False)
    read = authenticate(f"bearer {MINT.issue(app, NOW_S)}", MINT, (API_AUDIENCE,), NOW_S)
    assert not read.is_user
    require_mfa(read)


def test_tokens_expire() -> None:
    header = f"Bearer {MINT.issue(USER, NOW_S)}"
    assert authenticate(header, MINT, (API_AUDIENCE + "/",), NOW_S + 3599).is_user
    assert get_error_code(header, NOW_S + 3600) == 400


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer abc",
        "Bearer a.b.c",
        "Basic sandbox",
        "Bearer sandbox-unknown",
        "Bearer sandboxes",
        f"Bearer {MINT.issue(USER, NOW_S)}x",
        f"Bearer {TokenIssuer(Credentials(), seed=2).issue(USER, NOW_S)}",
        "Bearer sandbox-expired",
    ],
)
def test_other_tokens_are_rejected(header: str) -> None:
    assert get_error_code(header) == 400


def test_tokens_for_another_audience_are_rejected() -> None:
    assert get_error_code("Bearer sandbox-retired-audience") == 900420


def test_users_without_multi_factor_authentication_are_rejected() -> None:
    caller = authenticate("Bearer sandbox-without-mfa", MINT, (API_AUDIENCE,), NOW_S)
    with pytest.raises(VendorError, match="401 900421"):
        require_mfa(caller)


def test_the_developer_token_never_expires() -> None:
    caller = authenticate("Bearer sandbox", MINT, (API_AUDIENCE,), 200_000_000_000)
    assert caller.is_user
    assert caller.has_mfa
