"""How settings are named: in the model, in the environment, in a file."""

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
    """Every setting there is, in the order of the table."""
    for name, field in Settings.model_fields.items():
        part = section_of(field)
        if part is None:
            yield (name,), field
        else:
            yield from (((name, inner), each) for inner, each in part.model_fields.items())


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The section that a field of `Settings` holds; None for a single setting."""
    kind: Any = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def env_variable(path: SettingPath) -> str:
    """The environment variable of a setting."""
    return PREFIX + "__".join(path).upper()


def dotted_name(path: SettingPath) -> str:
    """The name of a setting in a file."""
    return ".".join(path)
