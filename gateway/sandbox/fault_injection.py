"""Does to a call what its faults say: answers in place of the work, or spoils the answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gateway.sandbox.errors import VendorError
from gateway.sandbox.faults import REFUSALS, Fault, FaultKind, MatchedFaults
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
    *REFUSALS,
)


def substitute_response(
    hits: MatchedFaults, asked: Mapping[str, str], wire: WireProfile
) -> SandboxResponse | None:
    """What is answered in place of the work; None when the work is to be done."""
    fault = hits.first(*_SUBSTITUTES)
    if fault is None:
        return None
    if fault.kind is FaultKind.MFA_PLAIN_TEXT:
        return _plain_text(401, MFA_TEXT)
    if fault.kind is FaultKind.PLAIN_TEXT:
        return _plain_text(fault.status, fault.text or "Something went wrong.")
    return build_response(_error_response(fault), asked, wire)


def corrupt_response(reply: SandboxResponse, hits: MatchedFaults) -> SandboxResponse:
    """The answer with another body, if a fault says so."""
    if hits.first(FaultKind.MALFORMED):
        return replace(reply, content=WEB_PAGE)
    if hits.first(FaultKind.TRUNCATED_JSON):
        return replace(reply, content=reply.content[: len(reply.content) // 2])
    return reply


async def delay_call(hits: MatchedFaults, sleep: Sleep) -> None:
    """Wait before the work, for a release and as long as the faults say."""
    if hits.first(FaultKind.HOLD):
        await hits.released.wait()
    await _pause(hits, FaultKind.LATENCY, sleep)


async def write_response(
    reply: SandboxResponse, hits: MatchedFaults, connection: ResponseWriter, sleep: Sleep
) -> None:
    """Send the answer the way the faults want it."""
    await _pause(hits, FaultKind.SLOW_ANSWER, sleep)
    reply = corrupt_response(reply, hits)
    trickle = hits.first(FaultKind.TRICKLE)
    if hits.first(FaultKind.CUT_AFTER):
        await connection.cut()
    elif hits.first(FaultKind.TRUNCATED_LENGTH):
        await connection.send_part(reply, reply.content[: len(reply.content) // 2])
    elif trickle is not None:
        await connection.trickle(reply, trickle.seconds, sleep)
    else:
        await connection.send(reply)


async def _pause(hits: MatchedFaults, kind: FaultKind, sleep: Sleep) -> None:
    seconds = hits.seconds(kind)
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
    return error_response(VendorError(*REFUSALS[fault.kind]))


def _plain_text(status: int, text: str) -> SandboxResponse:
    return SandboxResponse(status, (("Content-Type", "text/plain"),), text.encode())
