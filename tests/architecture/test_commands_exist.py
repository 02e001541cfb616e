"""Every command that a document or the Makefile names is one, and is documented itself."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "Makefile"]
NAMED = re.compile(r"upgrade-gateway ((?:[a-z]+ ?)(?:print|check)?)")
COMMANDS = ["serve", "sandbox", "doctor", "settings", "schema print", "schema check"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_what_it_does(command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert f"upgrade-gateway {command}" in result.output.replace("root", "upgrade-gateway")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_names_commands_that_exist(document: Path) -> None:
    named = {match.strip() for match in NAMED.findall(document.read_text("utf-8"))}
    assert named <= {*COMMANDS, "schema"}
