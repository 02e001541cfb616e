"""Commands that end by themselves, run in this process."""

import json
import re
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import gateway
from gateway.cli import app, main
from resolvers.graph import build_graph

pytestmark = pytest.mark.usefixtures("restored_logging")


@pytest.fixture(autouse=True)
def without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UPGRADE_GATEWAY_CONFIG", raising=False)


def invoke(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(app, arguments, env=environ)


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"upgrade-gateway {gateway.__version__}\n"


def test_schema_print_prints_the_graph() -> None:
    result = invoke("schema", "print")
    assert (result.exit_code, result.stdout) == (0, build_graph().as_str() + "\n")


def test_schema_check_is_content_with_the_committed_graph() -> None:
    result = invoke("schema", "check")
    assert (result.exit_code, result.stdout) == (0, "")


def test_schema_check_prints_differences_and_breaking_changes(tmp_path: Path) -> None:
    committed = resources.files("schema").joinpath("schema.graphql").read_text("utf-8")
    agreed = tmp_path / "agreed.graphql"
    with_more = committed.replace("type Query {", "type Query {\n  gone: Int")
    with_less = re.sub(
        r'(enum \w+ \{\n)(?:  """.*?"""\n)?  \w+\n\n?', r"\1", with_more, count=1, flags=re.DOTALL
    )
    agreed.write_text(with_less, "utf-8")
    result = invoke("schema", "check", "--file", str(agreed))
    assert result.exit_code == 1
    assert "-  gone: Int" in result.stdout.splitlines()
    assert result.stdout.splitlines()[-1].startswith("dangerous: Enum value ")
    assert "breaking: Field Query.gone was removed." in result.stdout.splitlines()


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "No such file"), (b"type Query {", "Syntax Error"), (b"\xff", "can't decode")],
    ids=["absent", "not SDL", "not text"],
)
def test_schema_check_reports_an_invalid_file(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    file = tmp_path / "agreed.graphql"
    if content is not None:
        file.write_bytes(content)
    result = invoke("schema", "check", "--file", str(file))
    assert result.exit_code == 1
    assert words in result.stderr


def test_settings_lists_them_for_people_and_for_the_documents() -> None:
    assert "UPGRADE_GATEWAY_PORT  (whole number" in invoke("settings").stdout
    assert invoke("settings", "--markdown").stdout.startswith("# Settings\n")


def test_doctor_reports_wrong_settings_as_a_finding() -> None:
    result = invoke("doctor", "--json", UPGRADE_GATEWAY_PORT="x")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["healthy"]) == (1, False)
    assert "UPGRADE_GATEWAY_PORT is 'x'" in report["findings"][0]["detail"]


def test_doctor_requires_a_callers_token_and_reads_one_from_a_file(tmp_path: Path) -> None:
    environ = {
        "UPGRADE_GATEWAY_PARTNER__AUTH": "passthrough",
        "UPGRADE_GATEWAY_PARTNER__BASE_URL": "http://127.0.0.1:1",
    }
    result = invoke("doctor", **environ)
    assert result.exit_code == 0
    assert "--token-file" in result.stdout
    file = tmp_path / "token"
    file.write_text("a-callers-token\n")
    result = invoke("doctor", "--token-file", str(file), **environ)
    assert result.exit_code == 1
    assert "Partner Center cannot be reached" in result.stdout
    assert "→ Check partner.base_url, partner.cloud" in result.stdout
    assert "a-callers-token" not in result.output


def test_doctor_reports_a_missing_token_file() -> None:
    result = invoke("doctor", "--token-file", "nowhere")
    assert result.exit_code == 1
    assert "No such file or directory: 'nowhere'" in result.stderr


def test_doctor_reports_why_a_gateway_could_not_buy() -> None:
    result = invoke(
        "doctor",
        "--json",
        UPGRADE_GATEWAY_DATABASE_URL="postgresql://u:the-password@127.0.0.1:1/x",
        UPGRADE_GATEWAY_GUARDS__FILE="/nowhere.toml",
        UPGRADE_GATEWAY_PARTNER__BASE_URL="http://127.0.0.1:1",
    )
    outcomes = {each["step"]: each["outcome"] for each in json.loads(result.stdout)["findings"]}
    assert (result.exit_code, result.stderr) == (1, "")
    assert outcomes["operations store"] == outcomes["purchase policy file"] == "FAILED"
    assert "the-password" not in result.output
