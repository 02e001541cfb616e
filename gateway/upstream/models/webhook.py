"""The registration for events. Source: CONTRACT 5.10; Q41 to Q43."""

from collections.abc import Sequence
from typing import Final

import schema.webhook as graph
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.base import (
    WireJson,
    WireModel,
    WireText,
    to_datetime,
    to_id,
    to_texts,
)


class WireWebhookRegistration(WireModel):
    """A registration (CONTRACT 5.10), without `properties`, whose content is not documented."""

    webhook_url: str
    subscriber_id: WireText | None = None
    webhook_events: tuple[str, ...] | None = None
    signature_token_to_ms_signature_header: bool | None = None
    properties: WireJson = None
    last_modified_timestamp: WireText | None = None


class WireWebhookValidationResult(WireModel):
    response_code: WireText | None = None
    response_message: WireText | None = None
    system_error: bool | None = None
    date_time_utc: WireText | None = None


class WireWebhookValidationEvent(WireModel):
    correlation_id: str
    partner_id: WireText | None = None
    status: WireText | None = None
    callback_url: WireText | None = None
    results: tuple[WireWebhookValidationResult, ...] | None = None


_NAMES: Final = Decoder(tuple[str, ...])
_REGISTRATION: Final = Decoder(WireWebhookRegistration)
_VALIDATION: Final = Decoder(WireWebhookValidationEvent)


def decode_event_names(body: bytes) -> Sequence[str]:
    """Decode the names in an array, which has no collection around it. Keeps unknown names."""
    return to_texts(_NAMES(body))


def decode_registration(body: bytes) -> graph.WebhookRegistration:
    wire = _REGISTRATION(body)
    return graph.WebhookRegistration(
        subscriber_id=to_id(wire.subscriber_id),
        webhook_url=wire.webhook_url,
        webhook_events=to_texts(wire.webhook_events),
        signature_token_to_ms_signature_header=wire.signature_token_to_ms_signature_header,
        last_modified_timestamp=to_datetime(wire.last_modified_timestamp),
        raw_last_modified_timestamp=wire.last_modified_timestamp,
    )


def decode_validation_event(body: bytes) -> graph.WebhookValidationEvent:
    wire = _VALIDATION(body)
    return graph.WebhookValidationEvent(
        correlation_id=to_id(wire.correlation_id),
        partner_id=to_id(wire.partner_id),
        status=wire.status,
        callback_url=wire.callback_url,
        results=[
            graph.WebhookValidationResult(
                response_code=result.response_code,
                response_message=result.response_message,
                system_error=result.system_error,
                date_time_utc=to_datetime(result.date_time_utc),
                raw_date_time_utc=result.date_time_utc,
            )
            for result in wire.results or ()
        ],
    )
