"""The partner's registration for Partner Center's events. Source: CONTRACT 4.24 to 4.27, 5.10."""

from datetime import datetime

import strawberry
from strawberry import field


@strawberry.type(
    description="The partner's registration for events, of which there is at most one."
)
class WebhookRegistration:
    subscriber_id: strawberry.ID | None = field(
        default=None, description="The id of the registration."
    )
    webhook_url: str | None = field(
        default=None, description="The URL to which Partner Center sends the events."
    )
    webhook_events: list[str] = field(
        default_factory=list, description="The names of the events. Compare them ignoring case."
    )
    signature_token_to_ms_signature_header: bool | None = field(
        default=None,
        description="Whether the signature is sent in `x-ms-signature`, not in `Authorization`.",
    )
    last_modified_timestamp: datetime | None = field(
        default=None, description="When the registration was last changed."
    )
    raw_last_modified_timestamp: str | None = field(
        default=None, description="`lastModifiedTimestamp` as Partner Center sent it."
    )


@strawberry.type(description="An attempt to deliver a test event.")
class WebhookValidationResult:
    response_code: str | None = field(
        default=None, description="The response of the webhook, such as `OK`."
    )
    response_message: str | None = field(
        default=None, description="The text of the webhook's response."
    )
    system_error: bool | None = field(
        default=None, description="Whether Partner Center failed, not the webhook."
    )
    date_time_utc: datetime | None = field(default=None, description="When it was attempted.")
    raw_date_time_utc: str | None = field(
        default=None, description="`dateTimeUtc` as Partner Center sent it."
    )


@strawberry.type(description="A test event. Partner Center keeps its state for seven days.")
class WebhookValidationEvent:
    correlation_id: strawberry.ID | None = field(
        default=None, description="The id of the test event."
    )
    partner_id: strawberry.ID | None = field(
        default=None, description="The tenant id of the partner, a GUID."
    )
    status: str | None = field(default=None, description="The state, such as `completed`.")
    callback_url: str | None = field(
        default=None, description="The URL to which the event was sent."
    )
    results: list[WebhookValidationResult] = field(
        default_factory=list, description="The attempts to deliver it."
    )
