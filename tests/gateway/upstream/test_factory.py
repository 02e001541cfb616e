from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.settings import PartnerSettings, ThrottleSettings
from gateway.upstream.clouds import CLOUDS
from gateway.upstream.factory import (
    build_client_credential,
    build_client_limits,
    build_tokens,
    check_credential_files,
    load_proxies,
    resolve_base_url,
)
from gateway.upstream.tokens.certificate import ClientCertificate
from gateway.upstream.tokens.client_credential import (
    ClientSecret,
    ClientSecretFile,
    FederatedToken,
)
from gateway.upstream.tokens.identity_platform import AppTokens, AppUserTokens
from gateway.upstream.tokens.managed_identity import ManagedIdentity
from gateway.upstream.tokens.sandbox import SandboxTokens
from gateway.upstream.tokens.static import PassThroughTokens, StaticTokenFile, StaticTokens
from gateway.upstream.transport.httpx_transport import HttpxTransport
from tests.support.waiting import HANG_TIMEOUT_S

APPLICATION = {
    "tenant_id": "3c95518e-8c37-41e3-9627-0ca339200f53",
    "client_id": "60a00bf2-0644-4279-83b3-87ddf96f2509",
    "client_secret": "a secret",
}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"auth": "sandbox"}, SandboxTokens, id="sandbox"),
        pytest.param({"auth": "static", "token": "abc"}, StaticTokens, id="static"),
        pytest.param(
            {"auth": "static", "token_file": Path("f")}, StaticTokenFile, id="static file"
        ),
        pytest.param({"auth": "passthrough"}, PassThroughTokens, id="passthrough"),
        pytest.param({"auth": "app", **APPLICATION}, AppTokens, id="app"),
        pytest.param(
            {"auth": "app_user", "refresh_token_file": Path("kept"), **APPLICATION},
            AppUserTokens,
            id="app_user",
        ),
    ],
)
async def test_each_authentication_mode_has_its_token_provider(
    given: dict[str, object], expected: type
) -> None:
    transport = HttpxTransport(connect_timeout_s=HANG_TIMEOUT_S)
    partner = PartnerSettings.model_validate(given)

    assert isinstance(build_tokens(partner, transport, SystemClock()), expected)
    await transport.aclose()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"client_secret": "s"}, ClientSecret, id="secret"),
        pytest.param({"client_secret_file": Path("f")}, ClientSecretFile, id="secret file"),
        pytest.param({"certificate_file": Path("f")}, ClientCertificate, id="certificate"),
        pytest.param({"federated_token_file": Path("f")}, FederatedToken, id="federated"),
        pytest.param({"managed_identity": "i"}, ManagedIdentity, id="managed identity"),
    ],
)
def test_the_credential_that_is_set_authenticates_the_application(
    given: dict[str, object], expected: type
) -> None:
    application = {**APPLICATION, "client_secret": "", "auth": "app", **given}
    partner = PartnerSettings.model_validate(application)
    assert isinstance(build_client_credential(partner, SystemClock()), expected)


@pytest.mark.parametrize(
    "setting", ["client_secret_file", "certificate_file", "federated_token_file"]
)
def test_a_credential_file_that_is_missing_prevents_the_start(setting: str) -> None:
    application = {**APPLICATION, "client_secret": "", "auth": "app", setting: "nowhere/file"}
    with pytest.raises(ValueError, match=rf"partner\.{setting} 'nowhere/file' cannot be read"):
        check_credential_files(PartnerSettings.model_validate(application))


@pytest.mark.parametrize("cloud", list(CLOUDS))
def test_without_a_base_url_the_clouds_own_is_used(cloud: str) -> None:
    partner = PartnerSettings.model_validate({"auth": "static", "token": "abc", "cloud": cloud})

    assert resolve_base_url(partner) == CLOUDS[partner.cloud].base_url


def test_the_longest_retry_after_is_the_setting() -> None:
    assert build_client_limits(ThrottleSettings(max_retry_after_s=30)).max_retry_after_s == 30


def test_proxies_come_from_the_environment_unless_one_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://theirs:1")
    url = "https://api.partnercenter.microsoft.com/"
    assert load_proxies(PartnerSettings()).find_proxy(url) == "http://theirs:1"
    own = PartnerSettings.model_validate({"proxy": "http://own:1"})
    assert load_proxies(own).find_proxy(url) == "http://own:1"


def test_a_limit_of_reads_is_enforced_only_where_it_is_set() -> None:
    limited = build_client_limits(ThrottleSettings(customer_reads_per_minute=500))

    assert not build_client_limits(ThrottleSettings()).rate_limits
    assert [(limit.calls, limit.window_s) for limit in limited.rate_limits.values()] == [
        (500, 60.0)
    ]
