"""Batches of upgrades."""

from pydantic import Field

from gateway.settings.section import SettingsSection


class BatchesSettings(SettingsSection):
    """Batches of upgrades."""

    lines_at_once: int = Field(
        16,
        ge=1,
        description=(
            "Lines of batches that work at the same time, one of a customer; fewer than"
            " `throttle.max_in_flight`, so that single requests find a place"
        ),
    )
