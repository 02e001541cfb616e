"""Loads the settings from the environment and a TOML file."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource, InitSettingsSource

from gateway.settings.errors import (
    SettingsError,
    describe_invalid_value,
    describe_unknown_names,
    describe_unknown_variables,
)
from gateway.settings.kubernetes import is_service_variable
from gateway.settings.names import (
    CONFIG_VARIABLE,
    PREFIX,
    TOKEN_VARIABLE,
    URL_VARIABLE,
    SettingPath,
    env_variable,
    find_conflicts,
    find_renamed,
    setting_fields,
    with_new_names,
    with_new_variables,
)
from gateway.settings.reloading import read_text
from gateway.settings.settings import Settings

_NOT_SETTINGS: Final = (CONFIG_VARIABLE, URL_VARIABLE, TOKEN_VARIABLE)


def load_settings(
    environ: Mapping[str, str],
    file: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    warn: Callable[[str], None] | None = None,
) -> Settings:
    """Load the settings. Overrides take precedence over the environment, and that over the file.

    Args:
        environ: only variables that begin with `UPGRADE_GATEWAY_` are read.
        file: TOML; by default the file that `UPGRADE_GATEWAY_CONFIG` names.
        overrides: options of the command line; sections are nested.
        warn: called with one line for each old name of a setting that is used.

    Raises:
        SettingsError: lists every unknown and invalid setting by the name that the user wrote.
    """
    own = {name: value for name, value in environ.items() if _is_setting(name, value)}
    named = environ.get(CONFIG_VARIABLE, "")
    file = file or (Path(named) if named else None)
    in_file = _read_toml(file) if file else {}
    if conflicts := find_conflicts(own, in_file):
        raise SettingsError("\n".join(conflicts))
    written = _written_names(own)
    for old, new, path in find_renamed(own, in_file):
        written[path] = old
        if warn is not None:
            warn(f"{old} is the old name of {new}; use the new name")
    return _validate(
        with_new_variables(own), with_new_names(in_file), overrides or {}, written, file
    )


def _validate(
    environ: Mapping[str, str],
    in_file: Mapping[str, Any],
    overrides: Mapping[str, Any],
    written: Mapping[SettingPath, str],
    file: Path | None,
) -> Settings:
    unknown = describe_unknown_variables(environ)
    unknown += describe_unknown_names(in_file, file) if file else []
    if unknown:
        raise SettingsError("\n".join(unknown))
    sources = (
        InitSettingsSource(Settings, dict(overrides)),
        _environment_source(environ),
        InitSettingsSource(Settings, dict(in_file)),
    )
    try:
        return Settings(_build_sources=(sources, {}))
    except ValidationError as error:
        lines = [describe_invalid_value(each, written, file) for each in error.errors()]
    raise SettingsError("\n".join(lines))  # without the cause, which holds the values


def _is_setting(name: str, value: str) -> bool:
    upper = name.upper()
    return (
        upper.startswith(PREFIX)
        and upper not in _NOT_SETTINGS
        and not is_service_variable(name, value)
    )


def _written_names(environ: Mapping[str, str]) -> dict[SettingPath, str]:
    paths = {env_variable(path): path for path, _ in setting_fields()}
    return {paths[name.upper()]: name for name in environ if name.upper() in paths}


def _environment_source(environ: Mapping[str, str]) -> EnvSettingsSource:
    """Read the given variables, not those of this process."""
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value for name, value in environ.items()}
    return source


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(file))
    except OSError as error:
        raise SettingsError(
            f"cannot read the settings file '{file}' ({error.strerror}); check --config or"
            f" {CONFIG_VARIABLE}, which names it"
        ) from error
    except ValueError as error:  # from tomllib, or from decoding
        raise SettingsError(f"the settings file '{file}' is not TOML: {error}") from error
