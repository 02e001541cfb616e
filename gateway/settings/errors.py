"""Errors in settings: what is wrong, what was expected, what to do."""

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from gateway.settings.masking import mask_url
from gateway.settings.names import SettingPath, dotted_name, env_variable, setting_fields
from schema.quoting import quote, shorten

_EXPECTED: Final = "Input should be "


class SettingsError(ValueError):
    """The settings are invalid. The text has one line for each reason, and no secrets."""


def describe_unknown_variables(environ: Iterable[str]) -> list[str]:
    """Describe environment variables that are not settings, without their values.

    The values may be secrets.
    """
    known = [env_variable(path) for path, _ in setting_fields()]
    return [_describe_unknown(name, known) for name in environ if name.upper() not in known]


def describe_unknown_names(in_file: Mapping[str, Any], file: Path) -> list[str]:
    """Describe each unknown name in a settings file, with the most similar setting."""
    paths = [path for path, _ in setting_fields()]
    sections = {path[0] for path in paths if len(path) > 1}
    known = [dotted_name(path) for path in paths]
    named: list[str] = []
    for name, value in in_file.items():
        is_section = name in sections and isinstance(value, Mapping)
        named += [f"{name}.{inner}" for inner in value] if is_section else [name]
    return [
        f"{_describe_unknown(name, known)} (in '{file}')"
        for name in named
        if name not in known and name not in sections
    ]


def describe_invalid_value(
    error: ErrorDetails, written: Mapping[SettingPath, str], file: Path | None
) -> str:
    """Describe a validation error.

    Args:
        error: the error of pydantic.
        written: for each setting, the variable or old name by which the user has set it.
        file: the settings file.
    """
    path = tuple(str(part) for part in error["loc"])
    if error["type"] == "value_error" and path not in dict(setting_fields()):
        return _describe_conflict(str(error["ctx"]["error"]))
    where = f" in '{file}'" if file else ""
    name = written.get(path) or f"{dotted_name(path)}{where}"
    return f"{name} {_show_value(path, error['input'])}{_expectation(error)}"


def _describe_conflict(text: str) -> str:
    """Add the environment variables of the settings that a text names."""
    variables = [
        env_variable(path)
        for path, _ in setting_fields()
        if dotted_name(path) in re.findall(r"[\w.]+\w", text)
    ]
    return f"{text} (environment variables: {', '.join(variables)})"


def _describe_unknown(name: str, known: Iterable[str]) -> str:
    by_lowercase = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), by_lowercase, n=1)
    hint = (
        f"did you mean {by_lowercase[near[0]]}?" if near else "docs/settings.md lists all settings"
    )
    return f"{shorten(name)} is not a setting; {hint}"


def _show_value(path: SettingPath, value: object) -> str:
    """Quote a value, unless it is a secret or a section, which may contain one."""
    if not isinstance(value, str | int | float) or _is_secret(path):
        return "is invalid: "
    shown = mask_url(value) if isinstance(value, str) else value
    return f"is {quote(shown)}: "


def _is_secret(path: SettingPath) -> bool:
    known = (field for each, field in setting_fields() if each == path)
    return all(field.annotation is SecretStr or not field.repr for field in known)


def _expectation(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    if error["type"] in ("model_type", "model_attributes_type"):
        return "expected a table of settings"
    text = error["msg"].removeprefix(_EXPECTED).partition(", unable to parse")[0]
    return f"expected {text}"


def describe(error: OSError | ValueError) -> str:
    """Describe why a file cannot be used: each invalid member, without its value."""
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(f"{_join_path(each['loc'])}: {each['msg']}" for each in error.errors())


def _join_path(path: tuple[int | str, ...]) -> str:
    return shorten(".".join(str(part) for part in path))
