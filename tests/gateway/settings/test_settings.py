from pathlib import Path

from pydantic import SecretStr

from gateway.settings import PartnerSettings, SandboxSettings, Settings, load_settings
from gateway.settings.names import setting_fields


def test_the_address_of_auth_sandbox_is_the_sandboxs_and_never_a_clouds() -> None:
    assert Settings().partner.base_url == "http://127.0.0.1:8001"
    moved = Settings(sandbox=SandboxSettings(port=9001), partner=PartnerSettings(cloud="china"))
    assert moved.partner.base_url == "http://127.0.0.1:9001"


def test_an_address_that_is_set_is_kept() -> None:
    partner = PartnerSettings(base_url="http://localhost:7/")
    assert Settings(partner=partner).partner.base_url == "http://localhost:7"


def test_other_ways_to_tokens_leave_the_address_to_the_cloud() -> None:
    assert Settings(partner=PartnerSettings(auth="passthrough")).partner.base_url == ""


def test_secrets_are_masked_wherever_settings_are_printed() -> None:
    environ = {
        "UPGRADE_GATEWAY_PARTNER__AUTH": "app_user",
        "UPGRADE_GATEWAY_PARTNER__TENANT_ID": "tenant",
        "UPGRADE_GATEWAY_PARTNER__CLIENT_ID": "client",
        "UPGRADE_GATEWAY_PARTNER__CLIENT_SECRET": "s3cr3t",
        "UPGRADE_GATEWAY_PARTNER__REFRESH_TOKEN_FILE": "token",
    }
    settings = load_settings(environ)
    assert settings.partner.client_secret.get_secret_value() == "s3cr3t"
    assert settings.partner.refresh_token_file == Path("token")
    assert "s3cr3t" not in f"{settings!r} {settings} {settings.model_dump()}"
    assert "s3cr3t" not in settings.model_dump_json()


def test_every_secret_that_can_be_set_is_known_as_one() -> None:
    paths = [path for path, field in setting_fields() if field.annotation is SecretStr]
    secrets = {path: SecretStr(".".join(path)) for path in paths}
    given: dict[str, dict[str, SecretStr]] = {section: {} for section, _ in paths}
    for (section, name), secret in secrets.items():
        given[section][name] = secret
    default = Settings()
    parts = {name: getattr(default, name).model_copy(update=each) for name, each in given.items()}
    url = "postgresql://u:a%20b@h/d?sslpassword=c&host=h"
    settings = default.model_copy(update={**parts, "database_url": url})
    own = {secret.get_secret_value() for secret in secrets.values()}
    assert set(settings.secrets) == {*own, "a b", "c"}
