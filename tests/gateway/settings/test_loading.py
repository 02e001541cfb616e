from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import Settings, SettingsError, load_settings
from gateway.settings.names import CONFIG_VARIABLE, PREFIX

SECRET = "s3cr3t-value"


def reasons(
    environ: Mapping[str, str], file: Path | None = None, overrides: Mapping[str, Any] | None = None
) -> list[str]:
    """The errors of invalid settings, line by line."""
    with pytest.raises(SettingsError) as caught:
        load_settings(environ, file, overrides)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.__cause__) + repr(caught.value.__context__)
    return str(caught.value).splitlines()


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "gateway.toml"


def test_nothing_set_means_the_defaults() -> None:
    assert load_settings({"PATH": "/bin", "UPGRADE": "1"}) == Settings()


def test_the_environment_of_the_process_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}PORT", "4711")
    assert load_settings({}).port == Settings().port == 8000


def test_overrides_come_before_the_environment_before_the_file(toml: Path) -> None:
    toml.write_text('host = "::1"\nport = 1\n[limits]\nmax_page_size = 200\ndeadline_s = 3\n')
    environ = {f"{PREFIX}PORT": "10", f"{PREFIX}LIMITS__DEADLINE_S": "30"}
    settings = load_settings(environ, toml, {"port": 100})
    assert (settings.host, settings.port) == ("::1", 100)
    assert (settings.limits.max_page_size, settings.limits.deadline_s) == (200, 30)


def test_the_environment_names_the_file_unless_the_command_line_does(
    toml: Path, tmp_path: Path
) -> None:
    toml.write_text("port = 1")
    other = tmp_path / "other.toml"
    other.write_text("port = 2")
    assert load_settings({CONFIG_VARIABLE: str(toml)}).port == 1
    assert load_settings({CONFIG_VARIABLE: str(toml)}, other).port == 2
    assert load_settings({CONFIG_VARIABLE: ""}).port == 8000


def test_letter_case_of_a_variable_does_not_matter() -> None:
    assert load_settings({"upgrade_gateway_partner__cloud": "china"}).partner.cloud == "china"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("POTR", "did you mean UPGRADE_GATEWAY_PORT?"),
        ("PARTNER__CLIENT_SECRT", "did you mean UPGRADE_GATEWAY_PARTNER__CLIENT_SECRET?"),
        ("PARTNER", "is not a setting"),
        ("PORT__X", "did you mean UPGRADE_GATEWAY_PORT?"),
        ("", "is not a setting"),
        ("QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ", "docs/settings.md lists all settings"),
    ],
)
def test_an_unknown_variable_is_named_and_its_value_is_not_shown(name: str, near: str) -> None:
    (line,) = reasons({PREFIX + name: SECRET})
    assert line.startswith(f"{PREFIX}{name} is not a setting; ")
    assert near in line


@pytest.mark.parametrize("hosts", ["gw.example.com", "*.example.com ::1 [::1] 192.0.2.7", ""])
def test_hosts_are_names_and_addresses(hosts: str) -> None:
    assert load_settings({f"{PREFIX}HTTP__ALLOWED_HOSTS": hosts}).http.allowed_hosts == hosts


@pytest.mark.parametrize(
    "host",
    ["https://gw.example.com", "gw.example.com:443", "a/b", "*", "*.*.example", "a,b", "[::1]:80"],
)
def test_an_invalid_host_is_rejected(host: str) -> None:
    (line,) = reasons({f"{PREFIX}HTTP__ALLOWED_HOSTS": f"gw.example.com {host}"})
    assert line.startswith(
        f"{PREFIX}HTTP__ALLOWED_HOSTS is 'gw.example.com {host}': expected names"
    )
    assert f"not {host!r}" in line


