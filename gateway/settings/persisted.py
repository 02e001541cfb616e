"""Documents that clients name instead of sending them."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from gateway.settings.section import SettingsSection

DocumentPolicy = Literal["open", "mutations-registered", "registered"]


class PersistedSettings(SettingsSection):
    """Documents that clients name instead of sending them."""

    policy: DocumentPolicy | None = Field(
        None,
        description=(
            "Which documents may run without being registered: all, all but mutations, or none;"
            " unset: `open` in `dev`, `mutations-registered` in `production`"
        ),
    )
    file: Path | None = Field(
        None, description="The manifest that `upgrade-gateway persisted add` writes"
    )
    remembered_max_characters: int = Field(
        4_000_000,
        ge=0,
        description="Text kept of automatic persisted queries; 0 turns them off",
    )
