"""Reads the settings from an environment and a TOML file."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource, InitSettingsSource

from gateway.settings.errors import (
    SettingsError,
    describe_invalid_value,
    describe_unknown_names,
    describe_unknown_variables,
)
from gateway.settings.kubernetes import is_service_variable
from gateway.settings.names import CONFIG_VARIABLE, PREFIX
from gateway.settings.settings import Settings
from gateway.settings.text_file import read_text


def load_settings(
    environ: Mapping[str, str],
    file: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Read the settings: overrides before environment before file before defaults.

    Args:
        environ: variables that do not begin with `UPGRADE_GATEWAY_` are ignored, and those that
            Kubernetes sets for Services of that name.
        file: TOML; the one that `UPGRADE_GATEWAY_CONFIG` names when None.
        overrides: what the command line decides; sections are nested.

    Raises:
        WrongSettings: names every setting that is unknown or wrong, as it was written.
    """
    own = {
        name: value
        for name, value in environ.items()
        if name.upper().startswith(PREFIX) and not is_service_variable(name, value)
    }
    named = own.pop(CONFIG_VARIABLE, "")
    file = file or (Path(named) if named else None)
    in_file = _read_toml(file) if file else {}
    unknown = describe_unknown_variables(own) + (
        describe_unknown_names(in_file, file) if file else []
    )
    if unknown:
        raise SettingsError("\n".join(unknown))
    sources = (
        InitSettingsSource(Settings, dict(overrides or {})),
        _environment_source(own),
        InitSettingsSource(Settings, in_file),
    )
    try:
        return Settings(_build_sources=(sources, {}))
    except ValidationError as error:
        lines = [describe_invalid_value(each, own, file) for each in error.errors()]
    raise SettingsError("\n".join(lines))  # without the cause, which holds the values


def _environment_source(environ: Mapping[str, str]) -> EnvSettingsSource:
    """Make a source of the variables that are passed in, not of the process's."""
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value for name, value in environ.items()}
    return source


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(file))
    except OSError as error:
        raise SettingsError(
            f"the settings file '{file}' cannot be read ({error.strerror});"
            f" it was named by --config or {CONFIG_VARIABLE}"
        ) from error
    except ValueError as error:  # of tomllib, and of the encoding
        raise SettingsError(f"the settings file '{file}' is not TOML: {error}") from error
