"""Decides whether and when a read is retried (CONTRACT 8.2). Writes have their own rules."""

from dataclasses import dataclass
from typing import Final

from gateway.upstream.errors import (
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
    UpstreamError,
)
from gateway.upstream.transport.base import ResponseTooLarge, TransportError

_RETRYABLE_STATUSES: Final = frozenset({408, 500, 502, 503, 504})
# A retired audience, or a user without MFA: another token of the same kind is rejected too.
_UNRECOVERABLE_TOKEN_CODES: Final = frozenset({"900420", "900421"})
# The delays of the vendor's own SDK. Jitter scales them down so that clients spread out.
_BACKOFF_S: Final = (0.5, 1.5, 3.5)
_MIN_PAUSE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to make a call.

    Attributes:
        number: the number of the attempt, from 1.
        max_attempts: the maximum number of attempts, including the first.
        token_refreshed: whether a fresh token has already been requested.
    """

    number: int
    max_attempts: int
    token_refreshed: bool = False


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """The decision to retry after `delay_s`; with a fresh token if `refresh_token` is set."""

    delay_s: float
    refresh_token: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """The decision not to retry.

    Attributes:
        hit_deadline: whether the only reason is that there is no time for another attempt.
    """

    hit_deadline: bool = False


def decide(
    attempt: Attempt,
    outcome: UpstreamError | TransportError,
    remaining_s: float,
    jitter: float,
) -> RetryAfter | Stop:
    """Decide whether to retry a read after a failed attempt.

    Args:
        attempt: the failed attempt.
        outcome: its error.
        remaining_s: seconds until the request's deadline.
        jitter: a random number from 0 to 1.
    """
    is_throttled = isinstance(outcome, Throttled)
    if attempt.number >= attempt.max_attempts and not is_throttled:
        return Stop()
    step = _desired_step(attempt, outcome, jitter)
    if isinstance(step, RetryAfter) and step.delay_s >= remaining_s:
        return Stop(hit_deadline=True)
    return step


def is_unrecoverable_token(error: UpstreamError) -> bool:
    """Whether the vendor would also reject another token of the same kind."""
    return error.upstream_code in _UNRECOVERABLE_TOKEN_CODES


def _desired_step(
    attempt: Attempt, outcome: UpstreamError | TransportError, jitter: float
) -> RetryAfter | Stop:
    backoff_s = _BACKOFF_S[min(attempt.number, len(_BACKOFF_S)) - 1] * jitter
    if isinstance(outcome, Throttled):
        # First the requested delay; a backoff is added if that was not enough (CONTRACT 9). These
        # retries are limited by the deadline, not by the number of attempts.
        extra_s = backoff_s if attempt.number > 1 else 0.0
        return RetryAfter(max(outcome.retry_after_s, _MIN_PAUSE_S) + extra_s)
    if isinstance(outcome, Unauthorized):
        unrecoverable = is_unrecoverable_token(outcome)
        return (
            Stop()
            if unrecoverable or attempt.token_refreshed
            else RetryAfter(0.0, refresh_token=True)
        )
    if isinstance(outcome, UpstreamError):
        requested_s = outcome.retry_after_s or 0.0
        return RetryAfter(max(backoff_s, requested_s)) if _is_temporary(outcome) else Stop()
    return Stop() if isinstance(outcome, ResponseTooLarge) else RetryAfter(backoff_s)


def _is_temporary(error: UpstreamError) -> bool:
    # Without a status, the error is about the issuer of tokens.
    has_no_response = error.status is None and isinstance(error, TimedOut | Unavailable)
    return has_no_response or error.status in _RETRYABLE_STATUSES
