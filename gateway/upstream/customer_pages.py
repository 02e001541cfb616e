"""Pages of customers and the calls that read them. Source: CONTRACT 4.1, 7.2."""

import json
from typing import Final

from gateway.upstream.call import Call
from gateway.upstream.decoding import Decoder
from gateway.upstream.endpoints import LIST_CUSTOMERS
from gateway.upstream.errors import InvalidResponse, UpstreamBadInput
from gateway.upstream.models.customer import WireCustomer, to_partial_customer
from gateway.upstream.models.resource import WireCollection
from gateway.upstream.seek_pages import find_continuation
from resolvers.ports.directory import Continuation, CustomersKey, CustomersPage

# For pages that come with a continuation token and without a link (Q14).
_SYNTHETIC_LINK: Final = "/v1/customers?seekOperation=Next"
_CUSTOMERS: Final = Decoder(WireCollection[WireCustomer])


def build_customers_call(key: CustomersKey) -> Call:
    """Build the call for a page. The link to a next page already contains size and filter."""
    if key.continuation is not None:
        return _build_next_call(key.continuation)
    if key.company_name_starts_with is None:
        return Call(LIST_CUSTOMERS, query=(("size", str(key.size)),))
    condition = {
        "Field": "CompanyName",
        "Value": key.company_name_starts_with,
        "Operator": "starts_with",
    }
    filter_ = json.dumps(condition, separators=(",", ":"), ensure_ascii=False)
    return Call(LIST_CUSTOMERS, query=(("size", str(key.size)), ("filter", filter_)))


def _build_next_call(continuation: Continuation) -> Call:
    # The link is in the caller's cursor: if it is not a link of the vendor's, the cursor is wrong.
    try:
        return Call(LIST_CUSTOMERS).follow_link(continuation.uri, continuation.headers)
    except InvalidResponse as cause:
        raise UpstreamBadInput(
            "after is not a cursor of a page of customers. Start again without it."
        ) from cause


def decode_customers_page(body: bytes) -> CustomersPage:
    page = _CUSTOMERS(body)
    customers = [to_partial_customer(wire) for wire in page.items or ()]
    return CustomersPage(customers, find_customers_continuation(page))


def find_customers_continuation(page: WireCollection[WireCustomer]) -> Continuation | None:
    """Return the link to the next page; None on the last page.

    Raises `InvalidResponse` if the link cannot be followed.
    """
    found = find_continuation(page)
    if found is None:
        return None
    link = found.uri or _SYNTHETIC_LINK
    Call(LIST_CUSTOMERS).follow_link(link, found.headers)
    return Continuation(link, found.headers)
