"""Builds responses: headers as the vendor sends them, bodies in the wire profile."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from gateway.sandbox.errors import VendorError
from gateway.sandbox.handler_request import HandlerResponse
from gateway.sandbox.identity import guid
from gateway.sandbox.quirks import Quirk, WireProfile
from gateway.sandbox.rendering import render
from gateway.sandbox.response_writer import SandboxResponse

JSON: Final = "application/json; charset=utf-8"
REALM: Final = "OAuth realm=urn:cpsvc:cpid:60"
_REPEATED_IDS: Final = ("MS-RequestId", "MS-CorrelationId")
_THROTTLED: Final = 429
_UNAUTHORIZED: Final = 401


def build_response(
    result: HandlerResponse, request_headers: Mapping[str, str], wire: WireProfile
) -> SandboxResponse:
    """Encode the response of a handler. The names of `request_headers` are in lower case."""
    tracing = build_tracing_headers(request_headers, wire)
    if result.repeats_ids:
        tracing |= {name: f"{tracing[name]},{tracing[name]}" for name in _REPEATED_IDS}
    headers = {
        **tracing,
        **_with_location(result, request_headers, wire),
    }
    if result.body is None:
        return SandboxResponse(result.status, tuple(headers.items()), b"")
    if Quirk.NO_CONTENT_TYPE not in wire:
        headers["Content-Type"] = JSON
    return SandboxResponse(result.status, tuple(headers.items()), render(result.body, wire))


def error_response(error: VendorError) -> HandlerResponse:
    headers = {"WWW-Authenticate": REALM} if error.status == _UNAUTHORIZED else {}
    return HandlerResponse(error.to_body(), error.status, headers)


def throttled_response(delay_s: int, retry_after: str | None = None) -> HandlerResponse:
    """Build a 429 response. Its body differs from those of other errors (Q5)."""
    body: dict[str, Any] = {
        "statusCode": _THROTTLED,
        "message": f"Rate limit is exceeded. Try again in {delay_s} seconds.",
    }
    return HandlerResponse(body, _THROTTLED, {"Retry-After": retry_after or str(delay_s)})


def build_tracing_headers(request_headers: Mapping[str, str], wire: WireProfile) -> dict[str, str]:
    """Return the request's tracing ids as response headers, or new ids if they are missing."""
    request_id = request_headers.get("ms-requestid", "")
    correlation_id = request_headers.get("ms-correlationid", "")
    if Quirk.IDS_NOT_ECHOED in wire or not request_id:
        request_id = str(uuid4())
    if Quirk.IDS_NOT_ECHOED in wire or not correlation_id:
        correlation_id = str(uuid4())
    return {
        "MS-RequestId": request_id,
        "MS-CorrelationId": correlation_id,
        "MS-CV": request_headers.get("ms-cv")
        or f"{guid('cv', request_id)[:16].replace('-', '')}.0",
        "MS-ServerId": "030020525",
    }


def _with_location(
    result: HandlerResponse, request_headers: Mapping[str, str], wire: WireProfile
) -> dict[str, str]:
    """Return the headers, with an absolute `Location` if the profile has that quirk (Q7)."""
    headers = dict(result.headers)
    if "Location" in headers and Quirk.LOCATION_ABSOLUTE in wire:
        headers["Location"] = (
            f"http://{request_headers.get('host')}/v1/{headers['Location']}/status"
        )
    return headers
