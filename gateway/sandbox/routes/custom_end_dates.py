"""Custom term end dates of a customer (CONTRACT 4.20)."""

from datetime import date, datetime
from typing import Final

from gateway.sandbox.bodies.envelope import Body, build_collection, build_link
from gateway.sandbox.continuation_tokens import HEADER, decode_token, encode_token
from gateway.sandbox.custom_end_dates import CustomEndDate, list_custom_end_dates, to_day
from gateway.sandbox.errors import (
    invalid_input_error,
    malformed_value_error,
    subscription_not_found_error,
)
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.renewals import TERM_DAYS
from gateway.sandbox.world import World

PAGE_SIZE: Final = 300


def list_dates(world: World, request: HandlerRequest) -> HandlerResponse:
    """Return at most 300 dates. A response header has the token for the next page."""
    customer = world.get_customer(request.path["customer"], request.now_s)
    term = request.query.get("term_duration", "").upper()
    if term not in TERM_DAYS:
        raise malformed_value_error("term_duration", term, f"one of {', '.join(TERM_DAYS)}")
    dates = list_custom_end_dates(customer, term, _parse_start(request))
    target_id = request.query.get("target_coterm_subscription_id", "").lower()
    if target_id:
        if target_id not in customer.subscriptions:
            raise subscription_not_found_error(target_id)
        dates = [each for each in dates if target_id in each.subscription_ids]
    seed, token = world.options.seed, request.headers.get(HEADER.lower(), "")
    start = decode_token(seed, token, tuple[int])[0] if token else 0
    uri = f"/customers/{customer.profile.id}/subscriptions/customTermEndDates?term_duration={term}"
    page = [_build_date(each) for each in dates[start : start + PAGE_SIZE]]
    has_more = start + PAGE_SIZE < len(dates)
    headers = {HEADER: encode_token(seed, start + PAGE_SIZE)} if has_more else {}
    return HandlerResponse(build_collection(page, {"self": build_link(uri)}), headers=headers)


def _parse_start(request: HandlerRequest) -> date:
    today, text = to_day(request.now_s), request.query.get("term_start_date", "")
    if not text:
        return today
    try:
        start = datetime.fromisoformat(text).date()
    except ValueError:
        raise malformed_value_error("term_start_date", text, "a date like 2026-01-31") from None
    if start < today:
        raise invalid_input_error("term_start_date is in the past")
    return start


def _build_date(allowed: CustomEndDate) -> Body:
    """Build a date without a zone, as the sample shows it (Q32)."""
    body: Body = {
        "allowedCustomTermEndDateType": allowed.kind,
        "allowedCustomTermEndDate": f"{allowed.day}T00:00:00",
    }
    if allowed.subscription_ids:
        body["cotermSubscriptionIds"] = list(allowed.subscription_ids)
    return body
