"""Every command that a document or the Makefile names is one, and is documented itself."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gateway.cli import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "Makefile"]
NAMED = re.compile(r"upgrade-gateway ([a-z][a-z-]*)")


def verbs(group: typer.Typer, *words: str) -> Iterator[str]:
    """Every command that runs, as it is typed."""
    for command in group.registered_commands:
        assert command.callback
        yield " ".join((*words, command.name or command.callback.__name__))
    for inner in group.registered_groups:
        assert inner.typer_instance
        yield from verbs(inner.typer_instance, *words, str(inner.name))


COMMANDS = list(verbs(app))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_what_it_does(command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert f"upgrade-gateway {command}" in result.output.replace("root", "upgrade-gateway")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_names_commands_that_exist(document: Path) -> None:
    named = set(NAMED.findall(document.read_text("utf-8")))
    assert named <= {command.split()[0] for command in COMMANDS}
