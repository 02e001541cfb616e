from pydantic import Field

from gateway.settings.section import SettingsSection


class OperationsSettings(SettingsSection):
    """How mutations are recorded, sent and retried."""

    idempotency_window_s: float = Field(
        600.0,
        ge=0,
        description=(
            "Seconds, counted from the first attempt, during which Partner Center recognizes a"
            " repeated request id, so that a purchase without a response may be sent again. After"
            " that, the operation ends `IN_DOUBT`"
        ),
    )
    retry_timeout_s: float = Field(
        3600.0,
        ge=0,
        description="Seconds during which an operation that cannot be sent is retried",
    )
    initial_backoff_s: float = Field(
        1.0,
        gt=0,
        description="Seconds before the second attempt; doubles with each further attempt",
    )
    store_timeout_s: float = Field(
        1.0,
        gt=0,
        description=(
            "Seconds the database may take to record a mutation before the mutation is refused."
            " Raise it if the database or the machine is slow at times"
        ),
    )
    preview_ttl_s: float = Field(900.0, gt=0, description="Seconds a preview token is valid")
    shutdown_grace_s: float = Field(
        25.0,
        ge=0,
        description="Seconds a shutdown waits for requests that are still running",
    )
