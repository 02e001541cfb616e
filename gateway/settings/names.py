"""The names of settings: in the model, in the environment, in a file."""

from collections.abc import Iterator
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


def setting_fields() -> Iterator[tuple[SettingPath, FieldInfo]]:
    """Yield all settings, in the order of docs/settings.md."""
    for name, field in Settings.model_fields.items():
        section = section_of(field)
        if section is None:
            yield (name,), field
        else:
            yield from (((name, inner), each) for inner, each in section.model_fields.items())


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """Return the section that a field of `Settings` contains; None for a single setting."""
    kind: Any = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def env_variable(path: SettingPath) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + "__".join(path).upper()


def dotted_name(path: SettingPath) -> str:
    """Return the name of a setting in a file."""
    return ".".join(path)
