"""The help of every command."""

import re
from collections.abc import Iterator

import pytest
import typer.main
from typer.testing import CliRunner

from gateway.cli import app

PYTHON_TYPE = re.compile(r"<(str|int|path|file|list)\b")


def commands() -> Iterator[tuple[str, ...]]:
    def walk(group: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for name, command in getattr(group, "commands", {}).items():
            yield (*path, name)
            yield from walk(command, (*path, name))

    yield from walk(typer.main.get_command(app), ())


@pytest.mark.parametrize("command", [*commands()], ids=" ".join)
def test_arguments_and_options_have_names_instead_of_python_types(command: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert PYTHON_TYPE.findall(result.stdout) == []


@pytest.mark.parametrize(
    "command", ["preview", "upgrade", "transition", "product-upgrade", "settle", "cancel"]
)
def test_each_verb_prints_json(command: str) -> None:
    assert "--json" in CliRunner().invoke(app, [command, "--help"]).stdout
