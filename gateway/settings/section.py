"""What every section of the settings is made of."""

from pydantic import BaseModel, ConfigDict


class SettingsSection(BaseModel):
    """A section: cannot be changed, knows its own names only, never shows what came."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        hide_input_in_errors=True,
        str_strip_whitespace=True,  # mounted files end in a line break
    )
