"""Evaluates what responses of Partner Center show about the configuration. Pure functions."""

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
# Tokens are accepted with a clock difference of five minutes.
_MAX_SKEW_S: Final = 300.0
_TOLERATED_SKEW_S: Final = 30.0


def passed(step: Step, detail: str) -> Finding:
    return Finding(step, Outcome.PASSED, detail)


def failed(step: Step, error: UpstreamError) -> Finding:
    """Report an error, with the vendor's code and the remedy."""
    code = f" (code {error.upstream_code})" if error.upstream_code else ""
    found = f"; correlation id {error.correlation_id}" if error.correlation_id else ""
    return Finding(step, Outcome.FAILED, f"{error}{code}{found}", remedy_for(error))


def token(error: UpstreamError, *, is_sandbox: bool) -> Finding:
    """Report why the gateway could not obtain a token. The error's text includes the remedy."""
    if isinstance(error, Unauthorized):
        return Finding(Step.TOKEN, Outcome.FAILED, str(error))
    if is_sandbox and isinstance(error, Unavailable):
        remedy = "Start a sandbox with 'upgrade-gateway sandbox', or correct partner.base_url."
        return Finding(Step.TOKEN, Outcome.FAILED, str(error), remedy)
    return failed(Step.TOKEN, error)


def connection(result: ProbeResult) -> Finding:
    """Whether Partner Center responds, even if only with an error."""
    error = result.error
    if isinstance(error, Throttled | TimedOut | Unavailable | InvalidResponse):
        return failed(Step.CONNECTION, error)
    return passed(Step.CONNECTION, "Partner Center responds")


def audience(result: ProbeResult) -> Finding:
    """Whether the token is intended for Partner Center's API."""
    if isinstance(result.error, Unauthorized) and not _lacks_mfa(result.error):
        return failed(Step.AUDIENCE, result.error)
    return passed(Step.AUDIENCE, "the token is accepted for this API")


def mfa(result: ProbeResult) -> Finding:
    """Whether the token proves that the user has signed in with MFA. Some calls require that."""
    if result.error is not None and _lacks_mfa(result.error):
        return replace(failed(Step.MFA, result.error), remedy=REMEDIES[MFA_MISSING])
    claim = result.response.headers.get("isMfaCompliant", "") if result.response else ""
    if claim.strip().lower() == "true":
        return passed(Step.MFA, "the token has the MFA claim")
    if claim:
        return Finding(
            Step.MFA,
            Outcome.WARNING,
            "the token has no MFA claim, which only matters if it is the token of a user",
            f"If the gateway signs in as a user: {REMEDIES[MFA_MISSING]}",
        )
    return passed(
        Step.MFA,
        "calls are accepted; whether the token has the MFA claim is unknown",
    )


def user_context(result: ProbeResult, *, is_application: bool) -> Finding:
    """Whether operations that require a user are available.

    Args:
        result: the response to an operation that requires a user. An error about its input shows
            that it is available.
        is_application: whether the configuration has no user on purpose.
    """
    error = result.error
    if error is not None and error.upstream_code == APP_ONLY_REFUSED:
        outcome = Outcome.WARNING if is_application else Outcome.FAILED
        return replace(failed(Step.USER_CONTEXT, error), outcome=outcome)
    if error is None or error.status in (400, 403, 404, 409):
        return passed(Step.USER_CONTEXT, "operations that require a user are available")
    return failed(Step.USER_CONTEXT, error)


def listing(step: Step, result: ProbeResult, count: int, things: str) -> Finding:
    """Whether a list could be read.

    An empty list is a warning: later steps need one of its items.
    """
    if result.error is not None:
        return failed(step, result.error)
    if count == 0:
        return Finding(step, Outcome.WARNING, f"Partner Center returned an empty list of {things}")
    return passed(step, f"{count} {things} read")


def clock(result: ProbeResult) -> Finding:
    """Whether this machine's clock agrees with the vendor's."""
    try:
        date = result.response.headers["Date"] if result.response else ""
        skew_s = result.received_s - email.utils.parsedate_to_datetime(date).timestamp()
    except (KeyError, ValueError):
        return Finding(
            Step.CLOCK,
            Outcome.WARNING,
            "the response has no Date header, so the clocks cannot be compared",
        )
    if abs(skew_s) < _TOLERATED_SKEW_S:
        return passed(Step.CLOCK, f"within {_TOLERATED_SKEW_S:.0f} s of Partner Center's")
    direction = "ahead of" if skew_s > 0 else "behind"
    outcome = Outcome.FAILED if abs(skew_s) > _MAX_SKEW_S else Outcome.WARNING
    detail = f"this machine is {abs(skew_s):.0f} s {direction} Partner Center"
    return Finding(Step.CLOCK, outcome, detail, "Synchronize the clock, for example with NTP.")


def throttle(results: Sequence[ProbeResult]) -> Finding:
    """Whether any of the calls was rate limited."""
    waits = [r.error.retry_after_s for r in results if isinstance(r.error, Throttled)]
    if not waits:
        return passed(Step.THROTTLE, f"none of {len(results)} calls was rate limited")
    detail = f"{len(waits)} of {len(results)} calls were rate limited; retry in {max(waits):.0f} s"
    return Finding(Step.THROTTLE, Outcome.FAILED, detail, remedy_for(Throttled("")))


def _lacks_mfa(error: UpstreamError) -> bool:
    return error.upstream_code == MFA_MISSING or MFA_TEXT in str(error)
