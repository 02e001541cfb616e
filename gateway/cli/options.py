"""Options that several commands share, and the settings they lead to."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.failures import exit_on, print_warning

if TYPE_CHECKING:
    from gateway.settings import Settings

Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one."),
]
Config = Annotated[
    Path | None,
    typer.Option(
        help="TOML file with settings.  [env: UPGRADE_GATEWAY_CONFIG]", show_default=False
    ),
]


def load_settings_or_exit(
    config: Path | None, overrides: Mapping[str, Any] | None = None
) -> "Settings":
    """Read the settings of this process, or explain what is wrong with them and exit.

    Options that were not given are None and do not count.
    """
    from gateway.settings import SettingsError, load_settings

    with exit_on(SettingsError):
        return load_settings(os.environ, config, _drop_unset(overrides or {}), print_warning)


def _drop_unset(options: Mapping[str, Any]) -> dict[str, Any]:
    """Drop what was not given, sections without anything included."""
    kept = {
        name: _drop_unset(value) if isinstance(value, Mapping) else value
        for name, value in options.items()
        if value is not None
    }
    return {name: value for name, value in kept.items() if value != {}}
