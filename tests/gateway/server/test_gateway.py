import pickle
from pathlib import Path
from typing import Any

import pytest

from gateway.server.gateway import (
    AppFactory,
    choose_sandbox_port,
    require_auth_off_loopback,
    serve_gateway,
    with_embedded_sandbox,
)
from gateway.server.listener import ListenError, open_listener
from gateway.settings import Settings, SettingsError

APPLICATION = {"tenant_id": "t", "client_id": "c", "client_secret": "s"}


def settings(**given: Any) -> Settings:
    return Settings.model_validate(given)


@pytest.mark.parametrize("auth", ["sandbox", "static", "app", "passthrough"])
def test_the_gateway_listens_beyond_loopback_only_with_authentication(auth: str) -> None:
    own = {"static": {"token": "t"}, "app": APPLICATION}.get(auth, {})
    exposed = settings(host="0.0.0.0", partner={"auth": auth, **own})  # noqa: S104 - refused
    with pytest.raises(SettingsError, match=r"host is '0\.0\.0\.0'.*auth\.mode is 'none'"):
        require_auth_off_loopback(exposed)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_loopback_does_not_require_authentication(host: str) -> None:
    require_auth_off_loopback(settings(host=host))


def test_authenticated_callers_are_accepted_on_any_address() -> None:
    auth = {"mode": "jwt", "issuer": "https://issuer.example", "audience": "api://gateway"}
    require_auth_off_loopback(settings(host="0.0.0.0", auth=auth))  # noqa: S104 - the case


def test_an_embedded_sandbox_becomes_the_upstream() -> None:
    pointed = with_embedded_sandbox(settings(sandbox={"port": 0}), "http://127.0.0.1:5", "/folder")
    assert pointed.partner.base_url == "http://127.0.0.1:5"
    static = settings(partner={"auth": "static", "token": "sandbox"})
    assert (
        with_embedded_sandbox(static, "http://127.0.0.1:5", "/folder").partner.base_url
        == "http://127.0.0.1:5"
    )


def test_an_embedded_sandbox_is_called_without_a_proxy() -> None:
    proxied = settings(partner={"proxy": "http://proxy.example:3128"})
    pointed = with_embedded_sandbox(proxied, "http://127.0.0.1:5", "/folder")
    assert pointed.partner.proxy.get_secret_value() == "none"


def test_operations_of_an_embedded_sandbox_end_with_its_world_unless_a_database_is_set() -> None:
    address = "http://127.0.0.1:5"
    kept = settings(database_url="sqlite:///mine.db")
    assert with_embedded_sandbox(settings(), address, "/folder").database_url.startswith(
        "sqlite:////folder/"
    )
    assert with_embedded_sandbox(kept, address, "/folder").database_url == "sqlite:///mine.db"


@pytest.mark.parametrize(
    ("partner", "words"),
    [
        ({"auth": "app", **APPLICATION}, "partner.auth is 'app', whose tokens"),
        ({"base_url": "http://127.0.0.1:9"}, "--sandbox starts another upstream"),
    ],
)
def test_a_sandbox_and_another_upstream_exclude_each_other(
    partner: dict[str, str], words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        with_embedded_sandbox(settings(partner=partner), "http://127.0.0.1:5", "/folder")


def test_a_sandbox_that_is_nowhere_is_not_served_from() -> None:
    with pytest.raises(SettingsError, match=r"sandbox\.port is 0"):
        serve_gateway(settings(port=0, sandbox={"port": 0}), lambda started: None)


@pytest.mark.parametrize(
    ("given", "port"),
    [
        ({}, 8001),
        ({"sandbox": {"seed": 3}}, 8001),
        ({"port": 9000}, 0),
        ({"port": 9000, "sandbox": {"seed": 3}}, 0),
        ({"port": 9000, "sandbox": {"port": 9001}}, 9001),
        ({"sandbox": {"port": 9001}}, 9001),
    ],
    ids=str,
)
def test_a_gateway_on_a_port_of_its_own_gives_its_sandbox_a_free_one(
    given: dict[str, Any], port: int
) -> None:
    assert choose_sandbox_port(settings(**given)) == port


def test_the_sandboxs_port_is_tried_before_anything_is_started() -> None:
    with open_listener("127.0.0.1", 0, "") as other:
        taken = settings(port=0, sandbox={"port": other.getsockname()[1]})
        with pytest.raises(ListenError, match="--sandbox-port or UPGRADE_GATEWAY_SANDBOX__PORT"):
            serve_gateway(taken, lambda started: None, with_sandbox=True)


def test_conflicting_settings_are_a_settings_error(tmp_path: Path, restored_logging: None) -> None:
    partner = {
        "auth": "app_user",
        "tenant_id": "example.org",
        "client_id": "a",
        "client_secret": "b",
        "refresh_token_file": tmp_path / "missing",
    }
    with pytest.raises(SettingsError, match=r"partner\.refresh_token_file .* cannot be read"):
        AppFactory(settings(partner=partner))()


def test_the_arguments_of_workers_can_be_pickled() -> None:
    factory = AppFactory(settings(partner={"auth": "static", "token": "t"}))
    arrived = pickle.loads(pickle.dumps(factory))  # noqa: S301 - what multiprocessing does
    assert arrived == factory
    assert arrived.settings.partner.token.get_secret_value() == "t"
