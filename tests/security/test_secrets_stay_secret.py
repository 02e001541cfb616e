"""No command output, log line or response contains a secret from the settings.

The secrets are also in places where users put them by mistake: unencoded in a URL, or with a line
break.
"""

import json
import signal
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

import gateway.cli
from gateway.client.gateway_client import ClientError, GatewayClient, connect
from gateway.doctor.findings import Finding, Outcome
from gateway.doctor.run import check_store
from gateway.settings import Settings, SettingsError, load_settings
from gateway.settings.names import PREFIX
from tests.gateway.cli.processes import Ended, run, running
from tests.support.waiting import HANG_TIMEOUT_S

SECRET = "Sent1nel9"
ID = "3d1f6bd8-6a1c-4c7c-9a3a-4d2b1f0e9c11"
UNREACHABLE = "127.0.0.1:1"
UPSTREAM = {f"{PREFIX}PARTNER__BASE_URL": f"http://{UNREACHABLE}"}
RESERVED = " @/?#%"
AMBIGUOUS_PASSWORDS = [
    *(f"{SECRET}{each}{SECRET}" for each in RESERVED),
    *(f"12{each}{SECRET}" for each in RESERVED),
    f"{SECRET}@{SECRET}:{SECRET}/{SECRET}",
    f"{SECRET}\n{SECRET}",
    f"{SECRET}@h?host={SECRET}&port={SECRET}",
    f"%{SECRET}",
]
OTHER_DATABASES = [
    f"postgresql://u@{UNREACHABLE}/d?password={SECRET}",
    f"postgresql://u@{UNREACHABLE}/d?passwrd={SECRET}",
    f"postgresql://u@{UNREACHABLE}/d?sslpassword={SECRET}&sslmode=bogus",
    f"postgresql://u@{UNREACHABLE}/d?sslkey=/{SECRET}&sslmode=require",
    f"postgresql://u@{UNREACHABLE}/d?passfile=/{SECRET}",
    f"postgresql://u:{SECRET}:{SECRET}@{UNREACHABLE}/d",
    f"postgresql://u:{SECRET}%20%40%2F@{UNREACHABLE}/d?host={UNREACHABLE}&host=127.0.0.1:2",
    f"postgresql://u:{SECRET}@/d?host=127.0.0.1&host=127.0.0.1:2:3&port={SECRET}",
    f"postgresql://u:{SECRET}@{UNREACHABLE},127.0.0.1:2/d",
    f"postgresql://u:{SECRET}@{UNREACHABLE}/",
    f"postgresql://u:{SECRET}",
    f"postgres://u:{SECRET}@{UNREACHABLE}/d",
    f"mysql://u:{SECRET}@{UNREACHABLE}/d",
    f'"postgresql://u:{SECRET}@{UNREACHABLE}/d"',
    f"host=127.0.0.1 port=1 dbname=d user=u password={SECRET}",
    f"host=127.0.0.1 port=1 dbname=d password = '{SECRET} {SECRET}'",
]
COMMANDS = [
    ["preview", "c", "s", "o"],
    ["upgrade", "c", "s", "o", "--key", "k"],
    ["upgrade-all", __file__, "--key", "k"],
    ["watch", "id"],
    ["operations", "list"],
    ["operations", "show", "id"],
    ["operations", "export"],
]


def with_password(password: str) -> str:
    return f"postgresql://u:{password}@{UNREACHABLE}/d"


def require_no_secret(ended: Ended) -> Ended:
    assert SECRET not in ended.out + ended.err
    return ended


async def store_finding(url: str) -> Finding:
    finding = await check_store(Settings.model_validate({"database_url": url}))
    assert SECRET not in repr(finding)
    assert finding.outcome is Outcome.FAILED
    return finding


@pytest.mark.parametrize("password", AMBIGUOUS_PASSWORDS, ids=repr)
async def test_an_ambiguous_password_is_reported_with_the_advice_to_encode_it(
    password: str,
) -> None:
    assert "percent-encoded" in (await store_finding(with_password(password))).remedy


@pytest.mark.parametrize("url", OTHER_DATABASES)
async def test_an_unusable_database_is_reported_without_its_password(url: str) -> None:
    (await store_finding(url))


@pytest.mark.parametrize(
    "url",
    [with_password(f"{SECRET}@{SECRET}:1"), with_password(f"{SECRET} x")],
    ids=["@", "blank"],
)
@pytest.mark.parametrize("command", ["serve --port 0", "doctor", "doctor --json"])
def test_commands_report_a_database_without_its_password(command: str, url: str) -> None:
    environ = {f"{PREFIX}DATABASE_URL": url, **UPSTREAM}
    ended = require_no_secret(run(*command.split(), **environ))
    assert ended.code == 1
    assert "percent-encoded" in ended.out + ended.err


