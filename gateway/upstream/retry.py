"""Whether and when a read is sent again (CONTRACT 8.2); writes have rules of their own."""

from dataclasses import dataclass
from typing import Final

from gateway.upstream.errors import (
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
    UpstreamError,
)
from gateway.upstream.transport import AnswerTooLarge, TransportFailure

_PASSING_STATUSES: Final = frozenset({408, 500, 502, 503, 504})
# Another token of the same kind is refused too: a retired audience, or nobody passed MFA.
_HOPELESS_TOKEN_CODES: Final = frozenset({"900420", "900421"})
# The vendor's own SDK waits these; ours are scaled down at random so that clients do not march.
_WAITS_S: Final = (0.5, 1.5, 3.5)
_SHORTEST_PAUSE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which send of a call this is.

    Attributes:
        number: from 1 on.
        max_attempts: sends of one call, the first included.
        token_refreshed: a fresh token has been forced already.
    """

    number: int
    max_attempts: int
    token_refreshed: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Send again after so many seconds, with a fresh token if it says so."""

    seconds: float
    refresh_token: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """This outcome is final, if only because there is no time for another send."""

    for_lack_of_time: bool = False


def next_step(
    attempt: Attempt,
    outcome: UpstreamError | TransportFailure,
    remaining_s: float,
    jitter: float,
) -> Wait | GiveUp:
    """Decide after a failed attempt of a read.

    Args:
        attempt: the one that failed.
        outcome: the vendor's refusal, or how the exchange failed.
        remaining_s: seconds until the request's deadline.
        jitter: at random from 0 to 1.
    """
    is_throttled = isinstance(outcome, Throttled)
    if attempt.number >= attempt.max_attempts and not is_throttled:
        return GiveUp()
    step = _wished_step(attempt, outcome, jitter)
    if isinstance(step, Wait) and step.seconds >= remaining_s:
        return GiveUp(for_lack_of_time=True)
    return step


def is_hopeless_token(refusal: UpstreamError) -> bool:
    """Whether another token of the same kind would be refused too."""
    return refusal.upstream_code in _HOPELESS_TOKEN_CODES


def _wished_step(
    attempt: Attempt, outcome: UpstreamError | TransportFailure, jitter: float
) -> Wait | GiveUp:
    backoff_s = _WAITS_S[min(attempt.number, len(_WAITS_S)) - 1] * jitter
    if isinstance(outcome, Throttled):
        # What was asked at first, and more each time that was not enough (CONTRACT 9). Being
        # told to wait is no failure: the deadline bounds these sends, not their number.
        extra_s = backoff_s if attempt.number > 1 else 0.0
        return Wait(max(outcome.retry_after_s, _SHORTEST_PAUSE_S) + extra_s)
    if isinstance(outcome, Unauthorized):
        hopeless = is_hopeless_token(outcome)
        return GiveUp() if hopeless or attempt.token_refreshed else Wait(0.0, refresh_token=True)
    if isinstance(outcome, UpstreamError):
        asked_s = outcome.retry_after_s or 0.0
        return Wait(max(backoff_s, asked_s)) if _may_pass(outcome) else GiveUp()
    return GiveUp() if isinstance(outcome, AnswerTooLarge) else Wait(backoff_s)


def _may_pass(error: UpstreamError) -> bool:
    """No status at all: whoever issues tokens did not answer."""
    silent = error.status is None and isinstance(error, TimedOut | Unavailable)
    return silent or error.status in _PASSING_STATUSES
