"""Options that several commands share, and loading of the settings."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.output import exit_on, print_warning

if TYPE_CHECKING:
    from gateway.settings import Settings

Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, metavar="PORT", help="Port to listen on; 0 picks a free one."),
]
Config = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="TOML file with settings.  [env: UPGRADE_GATEWAY_CONFIG]",
        show_default=False,
    ),
]


def load_settings_or_exit(
    config: Path | None, overrides: Mapping[str, Any] | None = None
) -> "Settings":
    """Load the settings, or print what is wrong and exit. Options that are None are ignored."""
    from gateway.settings import SettingsError, load_settings

    with exit_on(SettingsError):
        return load_settings(os.environ, config, _drop_unset(overrides or {}), print_warning)


def _drop_unset(options: Mapping[str, Any]) -> dict[str, Any]:
    """Remove options that are None, and sections without options."""
    kept = {
        name: _drop_unset(value) if isinstance(value, Mapping) else value
        for name, value in options.items()
        if value is not None
    }
    return {name: value for name, value in kept.items() if value != {}}
