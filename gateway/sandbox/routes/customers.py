"""Customers: the seek-paged list with its filter, and one by id (CONTRACT 4.1, 4.2, 7.2)."""

import base64
import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final
from urllib.parse import quote

import msgspec

from gateway.sandbox.bodies import customers
from gateway.sandbox.bodies.envelope import Body, collection, link
from gateway.sandbox.errors import malformed_body
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.identity import guid
from gateway.sandbox.records import Profile
from gateway.sandbox.world import World

DEFAULT_SIZE: Final = 500
_NEXT: Final = {"next", "0"}
"""The one seek operation that is served, by its name and its number."""
_FIELDS: Final[dict[str, Callable[[Profile], str]]] = {
    "companyname": lambda profile: profile.company_name,
    "displayname": lambda profile: profile.company_name,
    "domain": lambda profile: profile.domain,
    "defaultdomainname": lambda profile: profile.domain,
    "indirectreseller": lambda _: "",
    "indirectcloudsolutionprovider": lambda _: "",
}


def list_customers(world: World, ask: HandlerRequest) -> HandlerResponse:
    """A page of customers; the next one is reached with the token in its `next` link."""
    token = ask.headers.get("ms-continuationtoken")
    seek = ask.query.get("seekoperation", "")
    if seek and seek.lower() not in _NEXT:
        raise malformed_body("seekOperation", seek, "Next")
    if seek:
        start, size, filter_text = _position(world, token or "")
    else:
        start, size, filter_text = 0, _size(ask), ask.query.get("filter", "")
    found = list(islice(_matching(world, start, filter_text), size + 1))
    page, rest = found[:size], found[size:]
    next_token = _token(world, rest[0].index, size, filter_text) if rest else None
    body = collection(
        [customers.list_item(profile) for profile in page], _links(size, filter_text, next_token)
    )
    if next_token:
        body["continuationToken"] = next_token
    return HandlerResponse(body)


def get_customer(world: World, ask: HandlerRequest) -> HandlerResponse:
    """One customer."""
    return HandlerResponse(customers.full(world.account(ask.path["customer"], ask.now_s)))


def _size(ask: HandlerRequest) -> int:
    """The page size; 0 means the server's own, more than the maximum means the maximum (G17)."""
    return min(ask.whole_number("size", 0) or DEFAULT_SIZE, DEFAULT_SIZE)


def _matching(world: World, start: int, filter_text: str) -> Iterator[Profile]:
    if not filter_text:
        return world.profiles(start)
    value_of, prefix = _filter(filter_text)
    return (each for each in world.profiles(start) if value_of(each).lower().startswith(prefix))


def _filter(text: str) -> tuple[Callable[[Profile], str], str]:
    try:
        parsed: dict[str, Any] = {key.lower(): each for key, each in json.loads(text).items()}
    except (ValueError, AttributeError):
        raise malformed_body("filter", text, "a JSON object") from None
    value_of = _FIELDS.get(str(parsed.get("field", "")).lower())
    if value_of is None:
        raise malformed_body("filter.Field", str(parsed.get("field")), "CompanyName or Domain")
    operator = str(parsed.get("operator", "")).lower().replace("_", "")
    if operator != "startswith":
        raise malformed_body("filter.Operator", str(parsed.get("operator")), "starts_with")
    return value_of, str(parsed.get("value", "")).lower()


def _links(size: int, filter_text: str, next_token: str | None) -> Body:
    uri = f"/customers?size={size}" + (f"&filter={quote(filter_text)}" if filter_text else "")
    links = {"self": link(uri)}
    if next_token:
        links["next"] = link(f"{uri}&seekOperation=Next", [("MS-ContinuationToken", next_token)])
    return links


def _token(world: World, index: int, size: int, filter_text: str) -> str:
    """An opaque token with the characters of the vendor's: `/`, `=` and `,`."""
    text = json.dumps([index, size, filter_text]).encode()
    owner = guid("pages", world.options.seed)
    return f"{owner},{owner}_a4ayc/80/{base64.b64encode(text).decode()}=,{guid(text)}"


def _position(world: World, token: str) -> tuple[int, int, str]:
    parts = token.split(",")
    try:
        encoded = parts[1].partition("/80/")[2].removesuffix("=")
        text = base64.b64decode(encoded, validate=True)
        index, size, filter_text = msgspec.json.decode(text, type=tuple[int, int, str])
    except (IndexError, ValueError, msgspec.DecodeError):
        raise malformed_body("MS-ContinuationToken", token, "a token of an earlier page") from None
    if token != _token(world, index, size, filter_text):
        raise malformed_body("MS-ContinuationToken", token, "a token of an earlier page, unaltered")
    return index, size, filter_text
