import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.credentials import SecretToken
from gateway.upstream.clouds import CLOUDS
from gateway.upstream.errors import Unauthorized, Unavailable
from gateway.upstream.tokens.base import TokenProvider
from gateway.upstream.tokens.identity_platform import (
    AppRegistration,
    AppTokens,
    AppUserTokens,
    build_proxied_session,
)
from gateway.upstream.tokens.refresh_token_file import RefreshTokenFile
from gateway.upstream.transport.proxies import load_proxy_config
from tests.gateway.upstream.scripted_client import build_scope
from tests.gateway.upstream.tokens.identity_platform_server import (
    AUTHORITY,
    IdentityPlatform,
    MsalHttpClient,
    rejecting,
)
from tests.support.clock import FakeClock
from tests.support.misbehaving_server import ok_response, raw_server, respond_with

SECRET = "client-secret-value"
SCOPE = "https://api.partnercenter.microsoft.com/.default"


def application(http_client: MsalHttpClient | None = None, **changed: Any) -> AppRegistration:
    given = {"tenant_id": "tenant-1", "client_id": "client-1", "client_secret": SecretToken(SECRET)}
    return AppRegistration(CLOUDS["global"], **{**given, **changed}, http_client=http_client)


@pytest.fixture
def file(tmp_path: Path) -> RefreshTokenFile:
    path = tmp_path / "refresh-token"
    path.touch(mode=0o600)
    path.write_text("refresh-old")
    return RefreshTokenFile(path)


async def test_an_application_contacts_only_its_authority() -> None:
    platform = IdentityPlatform()
    async with platform.running() as http_client:
        tokens = AppTokens(application(http_client), FakeClock())
        assert await tokens.get(build_scope()) == "access-1"
    assert platform.asked_urls == [
        f"{AUTHORITY}/tenant-1/v2.0/.well-known/openid-configuration",
        f"{AUTHORITY}/tenant-1/oauth2/v2.0/token",
    ]
    [form] = platform.forms
    assert (form["grant_type"], form["scope"]) == ("client_credentials", SCOPE)
    assert (form["client_id"], form["client_secret"]) == ("client-1", SECRET)


async def test_the_identity_platform_is_reached_through_the_configured_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with raw_server(respond_with(ok_response(b"by proxy"))) as url:
        session = build_proxied_session(load_proxy_config(url, {}))
        response = await asyncio.to_thread(session.get, "http://login.test/")
        assert response.text == "by proxy"
        response.close()
        session.close()


async def test_the_identity_platform_is_reached_directly_without_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with raw_server(respond_with(ok_response(b"direct"))) as url:
        session = build_proxied_session(load_proxy_config("none", {}))
        response = await asyncio.to_thread(session.get, url)
        assert response.text == "direct"
        response.close()
        session.close()


async def test_a_rejected_application_token_is_not_taken_from_msals_cache() -> None:
    platform = IdentityPlatform()
    async with platform.running() as http_client:
        tokens = AppTokens(application(http_client), FakeClock())
        calls = [tokens.get(build_scope()) for _ in range(5)]
        assert set(await asyncio.gather(*calls)) == {"access-1"}
        assert await tokens.get(build_scope(), rejected="access-1") == "access-2"


async def test_a_users_token_is_requested_with_the_refresh_token_of_the_file(
    file: RefreshTokenFile,
) -> None:
    platform = IdentityPlatform()
    async with platform.running() as http_client:
        tokens = AppUserTokens(application(http_client), file, FakeClock())
        assert await tokens.get(build_scope()) == "access-1"
    [form] = platform.forms
    assert (form["grant_type"], form["refresh_token"]) == ("refresh_token", "refresh-old")
    assert SCOPE in form["scope"]
    assert file.read().reveal() == "refresh-old"


async def test_a_refresh_token_that_rotates_is_kept_and_used_next(file: RefreshTokenFile) -> None:
    platform = IdentityPlatform()
    platform.rotates_to = "refresh-new"
    async with platform.running() as http_client:
        tokens = AppUserTokens(application(http_client), file, FakeClock())
        await tokens.get(build_scope())
        assert file.read().reveal() == "refresh-new"
        await tokens.get(build_scope(), rejected="access-1")
    assert [form["refresh_token"] for form in platform.forms] == ["refresh-old", "refresh-new"]


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("invalid_grant", "consent again"),
        ("invalid_client", "client_secret is wrong"),
        ("strange", "see its message"),
    ],
)
async def test_a_rejection_says_what_a_person_must_do(
    file: RefreshTokenFile, code: str, remedy: str
) -> None:
    platform = IdentityPlatform()
    platform.next_answers.append(rejecting(400, error=code, error_description="AADSTS1: no.\r\nX"))
    async with platform.running() as http_client:
        tokens = AppUserTokens(application(http_client), file, FakeClock())
        with pytest.raises(Unauthorized, match=f"{remedy}.*AADSTS1: no. X") as raised:
            await tokens.get(build_scope())
    assert raised.value.upstream_code == code
    assert SECRET not in str(raised.value)
    assert "refresh-old" not in str(raised.value)


async def test_an_unknown_tenant_is_named_as_the_cause() -> None:
    async with IdentityPlatform().running() as http_client:
        tokens = AppTokens(application(http_client, tenant_id="unknown"), FakeClock())
        with pytest.raises(Unauthorized, match=r"does not know partner\.tenant_id"):
            await tokens.get(build_scope())


async def test_a_platform_that_fails_is_unavailable() -> None:
    platform = IdentityPlatform()
    platform.next_answers.append(rejecting(503))
    async with platform.running() as http_client:
        tokens = AppTokens(application(http_client), FakeClock())
        with pytest.raises(Unavailable, match="identity platform"):
            await tokens.get(build_scope())


async def test_a_platform_that_cannot_be_reached_is_unavailable() -> None:
    class Unplugged:
        def get(self, *_: Any, **__: Any) -> Any:
            raise ConnectionError("unplugged")

    tokens = AppTokens(application(Unplugged()), FakeClock())  # type: ignore[arg-type]
    with pytest.raises(Unavailable, match="unplugged"):
        await tokens.get(build_scope())


def test_missing_settings_are_named_before_any_request() -> None:
    with pytest.raises(ValueError, match=r"partner\.client_id, partner\.client_secret"):
        application(client_id="", client_secret=SecretToken(""))


def test_an_application_and_its_user_are_different_principals(file: RefreshTokenFile) -> None:
    principals: list[TokenProvider] = [
        AppTokens(application(), FakeClock()),
        AppUserTokens(application(), file, FakeClock()),
    ]
    assert len({tokens.identity(None) for tokens in principals}) == 2
    assert SECRET not in repr(application())
