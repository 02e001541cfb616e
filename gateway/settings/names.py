"""The names of settings: in the model, in the environment, in a file; also their old names."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateway.settings.settings import Settings

PREFIX: Final = "UPGRADE_GATEWAY_"
CONFIG_VARIABLE: Final = f"{PREFIX}CONFIG"
# Read by the commands that call a gateway; they are not settings of the gateway.
URL_VARIABLE: Final = f"{PREFIX}URL"
TOKEN_VARIABLE: Final = f"{PREFIX}TOKEN"

SettingPath = tuple[str, ...]

_OPERATIONS: Final = {
    "trust_s": "idempotency_window_s",
    "give_up_s": "retry_timeout_s",
    "first_pause_s": "initial_backoff_s",
    "refuse_after_s": "store_timeout_s",
    "stop_grace_s": "shutdown_grace_s",
}
# Old names are read, with a warning.
RENAMED: Final[Mapping[SettingPath, SettingPath]] = {
    ("operations", old): ("operations", new) for old, new in _OPERATIONS.items()
}


def setting_fields() -> Iterator[tuple[SettingPath, FieldInfo]]:
    """Yield all settings, in the order of docs/settings.md."""
    for name, field in Settings.model_fields.items():
        section = section_of(field)
        if section is None:
            yield (name,), field
        else:
            yield from (((name, inner), each) for inner, each in section.model_fields.items())


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """Return the section class of a field of `Settings`; None if the field is a single setting."""
    kind: Any = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def env_variable(path: SettingPath) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + "__".join(path).upper()


def dotted_name(path: SettingPath) -> str:
    """Return the name of a setting in a file."""
    return ".".join(path)


def find_renamed(
    environ: Iterable[str], in_file: Mapping[str, Any]
) -> Iterator[tuple[str, str, SettingPath]]:
    """Yield each setting that is used by its old name: that name, the new name, and the path."""
    written = {name.upper(): name for name in environ}
    for old, new in RENAMED.items():
        if env_variable(old) in written:
            yield written[env_variable(old)], env_variable(new), new
        if _is_in(in_file, old):
            yield dotted_name(old), dotted_name(new), new


def find_conflicts(environ: Iterable[str], in_file: Mapping[str, Any]) -> list[str]:
    """Describe each setting that is set by both its old and its new name, in any source."""
    variables = {name.upper() for name in environ}
    return [
        f"{written} and {name} are both set; remove {written}, which is the old name of {name}"
        for written, name, path in find_renamed(environ, in_file)
        if env_variable(path) in variables or _is_in(in_file, path)
    ]


def with_new_variables(environ: Mapping[str, str]) -> dict[str, str]:
    names = {env_variable(old): env_variable(new) for old, new in RENAMED.items()}
    return {names.get(name.upper(), name): value for name, value in environ.items()}


def with_new_names(in_file: Mapping[str, Any]) -> dict[str, Any]:
    operations = in_file.get("operations")
    if not isinstance(operations, Mapping):
        return dict(in_file)
    renamed = {_OPERATIONS.get(name, name): value for name, value in operations.items()}
    return {**in_file, "operations": renamed}


def _is_in(in_file: Mapping[str, Any], path: SettingPath) -> bool:
    section, name = path
    return isinstance(in_file.get(section), Mapping) and name in in_file[section]
