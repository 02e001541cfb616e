"""Mutations, which are recorded before they are sent."""

from pydantic import Field

from gateway.settings.section import SettingsSection


class OperationsSettings(SettingsSection):
    """Mutations, which are recorded before they are sent."""

    trust_s: float = Field(
        600.0,
        ge=0,
        description=(
            "Seconds after its first sending in which a write without an answer may be sent again,"
            " because the vendor still knows its request id; then it is IN_DOUBT"
        ),
    )
    give_up_s: float = Field(
        3600.0, ge=0, description="Seconds for which a write that cannot be sent is tried"
    )
    first_pause_s: float = Field(
        1.0,
        gt=0,
        description="Seconds before a second attempt; doubled for each further one",
    )
    refuse_after_s: float = Field(
        1.0,
        gt=0,
        description=(
            "Seconds after which a write that the database does not take is refused; more for a"
            " database or a machine that is slow at times"
        ),
    )
    preview_ttl_s: float = Field(
        900.0, gt=0, description="Seconds for which a preview's token can be used"
    )
    stop_grace_s: float = Field(
        25.0, ge=0, description="Seconds that a stop waits for the answers to writes on their way"
    )
