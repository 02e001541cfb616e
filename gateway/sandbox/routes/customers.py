"""Customers: pages of a filtered list, and one by id (CONTRACT 4.1, 4.2, 7.2)."""

import base64
import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final
from urllib.parse import quote

import msgspec

from gateway.sandbox.bodies import customers
from gateway.sandbox.bodies.envelope import Body, build_collection, build_link
from gateway.sandbox.errors import malformed_value_error
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.identity import guid
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
    seek_operation = request.query.get("seekoperation", "")
    if seek_operation and seek_operation.lower() not in _SEEK_NEXT:
        raise malformed_value_error("seekOperation", seek_operation, "Next")
    if seek_operation:
        start, size, filter_text = _decode_token(world, token or "")
    else:
        start, size, filter_text = 0, _parse_page_size(request), request.query.get("filter", "")
    found = list(islice(_iter_matching(world, start, filter_text), size + 1))
    page, rest = found[:size], found[size:]
    next_token = _encode_token(world, rest[0].index, size, filter_text) if rest else None
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


def _encode_token(world: World, index: int, size: int, filter_text: str) -> str:
    """Build an opaque token that contains `/`, `=` and `,`, as the vendor's tokens do."""
    text = json.dumps([index, size, filter_text]).encode()
    owner = guid("pages", world.options.seed)
    return f"{owner},{owner}_a4ayc/80/{base64.b64encode(text).decode()}=,{guid(text)}"


def _decode_token(world: World, token: str) -> tuple[int, int, str]:
    parts = token.split(",")
    try:
        encoded = parts[1].partition("/80/")[2].removesuffix("=")
        text = base64.b64decode(encoded, validate=True)
        index, size, filter_text = msgspec.json.decode(text, type=tuple[int, int, str])
    except (IndexError, ValueError, msgspec.DecodeError):
        raise malformed_value_error(
            "MS-ContinuationToken", token, "a token of an earlier page"
        ) from None
    if token != _encode_token(world, index, size, filter_text):
        raise malformed_value_error(
            "MS-ContinuationToken", token, "a token of an earlier page, unaltered"
        )
    return index, size, filter_text
