"""Custom ends of terms. Source: CONTRACT 4.20, 5.8."""

import schema.custom_term_end_date as graph
from gateway.upstream.models.base import WireEnum, WireModel, WireText, to_datetime, to_ids
from gateway.upstream.models.enums import CUSTOM_TERM_END_DATE_TYPE, raw_enum


class WireCustomTermEndDate(WireModel):
    allowed_custom_term_end_date_type: WireEnum = None
    allowed_custom_term_end_date: WireText | None = None
    coterm_subscription_ids: tuple[str, ...] | None = None


def to_custom_term_end_date(wire: WireCustomTermEndDate) -> graph.CustomTermEndDate:
    kind = wire.allowed_custom_term_end_date_type
    return graph.CustomTermEndDate(
        allowed_custom_term_end_date_type=CUSTOM_TERM_END_DATE_TYPE(kind),
        raw_allowed_custom_term_end_date_type=raw_enum(kind),
        allowed_custom_term_end_date=to_datetime(wire.allowed_custom_term_end_date),
        raw_allowed_custom_term_end_date=wire.allowed_custom_term_end_date,
        coterm_subscription_ids=to_ids(wire.coterm_subscription_ids),
    )
