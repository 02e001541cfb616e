"""Customers: pages of a filtered list, and one by id (CONTRACT 4.1, 4.2, 7.2)."""

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final
from urllib.parse import quote

from gateway.sandbox.bodies import customers
from gateway.sandbox.bodies.envelope import Body, build_collection, build_link
from gateway.sandbox.continuation_tokens import decode_token, encode_token
from gateway.sandbox.errors import malformed_value_error
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.records import Profile
from gateway.sandbox.world import World

DEFAULT_SIZE: Final = 500
_SEEK_NEXT: Final = {"next", "0"}
"""The only supported seek operation, by its name and its number."""
_FILTER_FIELDS: Final[dict[str, Callable[[Profile], str]]] = {
    "companyname": lambda profile: profile.company_name,
    "displayname": lambda profile: profile.company_name,
    "domain": lambda profile: profile.domain,
    "defaultdomainname": lambda profile: profile.domain,
    "indirectreseller": lambda _: "",
    "indirectcloudsolutionprovider": lambda _: "",
}


def list_customers(world: World, request: HandlerRequest) -> HandlerResponse:
    """Return a page of customers. Its `next` link has the token for the next page."""
    token = request.headers.get("ms-continuationtoken")
    seed, seek_operation = world.options.seed, request.query.get("seekoperation", "")
    if seek_operation and seek_operation.lower() not in _SEEK_NEXT:
        raise malformed_value_error("seekOperation", seek_operation, "Next")
    if seek_operation:
        start, size, filter_text = decode_token(seed, token or "", tuple[int, int, str])
    else:
        start, size, filter_text = 0, _parse_page_size(request), request.query.get("filter", "")
    found = list(islice(_iter_matching(world, start, filter_text), size + 1))
    page, rest = found[:size], found[size:]
    next_token = encode_token(seed, rest[0].index, size, filter_text) if rest else None
    body = build_collection(
        [customers.build_partial_customer(profile) for profile in page],
        _build_links(size, filter_text, next_token),
    )
    if next_token:
        body["continuationToken"] = next_token
    return HandlerResponse(body)


def get_customer(world: World, request: HandlerRequest) -> HandlerResponse:
    return HandlerResponse(
        customers.build_full_customer(world.get_customer(request.path["customer"], request.now_s))
    )


def _parse_page_size(request: HandlerRequest) -> int:
    """Read the page size. 0 means the default, which is also the maximum (G17)."""
    return min(request.parse_whole_number("size", 0) or DEFAULT_SIZE, DEFAULT_SIZE)


def _iter_matching(world: World, start: int, filter_text: str) -> Iterator[Profile]:
    if not filter_text:
        return world.iter_profiles(start)
    get_value, prefix = _parse_filter(filter_text)
    return (
        each for each in world.iter_profiles(start) if get_value(each).lower().startswith(prefix)
    )


def _parse_filter(text: str) -> tuple[Callable[[Profile], str], str]:
    try:
        members: dict[str, Any] = {key.lower(): each for key, each in json.loads(text).items()}
    except (ValueError, AttributeError):
        raise malformed_value_error("filter", text, "a JSON object") from None
    get_value = _FILTER_FIELDS.get(str(members.get("field", "")).lower())
    if get_value is None:
        raise malformed_value_error(
            "filter.Field", str(members.get("field")), "CompanyName or Domain"
        )
    operator = str(members.get("operator", "")).lower().replace("_", "")
    if operator != "startswith":
        raise malformed_value_error("filter.Operator", str(members.get("operator")), "starts_with")
    return get_value, str(members.get("value", "")).lower()


def _build_links(size: int, filter_text: str, next_token: str | None) -> Body:
    uri = f"/customers?size={size}" + (f"&filter={quote(filter_text)}" if filter_text else "")
    links = {"self": build_link(uri)}
    if next_token:
        links["next"] = build_link(
            f"{uri}&seekOperation=Next", [("MS-ContinuationToken", next_token)]
        )
    return links
