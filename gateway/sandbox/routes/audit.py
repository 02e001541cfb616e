"""The audit feed (CONTRACT 4.22, 4.23)."""

from itertools import islice
from typing import Final, NamedTuple
from urllib.parse import quote

import msgspec

from gateway.sandbox.audit_query import AuditQuery, format_day, parse_audit_query
from gateway.sandbox.bodies.audit import build_audit_record
from gateway.sandbox.bodies.envelope import Body, build_collection, build_link
from gateway.sandbox.continuation_tokens import HEADER, decode_token, encode_token
from gateway.sandbox.errors import VendorError
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.world import World

DEFAULT_SIZE: Final = 500
_NULL: Final = msgspec.Raw(b"null")


class _Cursor(NamedTuple):
    """The content of a continuation token: records with a lower number than `below` follow."""

    below: int
    size: int
    start_day: int
    end_day: int
    filter_text: str


def list_records(world: World, request: HandlerRequest) -> HandlerResponse:
    """Return a page of records, newest first. Its `next` link has the token for the next page.

    New records do not shift later pages.
    """
    cursor, query = _parse_position(world, request)
    matching = (
        each
        for each in world.audit.iter_visible(request.now_s)
        if query.matches(each) and (not cursor.below or each.number < cursor.below)
    )
    found = list(islice(matching, cursor.size + 1))
    page, has_more = found[: cursor.size], len(found) > cursor.size
    next_token = None
    if has_more:
        next_token = encode_token(world.options.seed, *cursor._replace(below=page[-1].number))
    items = [build_audit_record(each, request.now_s) for each in page]
    body = build_collection(items, _build_links(cursor, next_token))
    if next_token:
        body["continuationToken"] = next_token
    return HandlerResponse(body)


def get_record(world: World, request: HandlerRequest) -> HandlerResponse:
    """Return a record. An unknown id results in null or a 404, depending on the options."""
    entry = world.audit.find(request.path["record"], request.now_s)
    if entry is not None:
        return HandlerResponse(build_audit_record(entry, request.now_s))
    if world.audit.options.missing_record == "404":
        raise VendorError(404, 2001, "The audit record was not found.")
    return HandlerResponse(_NULL)


def _parse_position(world: World, request: HandlerRequest) -> tuple[_Cursor, AuditQuery]:
    """Read the position from the token, or that of the first page from the query."""
    token = request.headers.get(HEADER.lower(), "")
    if token:
        cursor = decode_token(world.options.seed, token, _Cursor)
        dates = {
            "startdate": format_day(cursor.start_day),
            "enddate": format_day(cursor.end_day),
        }
        query = {**dates, "filter": cursor.filter_text}
        return cursor, parse_audit_query(query, request.now_s)
    parsed = parse_audit_query(request.query, request.now_s)
    size = min(request.parse_whole_number("size", 0) or DEFAULT_SIZE, DEFAULT_SIZE)
    filter_text = request.query.get("filter", "")
    return _Cursor(0, size, parsed.start_day, parsed.end_day, filter_text), parsed


def _build_links(cursor: _Cursor, next_token: str | None) -> Body:
    uri = f"/auditrecords?startDate={format_day(cursor.start_day)}"
    uri += f"&endDate={format_day(cursor.end_day)}&size={cursor.size}"
    if cursor.filter_text:
        uri += f"&filter={quote(cursor.filter_text)}"
    links = {"self": build_link(uri)}
    if next_token:
        links["next"] = build_link(f"{uri}&seekOperation=Next", [(HEADER, next_token)])
    return links