def test_a_gateway_without_its_database_shows_the_password_nowhere() -> None:
    own = {
        f"{PREFIX}LOG_LEVEL": "debug",
        f"{PREFIX}DATABASE_URL": f"postgresql://u:{SECRET}%20%40x@{UNREACHABLE}/d?sslpassword={SECRET}",
    }
    order = (
        f'customerId: "{ID}", subscriptionId: "{ID}", targetOfferId: "{ID}",'
        ' upgradeType: UPGRADE_ONLY, idempotencyKey: "k"'
    )
    payload = "userErrors { code message }"
    document = f"mutation {{ upgradeSubscription(input: {{{order}}}) {{ {payload} }} }}"
    with running("serve", "--sandbox", "--port", "0", **own) as served:
        url = served.address("Gateway")
        responses = [
            httpx.post(f"{url}/graphql", json={"query": document}, timeout=HANG_TIMEOUT_S),
            *(
                httpx.get(f"{url}/{page}", timeout=HANG_TIMEOUT_S)
                for page in ("ready", "metrics", "")
            ),
        ]
        ended = require_no_secret(served.end(signal.SIGTERM))
    assert "STORE_UNAVAILABLE" in responses[0].text
    assert SECRET not in "".join(each.text for each in responses)
    assert "operations are unavailable" in ended.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PARTNER__BASE_URL", f"https://u:{SECRET}@api.example"),
        ("PARTNER__BASE_URL", f"https://u:{SECRET}/{SECRET}@api.example"),
        ("PARTNER__BASE_URL", f"https://u:{SECRET}#?@{SECRET}@api.example:port"),
        ("PARTNER__BASE_URL", f"https://u:{SECRET} x@api.example"),
        ("PARTNER__BASE_URL", f"https://{SECRET}@api.example"),
        ("PARTNER__BASE_URL", f"https://api.example?key={SECRET}"),
        ("PARTNER__BASE_URL", f"u:{SECRET}@api.example"),
        ("PARTNER__BASE_URL", f"https://u:{SECRET}"),
        ("AUTH__ISSUER", f"https://u:{SECRET}/x@issuer.example"),
        ("AUTH__ISSUER", f"ftp://{SECRET}@issuer.example"),
        ("AUTH__JWKS_URL", f"https://u:{SECRET}@issuer.example/keys?code={SECRET}"),
        ("AUTH__JWKS_URL", f"http://issuer.example/keys?code={SECRET}"),
        ("HTTP__ALLOWED_ORIGINS", f"https://a.example https://u:{SECRET}@b.example"),
        ("HTTP__ALLOWED_HOSTS", f"a.example https://u:{SECRET}@b.example"),
        ("HTTP__ALLOWED_HEADERS", f"x-a x-b:{SECRET}"),
        ("PARTNER__TOKEN", f"{SECRET}\n{SECRET}"),
        ("PARTNER__TOKEN", f"Bearer {SECRET}"),
        ("PARTNER__TOKEN", f"{SECRET}\x1b"),
        ("PARTNER__CLIENT_SECRET", f"{SECRET}\n{SECRET}"),
        ("PARTNER__CLIENT_SECRET", f"{SECRET}\x00"),
        ("PARTNER", f'{{"token": "{SECRET}"}}'),
        ("DATABASE_PASSWORD", SECRET),
        ("PORT", f"https://u:{SECRET}@h"),
    ],
)
def test_an_invalid_setting_is_reported_without_its_secret(
    tmp_path: Path, name: str, value: str
) -> None:
    section, _, member = name.lower().partition("__")
    file = tmp_path / "gateway.toml"
    text = json.dumps(value)
    file.write_text(f"[{section}]\n{member} = {text}\n" if member else f"{section} = {text}\n")
    for environ, named in (({PREFIX + name: value}, None), ({}, file)):
        with pytest.raises(SettingsError) as caught:
            load_settings(environ, named)
        assert SECRET not in str(caught.value)
        assert SECRET not in repr(caught.value.__cause__) + repr(caught.value.__context__)


def test_white_space_around_a_secret_is_removed() -> None:
    partner = {"auth": "app", "tenant_id": "t\n", "client_id": " c", "client_secret": f"{SECRET}\n"}
    settings = Settings.model_validate(
        {"partner": partner, "database_url": f" {with_password(SECRET)}\n"}
    )
    assert settings.partner.client_secret.get_secret_value() == SECRET
    assert (settings.partner.tenant_id, settings.partner.client_id) == ("t", "c")
    assert settings.database_url == with_password(SECRET)
    static = Settings.model_validate({"partner": {"auth": "static", "token": f"\t{SECRET}\r\n"}})
    assert static.partner.token.get_secret_value() == SECRET
    assert SECRET not in repr(settings) + repr(static)


