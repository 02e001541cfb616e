"""Calls for customers, and where their list goes on. Source: CONTRACT 4.1, 7.2."""

import json
from typing import Final

from gateway.upstream.call import Call
from gateway.upstream.endpoints import LIST_CUSTOMERS
from gateway.upstream.errors import InvalidResponse, UpstreamBadInput
from gateway.upstream.wire.customer import Customer
from gateway.upstream.wire.resource import Collection
from resolvers.ports.directory import Continuation, CustomersKey

_TOKEN_HEADER: Final = "MS-ContinuationToken"  # noqa: S105 - a header's name
_SYNTHETIC_LINK: Final = "/v1/customers?seekOperation=Next"


def build_customers_call(key: CustomersKey) -> Call:
    """Build the call for a page; a continued one has neither size nor filter of its own."""
    if key.continuation is not None:
        return _build_next_call(key.continuation)
    if key.company_name_starts_with is None:
        return Call(LIST_CUSTOMERS, query=(("size", str(key.size)),))
    condition = {
        "Field": "CompanyName",
        "Value": key.company_name_starts_with,
        "Operator": "starts_with",
    }
    wanted = json.dumps(condition, separators=(",", ":"), ensure_ascii=False)
    return Call(LIST_CUSTOMERS, query=(("size", str(key.size)), ("filter", wanted)))


def _build_next_call(continuation: Continuation) -> Call:
    """Continue where a cursor says; what was not a link of the vendor's is the client's doing."""
    try:
        return Call(LIST_CUSTOMERS).follow_link(continuation.uri, continuation.headers)
    except InvalidResponse as cause:
        raise UpstreamBadInput("after is a cursor of a page of customers. Start again.") from cause


def find_continuation(page: Collection[Customer]) -> Continuation | None:
    """Find where a page goes on: its next link with that link's headers, or only a token (Q14).

    Raises `InvalidAnswer` for a link that cannot be followed.
    """
    token = page.continuation_token
    following = page.links.next if page.links else None
    if following is None or not following.uri:
        return None if not token else Continuation(_SYNTHETIC_LINK, ((_TOKEN_HEADER, token),))
    headers = tuple((h.key, h.value) for h in following.headers or () if h.key and h.value)
    if token and _TOKEN_HEADER.lower() not in {name.lower() for name, _ in headers}:
        headers += ((_TOKEN_HEADER, token),)
    Call(LIST_CUSTOMERS).follow_link(following.uri, headers)
    return Continuation(following.uri, headers)
