"""No output of a command, no line of a log and no answer holds a secret that was set.

Each secret stands where its owner may put it by mistake, too: raw in a URL, or with a line break.
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
from gateway.doctor.store import check_store
from gateway.settings import Settings, SettingsError, load_settings
from gateway.settings.names import PREFIX
from tests.gateway.cli.processes import Ended, run, running
from tests.support.waiting import NEVER_S

SECRET = "Sent1nel9"
ID = "3d1f6bd8-6a1c-4c7c-9a3a-4d2b1f0e9c11"
NOWHERE = "127.0.0.1:1"
UPSTREAM = {f"{PREFIX}PARTNER__BASE_URL": f"http://{NOWHERE}"}
RAW = " @/?#%"
AMBIGUOUS_PASSWORDS = [
    *(f"{SECRET}{each}{SECRET}" for each in RAW),
    *(f"12{each}{SECRET}" for each in RAW),
    f"{SECRET}@{SECRET}:{SECRET}/{SECRET}",
    f"{SECRET}\n{SECRET}",
    f"{SECRET}@h?host={SECRET}&port={SECRET}",
    f"%{SECRET}",
]
OTHER_DATABASES = [
    f"postgresql://u@{NOWHERE}/d?password={SECRET}",
    f"postgresql://u@{NOWHERE}/d?passwrd={SECRET}",
    f"postgresql://u@{NOWHERE}/d?sslpassword={SECRET}&sslmode=bogus",
    f"postgresql://u@{NOWHERE}/d?sslkey=/{SECRET}&sslmode=require",
    f"postgresql://u@{NOWHERE}/d?passfile=/{SECRET}",
    f"postgresql://u:{SECRET}:{SECRET}@{NOWHERE}/d",
    f"postgresql://u:{SECRET}%20%40%2F@{NOWHERE}/d?host={NOWHERE}&host=127.0.0.1:2",
    f"postgresql://u:{SECRET}@/d?host=127.0.0.1&host=127.0.0.1:2:3&port={SECRET}",
    f"postgresql://u:{SECRET}@{NOWHERE},127.0.0.1:2/d",
    f"postgresql://u:{SECRET}@{NOWHERE}/",
    f"postgresql://u:{SECRET}",
    f"postgres://u:{SECRET}@{NOWHERE}/d",
    f"mysql://u:{SECRET}@{NOWHERE}/d",
    f'"postgresql://u:{SECRET}@{NOWHERE}/d"',
    f"host=127.0.0.1 port=1 dbname=d user=u password={SECRET}",
    f"host=127.0.0.1 port=1 dbname=d password = '{SECRET} {SECRET}'",
]
VERBS = [
    ["preview", "c", "s", "o"],
    ["upgrade", "c", "s", "o", "--key", "k"],
    ["upgrade-all", __file__, "--key", "k"],
    ["watch", "id"],
    ["operations", "list"],
    ["operations", "show", "id"],
    ["operations", "export"],
]


def with_password(password: str) -> str:
    return f"postgresql://u:{password}@{NOWHERE}/d"


def silent(ended: Ended) -> Ended:
    assert SECRET not in ended.out + ended.err
    return ended


async def store_finding(url: str) -> Finding:
    finding = await check_store(Settings.model_validate({"database_url": url}))
    assert SECRET not in repr(finding)
    assert finding.outcome is Outcome.FAILED
    return finding


@pytest.mark.parametrize("password", AMBIGUOUS_PASSWORDS, ids=repr)
async def test_a_password_that_has_to_be_percent_encoded_is_asked_for_so(password: str) -> None:
    assert "percent-encoded" in (await store_finding(with_password(password))).remedy


@pytest.mark.parametrize("url", OTHER_DATABASES)
async def test_a_database_that_cannot_be_used_is_told_without_its_password(url: str) -> None:
    (await store_finding(url))


@pytest.mark.parametrize(
    "url",
    [with_password(f"{SECRET}@{SECRET}:1"), with_password(f"{SECRET} x")],
    ids=["@", "blank"],
)
@pytest.mark.parametrize("command", ["serve --port 0", "doctor", "doctor --json"])
def test_commands_tell_of_a_database_without_its_password(command: str, url: str) -> None:
    environ = {f"{PREFIX}DATABASE_URL": url, **UPSTREAM}
    ended = silent(run(*command.split(), **environ))
    assert ended.code == 1
    assert "percent-encoded" in ended.out + ended.err


def test_a_gateway_whose_database_is_away_shows_its_password_nowhere() -> None:
    own = {
        f"{PREFIX}LOG_LEVEL": "debug",
        f"{PREFIX}DATABASE_URL": f"postgresql://u:{SECRET}%20%40x@{NOWHERE}/d?sslpassword={SECRET}",
    }
    order = (
        f'customerId: "{ID}", subscriptionId: "{ID}", targetOfferId: "{ID}",'
        ' upgradeType: UPGRADE_ONLY, idempotencyKey: "k"'
    )
    told = "userErrors { code message }"
    document = f"mutation {{ upgradeSubscription(input: {{{order}}}) {{ {told} }} }}"
    with running("serve", "--sandbox", "--port", "0", **own) as served:
        url = served.address("Gateway")
        answers = [
            httpx.post(f"{url}/graphql", json={"query": document}, timeout=NEVER_S),
            *(httpx.get(f"{url}/{page}", timeout=NEVER_S) for page in ("ready", "metrics", "")),
        ]
        ended = silent(served.end(signal.SIGTERM))
    assert "STORE_UNAVAILABLE" in answers[0].text
    assert SECRET not in "".join(each.text for each in answers)
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
def test_a_wrong_setting_is_told_without_what_is_secret_in_it(
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


def test_what_surrounds_a_secret_is_no_part_of_it() -> None:
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


def test_the_address_of_signing_keys_is_shown_without_its_query() -> None:
    issuer = {
        f"{PREFIX}AUTH__MODE": "jwt",
        f"{PREFIX}AUTH__ISSUER": "https://issuer.example",
        f"{PREFIX}AUTH__AUDIENCE": "a",
        f"{PREFIX}AUTH__JWKS_URL": f"http://{NOWHERE}/keys?code={SECRET}",
    }
    ended = silent(run("doctor", **issuer, **UPSTREAM))
    assert f"http://{NOWHERE}/keys?code=***" in ended.out
    with running("serve", "--sandbox", "--port", "0", **issuer) as served:
        token = (
            "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJpc3MiOiAiaHR0cHM6Ly9pc3N1ZXIuZXhhbXBsZSJ9.AAAA"
        )
        answer = httpx.post(
            f"{served.address('Gateway')}/graphql",
            json={"query": "{ __typename }"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=NEVER_S,
        )
        ended = silent(served.end(signal.SIGTERM))
    assert answer.status_code == 503
    assert SECRET not in answer.text
    assert "signing keys cannot be fetched" in ended.err


@pytest.mark.parametrize("text", [f"{SECRET}\n{SECRET}", f"Bearer {SECRET}", f"{SECRET}é"])
def test_a_callers_token_that_cannot_be_sent_is_refused_by_the_doctor(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "token"
    file.write_text(text, "utf-8")
    ended = silent(run("doctor", "--token-file", str(file), **UPSTREAM))
    assert ended.err.startswith("upgrade-gateway: --token-file: expected the token alone")


def invoke(*arguments: str, **environ: str) -> Result:
    result = CliRunner().invoke(gateway.cli.app, arguments, env=environ)
    assert SECRET not in result.output + repr(result.exception)
    return result


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_keeps_url_and_credential_to_itself(verb: list[str]) -> None:
    for url in (f"http://u:{SECRET}@{NOWHERE}", f"http://u:{SECRET}@{SECRET}@{NOWHERE}"):
        assert invoke(*verb, UPGRADE_GATEWAY_URL=url).exit_code == 1
    for token in (f"{SECRET}\n", f"{SECRET}\n{SECRET}"):
        asked = invoke(*verb, UPGRADE_GATEWAY_TOKEN=token, UPGRADE_GATEWAY_URL=f"http://{NOWHERE}")
        assert asked.exit_code == 1


@pytest.mark.parametrize(
    "token",
    [f"{SECRET}\n", f"{SECRET}\n{SECRET}", f"{SECRET}\x00", f"Bearer {SECRET}", f"{SECRET}é"],
    ids=repr,
)
def test_a_credential_is_sent_without_what_surrounds_it_or_refused_unseen(token: str) -> None:
    environ = {"UPGRADE_GATEWAY_URL": f"http://{NOWHERE}"}
    by_option = invoke(*VERBS[0], "--token", token, **environ)
    assert by_option.exit_code == 1
    if "\x00" not in token:
        assert invoke(*VERBS[0], UPGRADE_GATEWAY_TOKEN=token, **environ).output == by_option.output
    is_sent = token.strip() == SECRET
    assert ("no gateway answers" if is_sent else "expected the token alone") in by_option.output


@pytest.mark.parametrize(
    "url",
    [
        f"http://u:{SECRET}@{NOWHERE}",
        f"http://{SECRET}@{NOWHERE}\n",
        f"http://{NOWHERE}?key={SECRET}",
        f"ftp://u:{SECRET}@{NOWHERE}",
        f"u:{SECRET}@{NOWHERE}",
        f"http://u:{SECRET}",
        f"http://[::1]:{SECRET}/",
        *(f"http://u:{SECRET}{each}{SECRET}@{NOWHERE}" for each in f"{RAW}\n:"),
        f"http://[{SECRET}@{NOWHERE}",
    ],
    ids=repr,
)
def test_a_url_with_a_secret_is_shown_without_it(url: str) -> None:
    assert invoke(*VERBS[0], UPGRADE_GATEWAY_URL=url).exit_code == 1
    assert invoke(*VERBS[0], "--token", SECRET, "--url", url).exit_code == 1


def test_what_a_gateway_says_is_shown_without_the_credential() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        said = f"no: {request.headers['Authorization']} / {SECRET}"
        return httpx.Response(200, json={"errors": [{"message": said}]})

    http = httpx.Client(transport=httpx.MockTransport(answer), base_url="http://gateway.test")
    with pytest.raises(ClientError) as raised:
        GatewayClient(http, SECRET).execute("{ here }", {})
    assert SECRET not in str(raised.value)


def test_a_user_in_the_url_and_a_credential_exclude_each_other() -> None:
    with (
        pytest.raises(ClientError, match="a request can carry only one credential"),
        connect(f"http://u:{SECRET}@{NOWHERE}", SECRET),
    ):
        pass


def test_a_fault_of_a_verb_is_shown_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
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