def test_the_url_of_signing_keys_is_shown_without_its_query() -> None:
    issuer = {
        f"{PREFIX}AUTH__MODE": "jwt",
        f"{PREFIX}AUTH__ISSUER": "https://issuer.example",
        f"{PREFIX}AUTH__AUDIENCE": "a",
        f"{PREFIX}AUTH__JWKS_URL": f"http://{UNREACHABLE}/keys?code={SECRET}",
    }
    ended = require_no_secret(run("doctor", **issuer, **UPSTREAM))
    assert f"http://{UNREACHABLE}/keys?code=***" in ended.out
    with running("serve", "--sandbox", "--port", "0", **issuer) as served:
        token = (
            "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJpc3MiOiAiaHR0cHM6Ly9pc3N1ZXIuZXhhbXBsZSJ9.AAAA"
        )
        response = httpx.post(
            f"{served.address('Gateway')}/graphql",
            json={"query": "{ __typename }"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=HANG_TIMEOUT_S,
        )
        ended = require_no_secret(served.end(signal.SIGTERM))
    assert response.status_code == 503
    assert SECRET not in response.text
    assert "cannot fetch signing keys" in ended.err


@pytest.mark.parametrize("text", [f"{SECRET}\n{SECRET}", f"Bearer {SECRET}", f"{SECRET}é"])
def test_doctor_rejects_a_token_that_cannot_be_sent(tmp_path: Path, text: str) -> None:
    file = tmp_path / "token"
    file.write_text(text, "utf-8")
    ended = require_no_secret(run("doctor", "--token-file", str(file), **UPSTREAM))
    assert ended.err.startswith("upgrade-gateway: --token-file: expected only the token")


def invoke(*arguments: str, **environ: str) -> Result:
    result = CliRunner().invoke(gateway.cli.app, arguments, env=environ)
    assert SECRET not in result.output + repr(result.exception)
    return result


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_shows_url_or_credential(command: list[str]) -> None:
    for url in (f"http://u:{SECRET}@{UNREACHABLE}", f"http://u:{SECRET}@{SECRET}@{UNREACHABLE}"):
        assert invoke(*command, UPGRADE_GATEWAY_URL=url).exit_code == 1
    for token in (f"{SECRET}\n", f"{SECRET}\n{SECRET}"):
        result = invoke(
            *command, UPGRADE_GATEWAY_TOKEN=token, UPGRADE_GATEWAY_URL=f"http://{UNREACHABLE}"
        )
        assert result.exit_code == 1


@pytest.mark.parametrize(
    "token",
    [f"{SECRET}\n", f"{SECRET}\n{SECRET}", f"{SECRET}\x00", f"Bearer {SECRET}", f"{SECRET}é"],
    ids=repr,
)
def test_a_credential_is_sent_stripped_or_rejected_without_being_shown(token: str) -> None:
    environ = {"UPGRADE_GATEWAY_URL": f"http://{UNREACHABLE}"}
    by_option = invoke(*COMMANDS[0], "--token", token, **environ)
    assert by_option.exit_code == 1
    if "\x00" not in token:
        assert (
            invoke(*COMMANDS[0], UPGRADE_GATEWAY_TOKEN=token, **environ).output == by_option.output
        )
    is_sent = token.strip() == SECRET
    assert ("cannot reach a gateway" if is_sent else "expected only the token") in by_option.output


@pytest.mark.parametrize(
    "url",
    [
        f"http://u:{SECRET}@{UNREACHABLE}",
        f"http://{SECRET}@{UNREACHABLE}\n",
        f"http://{UNREACHABLE}?key={SECRET}",
        f"ftp://u:{SECRET}@{UNREACHABLE}",
        f"u:{SECRET}@{UNREACHABLE}",
        f"http://u:{SECRET}",
        f"http://[::1]:{SECRET}/",
        *(f"http://u:{SECRET}{each}{SECRET}@{UNREACHABLE}" for each in f"{RESERVED}\n:"),
        f"http://[{SECRET}@{UNREACHABLE}",
    ],
    ids=repr,
)
def test_a_url_with_a_secret_is_shown_without_it(url: str) -> None:
    assert invoke(*COMMANDS[0], UPGRADE_GATEWAY_URL=url).exit_code == 1
    assert invoke(*COMMANDS[0], "--token", SECRET, "--url", url).exit_code == 1


def test_messages_of_a_gateway_are_shown_without_the_credential() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        message = f"no: {request.headers['Authorization']} / {SECRET}"
        return httpx.Response(200, json={"errors": [{"message": message}]})

    http = httpx.Client(transport=httpx.MockTransport(respond), base_url="http://gateway.test")
    with pytest.raises(ClientError) as raised:
        GatewayClient(http, SECRET).execute("{ here }", {})
    assert SECRET not in str(raised.value)


def test_a_user_in_the_url_and_a_credential_cannot_be_combined() -> None:
    with (
        pytest.raises(ClientError, match="a request can carry only one credential"),
        connect(f"http://u:{SECRET}@{UNREACHABLE}", SECRET),
    ):
        pass


def test_an_unexpected_error_of_a_command_is_shown_without_secrets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def failing() -> None:
        raise RuntimeError(f"postgresql://u:{SECRET}@h refused, password='{SECRET} x'")

    gateway.cli.app.command("failing")(failing)
    try:
        with pytest.raises(SystemExit) as ended:
            gateway.cli.main(["failing"])
    finally:
        gateway.cli.app.registered_commands.pop()
    shown = capsys.readouterr()
    assert ended.value.code == 1
    assert "RuntimeError: postgresql://u:***@h refused" in shown.err
    assert SECRET not in shown.out + shown.err
