"""Applies faults to a call: delays it, replaces its response, or corrupts the response."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gateway.sandbox.errors import VendorError
from gateway.sandbox.faults import ERRORS_BY_KIND, Fault, FaultKind, MatchedFaults
from gateway.sandbox.handler_request import HandlerResponse
from gateway.sandbox.quirks import WireProfile
from gateway.sandbox.response_writer import ResponseWriter, SandboxResponse, Sleep
from gateway.sandbox.responses import build_response, error_response, throttled_response

MFA_TEXT: Final = "Authentication failed. MFA required. (10001)"
WEB_PAGE: Final = b"<html><body>Our services are not available right now</body></html>"
_SUBSTITUTES: Final = (
    FaultKind.THROTTLED,
    FaultKind.STATUS,
    FaultKind.PLAIN_TEXT,
    FaultKind.MFA_PLAIN_TEXT,
    FaultKind.TOKEN_ERROR,
    *ERRORS_BY_KIND,
)


def substitute_response(
    faults: MatchedFaults, request_headers: Mapping[str, str], wire: WireProfile
) -> SandboxResponse | None:
    """Build the response that a fault returns instead of executing the call; None without one."""
    fault = faults.find_first(*_SUBSTITUTES)
    if fault is None:
        return None
    if fault.kind is FaultKind.MFA_PLAIN_TEXT:
        return _plain_text_response(401, MFA_TEXT)
    if fault.kind is FaultKind.PLAIN_TEXT:
        return _plain_text_response(fault.status, fault.text or "Something went wrong.")
    return build_response(_error_response(fault), request_headers, wire)


def corrupt_response(response: SandboxResponse, faults: MatchedFaults) -> SandboxResponse:
    """Replace or truncate the body if a fault of the call requires it."""
    if faults.find_first(FaultKind.MALFORMED):
        return replace(response, content=WEB_PAGE)
    if faults.find_first(FaultKind.TRUNCATED_JSON):
        return replace(response, content=response.content[: len(response.content) // 2])
    return response


async def delay_call(faults: MatchedFaults, sleep: Sleep) -> None:
    """Wait before the call is executed: until held calls are released, then for the latency."""
    if faults.find_first(FaultKind.HOLD):
        await faults.released.wait()
    await _sleep_for_faults(faults, FaultKind.LATENCY, sleep)


async def write_response(
    response: SandboxResponse, faults: MatchedFaults, writer: ResponseWriter, sleep: Sleep
) -> None:
    """Send the response, delayed or broken off as the faults require."""
    await _sleep_for_faults(faults, FaultKind.SLOW_ANSWER, sleep)
    response = corrupt_response(response, faults)
    trickle = faults.find_first(FaultKind.TRICKLE)
    if faults.find_first(FaultKind.CUT_AFTER):
        await writer.cut()
    elif faults.find_first(FaultKind.TRUNCATED_LENGTH):
        await writer.send_truncated(response, response.content[: len(response.content) // 2])
    elif trickle is not None:
        await writer.trickle(response, trickle.seconds, sleep)
    else:
        await writer.send(response)


async def _sleep_for_faults(faults: MatchedFaults, kind: FaultKind, sleep: Sleep) -> None:
    seconds = faults.total_seconds(kind)
    if seconds:
        await sleep(seconds)


def _error_response(fault: Fault) -> HandlerResponse:
    if fault.kind is FaultKind.THROTTLED:
        return throttled_response(round(fault.seconds), fault.retry_after)
    if fault.kind is FaultKind.TOKEN_ERROR:
        error = fault.text or "invalid_grant"
        text = "AADSTS700082: The refresh token has expired."
        return HandlerResponse(
            {"error": error, "error_description": text, "error_codes": [700082]}, 400
        )
    if fault.kind is FaultKind.STATUS:
        text = fault.text or "An unexpected error occurred."
        return error_response(VendorError(fault.status, fault.code, text))
    return error_response(VendorError(*ERRORS_BY_KIND[fault.kind]))


def _plain_text_response(status: int, text: str) -> SandboxResponse:
    return SandboxResponse(status, (("Content-Type", "text/plain"),), text.encode())
