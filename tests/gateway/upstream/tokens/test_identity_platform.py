import asyncio
from pathlib import Path

import pytest

from gateway.upstream.errors import Unauthorized, Unavailable
from gateway.upstream.tokens.base import TokenProvider
from gateway.upstream.tokens.identity_platform import AppTokens, AppUserTokens
from gateway.upstream.tokens.refresh_token_file import RefreshTokenFile
from gateway.upstream.transport.base import Transport
from tests.gateway.upstream.scripted_client import build_scope
from tests.gateway.upstream.tokens.conftest import Register
from tests.gateway.upstream.tokens.identity_platform_server import (
    CLIENT_ID,
    SECRET,
    IdentityPlatform,
    rejecting,
)
from tests.support.clock import FakeClock

SCOPE = "https://api.partnercenter.microsoft.com/.default"


@pytest.fixture
def file(tmp_path: Path) -> RefreshTokenFile:
    path = tmp_path / "refresh-token"
    path.touch(mode=0o600)
    path.write_text("refresh-old")
    return RefreshTokenFile(path)


@pytest.fixture
def app_tokens(application: Register, transport: Transport, clock: FakeClock) -> AppTokens:
    return AppTokens(application(), transport, clock)


@pytest.fixture
def user_tokens(
    application: Register, file: RefreshTokenFile, transport: Transport, clock: FakeClock
) -> AppUserTokens:
    return AppUserTokens(application(), file, transport, clock)


async def test_an_application_requests_everything_that_was_consented_to(
    platform: IdentityPlatform, app_tokens: AppTokens
) -> None:
    assert await app_tokens.get(build_scope()) == "access-1"
    assert platform.forms == [
        {
            "grant_type": "client_credentials",
            "scope": SCOPE,
            "client_id": CLIENT_ID,
            "client_secret": SECRET,
        }
    ]


async def test_waiting_calls_share_a_request_and_a_rejected_token_is_replaced(
    app_tokens: AppTokens,
) -> None:
    calls = [app_tokens.get(build_scope()) for _ in range(5)]
    assert set(await asyncio.gather(*calls)) == {"access-1"}
    assert await app_tokens.get(build_scope(), rejected="access-1") == "access-2"


async def test_a_users_token_is_requested_with_the_refresh_token_of_the_file(
    platform: IdentityPlatform, user_tokens: AppUserTokens, file: RefreshTokenFile
) -> None:
    assert await user_tokens.get(build_scope()) == "access-1"
    [form] = platform.forms
    assert (form["grant_type"], form["refresh_token"]) == ("refresh_token", "refresh-old")
    assert form["scope"] == f"{SCOPE} offline_access"
    assert file.read().reveal() == "refresh-old"


async def test_a_refresh_token_that_rotates_is_kept_and_used_next(
    platform: IdentityPlatform, user_tokens: AppUserTokens, file: RefreshTokenFile
) -> None:
    platform.rotates_to = "refresh-new"
    await user_tokens.get(build_scope())
    assert file.read().reveal() == "refresh-new"
    await user_tokens.get(build_scope(), rejected="access-1")
    assert [form["refresh_token"] for form in platform.forms] == ["refresh-old", "refresh-new"]


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("invalid_grant", "consent again"),
        ("invalid_client", r"partner\.client_secret.* is wrong"),
        ("strange", "see its message"),
    ],
)
async def test_a_rejection_says_what_a_person_must_do(
    platform: IdentityPlatform, user_tokens: AppUserTokens, code: str, remedy: str
) -> None:
    platform.next_answers.append(rejecting(400, error=code, error_description="AADSTS1: no.\r\nX"))
    with pytest.raises(Unauthorized, match=f"{remedy}.*AADSTS1: no. X") as raised:
        await user_tokens.get(build_scope())
    assert raised.value.upstream_code == code
    assert SECRET not in str(raised.value)
    assert "refresh-old" not in str(raised.value)


async def test_an_unknown_tenant_is_named_as_the_cause(
    application: Register, transport: Transport, clock: FakeClock
) -> None:
    tokens = AppTokens(application(tenant_id="unknown"), transport, clock)
    with pytest.raises(Unauthorized, match=r"does not know partner\.tenant_id"):
        await tokens.get(build_scope())


@pytest.mark.parametrize("status", [200, 404, 429, 503])
async def test_a_platform_that_fails_is_unavailable(
    platform: IdentityPlatform, app_tokens: AppTokens, status: int
) -> None:
    platform.next_answers.append(rejecting(status))
    with pytest.raises(Unavailable, match=f"identity platform failed with HTTP {status}"):
        await app_tokens.get(build_scope())


async def test_a_platform_that_cannot_be_reached_is_unavailable(
    application: Register, transport: Transport, clock: FakeClock
) -> None:
    tokens = AppTokens(application(authority="http://127.0.0.1:1"), transport, clock)
    with pytest.raises(Unavailable, match="cannot be reached"):
        await tokens.get(build_scope())


def test_an_application_and_its_user_are_different_principals(
    app_tokens: AppTokens, user_tokens: AppUserTokens, application: Register
) -> None:
    principals: list[TokenProvider] = [app_tokens, user_tokens]
    assert len({tokens.identity(None) for tokens in principals}) == 2
    assert SECRET not in repr(application())
