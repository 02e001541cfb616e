"""Pages of the custom ends of a term. Source: CONTRACT 4.20."""

from typing import Final

from gateway.upstream.call import Call
from gateway.upstream.decoding import Decoder
from gateway.upstream.endpoints import LIST_CUSTOM_TERM_END_DATES
from gateway.upstream.models.custom_term_end_date import (
    WireCustomTermEndDate,
    to_custom_term_end_date,
)
from gateway.upstream.models.resource import WireCollection
from gateway.upstream.seek_pages import Page, PageDecoder, find_continuation
from schema.custom_term_end_date import CustomTermEndDate
from schema.keys import CustomTermEndDatesKey

_DATES: Final = Decoder(WireCollection[WireCustomTermEndDate])


def build_custom_term_end_dates_call(key: CustomTermEndDatesKey) -> Call:
    """Build the call for the first page.

    Its parameters are in snake_case, as in the example (Q35).
    """
    query = [("term_duration", key.term_duration)]
    if key.start_date is not None:
        query.append(("term_start_date", key.start_date.isoformat()))
    if key.target_subscription_id is not None:
        query.append(("target_coterm_subscription_id", key.target_subscription_id))
    return Call(LIST_CUSTOM_TERM_END_DATES, (key.customer_id,), query=tuple(query))


def _decode_page(body: bytes) -> Page[CustomTermEndDate]:
    page = _DATES(body)
    dates = [to_custom_term_end_date(wire) for wire in page.items or ()]
    return Page(dates, find_continuation(page))


decode_custom_term_end_dates_page: Final = PageDecoder(_decode_page)
