"""The decisions: what an answer of Partner Center says about the configuration."""

import email.utils
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gateway.doctor.findings import Finding, Outcome, Step
from gateway.doctor.probe import ProbeResult
from gateway.doctor.remedies import MFA_TEXT, REMEDIES, remedy_for
from gateway.upstream.errors import (
    InvalidResponse,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
    UpstreamError,
)

MFA_MISSING: Final = "900421"
APP_ONLY_REFUSED: Final = "900329"
# Tokens are good from five minutes before to five minutes after their time.
_MAX_SKEW_S: Final = 300.0
_WORTH_SAYING_S: Final = 30.0


def passed(step: Step, detail: str) -> Finding:
    """A step that is as it should be."""
    return Finding(step, Outcome.PASSED, detail)


def failed(step: Step, error: UpstreamError) -> Finding:
    """A step that ended with an error, with the vendor's code and the cure for it."""
    code = f" (code {error.upstream_code})" if error.upstream_code else ""
    found = f"; correlation id {error.correlation_id}" if error.correlation_id else ""
    return Finding(step, Outcome.FAILED, f"{error}{code}{found}", remedy_for(error))


def token(error: UpstreamError, *, is_sandbox: bool) -> Finding:
    """Why there is no token; a source of tokens says itself what is missing and what to do."""
    if isinstance(error, Unauthorized):
        return Finding(Step.TOKEN, Outcome.FAILED, str(error))
    if is_sandbox and isinstance(error, Unavailable):
        cure = "start one with 'upgrade-gateway sandbox', or correct partner.base_url"
        return Finding(Step.TOKEN, Outcome.FAILED, str(error), cure)
    return failed(Step.TOKEN, error)


def connection(reply: ProbeResult) -> Finding:
    """Whether Partner Center answers; a refusal is an answer."""
    error = reply.error
    if isinstance(error, Throttled | TimedOut | Unavailable | InvalidResponse):
        return failed(Step.CONNECTION, error)
    return passed(Step.CONNECTION, "Partner Center answers")


def audience(reply: ProbeResult) -> Finding:
    """Whether the token is one for this API."""
    if isinstance(reply.error, Unauthorized) and not _lacks_mfa(reply.error):
        return failed(Step.AUDIENCE, reply.error)
    return passed(Step.AUDIENCE, "the token is accepted for this API")


def mfa(reply: ProbeResult) -> Finding:
    """Whether the token shows that its user passed MFA, which calls with a user need."""
    if reply.error is not None and _lacks_mfa(reply.error):
        return replace(failed(Step.MFA, reply.error), remedy=REMEDIES[MFA_MISSING])
    told = reply.response.headers.get("isMfaCompliant", "") if reply.response else ""
    if told.strip().lower() == "true":
        return passed(Step.MFA, "the token carries the claim")
    if told:
        return Finding(
            Step.MFA,
            Outcome.WARNING,
            "the token does not carry the claim; good for an application, not for a user",
            f"with an application and a user: {REMEDIES[MFA_MISSING]}",
        )
    return passed(Step.MFA, "calls are not refused; whether the claim is there was not told")


def user_context(reply: ProbeResult, *, is_application: bool) -> Finding:
    """Whether operations that need a user are open.

    Args:
        reply: of such an operation; that it refuses the input shows that it was reached.
        is_application: whether no user is meant to be there, so that it is no fault.
    """
    error = reply.error
    if error is not None and error.upstream_code == APP_ONLY_REFUSED:
        outcome = Outcome.WARNING if is_application else Outcome.FAILED
        return replace(failed(Step.USER_CONTEXT, error), outcome=outcome)
    if error is None or error.status in (400, 403, 404, 409):
        return passed(Step.USER_CONTEXT, "operations that need a user are open")
    return failed(Step.USER_CONTEXT, error)


def listing(step: Step, reply: ProbeResult, count: int, things: str) -> Finding:
    """Whether a list could be read; an empty one leaves nothing to go on with."""
    if reply.error is not None:
        return failed(step, reply.error)
    if count == 0:
        return Finding(step, Outcome.WARNING, f"the answer holds no {things}")
    return passed(step, f"{count} {things} read")


def clock(reply: ProbeResult) -> Finding:
    """Whether this machine's time was the vendor's when the answer came."""
    try:
        date = reply.response.headers["Date"] if reply.response else ""
        skew_s = reply.received_s - email.utils.parsedate_to_datetime(date).timestamp()
    except (KeyError, ValueError):
        return Finding(Step.CLOCK, Outcome.WARNING, "the answer does not tell the time")
    if abs(skew_s) < _WORTH_SAYING_S:
        return passed(Step.CLOCK, f"within {_WORTH_SAYING_S:.0f} s of the vendor's")
    direction = "ahead of" if skew_s > 0 else "behind"
    outcome = Outcome.FAILED if abs(skew_s) > _MAX_SKEW_S else Outcome.WARNING
    detail = f"this machine is {abs(skew_s):.0f} s {direction} the vendor"
    return Finding(Step.CLOCK, outcome, detail, "synchronise the clock, as with NTP")


def throttle(replies: Sequence[ProbeResult]) -> Finding:
    """Whether any of the calls was refused because there were too many."""
    waits = [r.error.retry_after_s for r in replies if isinstance(r.error, Throttled)]
    if not waits:
        return passed(Step.THROTTLE, f"none of {len(replies)} calls was refused for their number")
    detail = f"{len(waits)} of {len(replies)} calls refused; open again in {max(waits):.0f} s"
    return Finding(Step.THROTTLE, Outcome.FAILED, detail, remedy_for(Throttled("")))


def _lacks_mfa(error: UpstreamError) -> bool:
    return error.upstream_code == MFA_MISSING or MFA_TEXT in str(error)