def test_every_unknown_name_in_a_file_is_an_error_that_names_the_file(toml: Path) -> None:
    toml.write_text(f'potr = 1\n[partner]\ntokne = "{SECRET}"\n[partnr]\nauth = "app"\n')
    lines = reasons({}, toml)
    assert [line.split(" ")[0] for line in lines] == ["potr", "partner.tokne", "partnr"]
    assert "did you mean partner.token?" in lines[1]
    assert all(str(toml) in line for line in lines)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PORT", "abc", "is 'abc': expected a valid integer"),
        ("PORT", "", "is '': expected a valid integer"),
        ("PORT", "65536", "is '65536': expected less than or equal to 65535"),
        ("SANDBOX__PORT", "-1", "is '-1': expected greater than or equal to 0"),
        ("LIMITS__DEADLINE_S", "nan", "is 'nan': expected a finite number"),
        ("LIMITS__DEADLINE_S", "inf", "is 'inf': expected a finite number"),
        (
            "PARTNER__TENANT_ID",
            "contoso.example/common",
            "is 'contoso.example/common': expected a GUID or a domain name",
        ),
        (
            "PARTNER__TOKEN",
            f"Bearer {SECRET}",
            "is invalid: expected only the token, without 'Bearer', spaces or line breaks",
        ),
        ("PROFILE", "prod", "is 'prod': expected 'dev' or 'production'"),
        (
            "PARTNER__BASE_URL",
            f"https://u:{SECRET}@api.example",
            "is 'https://api.example': expected a URL without user name and"
            " password; set partner.auth instead",
        ),
        (
            "PARTNER__BASE_URL",
            "http://api.example",
            "is 'http://api.example': expected https, because tokens are sent to it;"
            " http is allowed on loopback only",
        ),
    ],
)
def test_an_invalid_variable_is_an_error_with_name_value_and_expectation(
    name: str, value: str, reason: str
) -> None:
    assert reasons({PREFIX + name: value}) == [f"{PREFIX}{name} {reason}"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("host = 5", "host in '{file}' is 5: expected a valid string"),
        (f'partner = "{SECRET}"', "partner in '{file}' is invalid: expected a table of settings"),
        (
            "[partner]\ntoken = 123456",
            "partner.token in '{file}' is invalid: expected a valid string",
        ),
        ("[host]\nname = 1", "host in '{file}' is invalid: expected a valid string"),
    ],
    ids=["number for text", "text for a table", "secret", "table for text"],
)
def test_an_invalid_value_in_a_file_is_an_error_that_names_the_file(
    toml: Path, text: str, reason: str
) -> None:
    toml.write_text(text)
    assert reasons({}, toml) == [reason.format(file=toml)]


def test_an_invalid_override_is_an_error_with_its_dotted_name() -> None:
    assert reasons({}, None, {"sandbox": {"customers": 0}}) == [
        "sandbox.customers is 0: expected greater than or equal to 1"
    ]


def test_all_errors_are_reported_at_once() -> None:
    assert len(reasons({f"{PREFIX}PORT": "x", f"{PREFIX}SANDBOX__SEED": "y"})) == 2


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            {"AUTH": "static"},
            "partner.auth is 'static', which requires one of partner.token, partner.token_file ",
        ),
        (
            {"AUTH": "app", "TENANT_ID": "t"},
            "partner.auth is 'app', which requires partner.client_id and one of"
            " partner.client_secret, partner.client_secret_file, partner.certificate_file,"
            " partner.federated_token_file, partner.managed_identity ",
        ),
        (
            {"AUTH": "app_user", "TENANT_ID": "t", "CLIENT_ID": "c", "CLIENT_SECRET": SECRET},
            "partner.auth is 'app_user', which requires partner.refresh_token_file ",
        ),
        ({"TOKEN": SECRET}, "partner.auth is 'sandbox', which does not use partner.token;"),
        (
            {"AUTH": "passthrough", "CLIENT_SECRET": SECRET},
            "partner.auth is 'passthrough', which does not use partner.client_secret;",
        ),
        (
            {
                "AUTH": "app",
                "TENANT_ID": "t",
                "CLIENT_ID": "c",
                "CLIENT_SECRET": SECRET,
                "MANAGED_IDENTITY": "m",
            },
            "partner.auth is 'app', which uses only one of partner.client_secret and"
            " partner.managed_identity;",
        ),
    ],
    ids=[
        "static",
        "app",
        "app_user",
        "token without static",
        "secret without app",
        "two credentials",
    ],
)
def test_settings_that_require_each_other_are_reported_together(
    given: dict[str, str], reason: str
) -> None:
    (line,) = reasons({f"{PREFIX}PARTNER__{name}": value for name, value in given.items()})
    assert line.startswith(reason)
    assert "UPGRADE_GATEWAY_PARTNER__AUTH" in line


def test_a_missing_file_is_an_error() -> None:
    (line,) = reasons({CONFIG_VARIABLE: "nowhere.toml"})
    assert line.startswith("cannot read the settings file 'nowhere.toml' (No such file")
    assert CONFIG_VARIABLE in line


def test_a_file_may_begin_with_a_byte_order_mark(toml: Path) -> None:
    toml.write_text("port = 81", "utf-8-sig")
    assert load_settings({}, toml).port == 81


@pytest.mark.parametrize("content", [b"a b", b"\xff\xfe", b"port = "])
def test_a_file_that_is_not_toml_is_an_error(toml: Path, content: bytes) -> None:
    toml.write_bytes(content)
    (line,) = reasons({}, toml)
    assert line.startswith(f"the settings file '{toml}' is not TOML: ")
