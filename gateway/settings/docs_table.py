"""Prints the table of settings, for people and for `docs/settings.md`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

import annotated_types
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from gateway.settings.names import (
    CONFIG_VARIABLE,
    dotted_name,
    env_variable,
    section_of,
    setting_fields,
)
from gateway.settings.settings import Settings

_KINDS: Final[dict[type, str]] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    Path: "path",
    SecretStr: "secret text",
}
_HEAD: Final = f"""\
# Settings

A setting is an environment variable, or a name in a TOML file that `--config` or
`{CONFIG_VARIABLE}` points at: `partner.auth` is `auth` in the table `[partner]`. Options of
the command line come first, then the environment, then the file. A name that is not in these
tables, or a value that does not fit, stops the start with a message. The variables that Kubernetes
sets for a Service named `upgrade-gateway` are ignored.

This page is printed by `upgrade-gateway settings --markdown`.
"""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting in words."""

    variable: str
    name: str
    kind: str
    default: str
    help: str


def setting_rows() -> Iterator[SettingRow]:
    """Every setting, in the order of the model."""
    for path, field in setting_fields():
        yield SettingRow(
            env_variable(path),
            dotted_name(path),
            _kind(field),
            _default(field),
            field.description or "",
        )


def render_markdown() -> str:
    """The whole of `docs/settings.md`, without its last line feed."""
    listed = list(setting_rows())
    blocks = [_HEAD, _markdown_table([row for row in listed if "." not in row.name])]
    for name, field in Settings.model_fields.items():
        part = section_of(field)
        if part is not None:
            blocks.append(f"\n## {name}\n\n{part.__doc__}\n")
            blocks.append(_markdown_table([r for r in listed if r.name.startswith(f"{name}.")]))
    return "\n".join(blocks)


def render_text() -> str:
    """Two lines for each setting."""
    return "\n".join(
        f"{row.variable}  ({row.kind}; default {row.default})\n    {row.help}"
        for row in setting_rows()
    )


def _markdown_table(listed: list[SettingRow]) -> str:
    lines = ["| Variable | In a file | Value | Default | Meaning |", "|---|---|---|---|---|"]
    for row in listed:
        default = f"`{row.default}`" if row.default != "none" else "none"
        lines.append(f"| `{row.variable}` | `{row.name}` | {row.kind} | {default} | {row.help} |")
    return "\n".join(lines)


def _kind(field: FieldInfo) -> str:
    kind: Any = field.annotation
    if get_origin(kind) is not Literal:  # of `X | None`, X
        kind = next((each for each in get_args(kind) if each is not type(None)), kind)
    if get_origin(kind) is Literal:
        return ", ".join(get_args(kind))
    return _KINDS[kind] + _bounds(field)


def _bounds(field: FieldInfo) -> str:
    words = {
        annotated_types.Ge: ("ge", "at least"),
        annotated_types.Gt: ("gt", "more than"),
        annotated_types.Le: ("le", "at most"),
    }
    found = [
        f"{words[type(bound)][1]} {getattr(bound, words[type(bound)][0])}"
        for bound in field.metadata
        if type(bound) in words
    ]
    return f", {', '.join(found)}" if found else ""


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr) or value in (None, ""):
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
