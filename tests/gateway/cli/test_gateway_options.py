import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app

NOWHERE = "http://127.0.0.1:1"
TOKEN = "a.secret.token"


def run(**environ: str) -> Result:
    names = ("GATEWAY_URL", "GATEWAY_TOKEN", "UPGRADE_GATEWAY_URL", "UPGRADE_GATEWAY_TOKEN")
    environment = {**dict.fromkeys(names), **environ}
    return CliRunner().invoke(app, ["operations", "list"], env=environment)


@pytest.mark.parametrize(
    "environ",
    [{"GATEWAY_URL": NOWHERE}, {"UPGRADE_GATEWAY_URL": NOWHERE, "GATEWAY_TOKEN": TOKEN}],
)
def test_an_old_variable_is_read_with_one_warning(environ: dict[str, str]) -> None:
    result = run(**environ)
    assert result.exit_code == 1
    assert f"cannot reach a gateway at {NOWHERE}" in result.stderr
    (warning,) = [line for line in result.stderr.splitlines() if "old name" in line]
    assert all(name in warning for name in environ if name.startswith("GATEWAY_"))
    assert TOKEN not in result.output


def test_a_new_variable_is_read_without_a_warning() -> None:
    result = run(UPGRADE_GATEWAY_URL=NOWHERE, UPGRADE_GATEWAY_TOKEN=TOKEN)
    assert f"cannot reach a gateway at {NOWHERE}" in result.stderr
    assert "old name" not in result.stderr


@pytest.mark.parametrize("name", ["URL", "TOKEN"])
def test_old_and_new_variable_together_are_an_error(name: str) -> None:
    given = {f"GATEWAY_{name}": NOWHERE, f"UPGRADE_GATEWAY_{name}": NOWHERE}
    result = run(**given)
    assert result.exit_code == 1
    assert f"GATEWAY_{name} and UPGRADE_GATEWAY_{name} are both set" in result.stderr
    assert "unset" in result.stderr
