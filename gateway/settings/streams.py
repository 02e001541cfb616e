"""Streams of answers: WebSocket and Server-Sent Events."""

from pydantic import Field

from gateway.settings.section import SettingsSection


class StreamsSettings(SettingsSection):
    """Streams of answers: WebSocket and Server-Sent Events."""

    max_connections: int = Field(
        100, ge=1, description="WebSockets and reserved event streams of one caller at a time"
    )
    max_subscriptions: int = Field(
        1000, ge=1, description="Subscriptions of one caller at a time, over all its connections"
    )
    max_running: int = Field(
        1000,
        ge=1,
        description="Requests of one WebSocket or event stream that are being answered at a time",
    )
    init_within_s: float = Field(
        3.0, gt=0, description="Seconds in which a WebSocket has to send `connection_init`"
    )
    keep_alive_s: float = Field(
        12.0, gt=0, description="Seconds without an event after which a stream shows that it lives"
    )
