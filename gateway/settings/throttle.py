"""How hard the upstream may be pressed."""

from pydantic import Field

from gateway.settings.section import SettingsSection


class ThrottleSettings(SettingsSection):
    """How hard the upstream may be pressed."""

    max_in_flight: int = Field(32, ge=1, description="Upstream calls at the same time")
    customer_reads_per_minute: int | None = Field(
        None,
        ge=1,
        description=(
            "Reads of one customer and its subscriptions in 60 s beyond which none is sent;"
            " unset: as many as the vendor answers, until it says 429"
        ),
    )
    max_attempts: int = Field(4, ge=1, le=10, description="Sends of one read, the first included")
    max_retry_after_s: float = Field(
        600.0,
        gt=0,
        le=86_400,
        description="Longest wait in seconds that the vendor's `Retry-After` may ask for; a longer"
        " one counts as this long",
    )
