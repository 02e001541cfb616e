import pytest

from gateway.families.step_results import check_failed
from gateway.upstream.errors import (
    Conflict,
    InvalidResponse,
    NoToken,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
    UpstreamBadInput,
    UpstreamError,
    UpstreamForbidden,
    UpstreamNotFound,
)
from schema.user_errors import UserErrorCode


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (UpstreamNotFound, UserErrorCode.NOT_FOUND),
        (UpstreamForbidden, UserErrorCode.REFUSED_BY_VENDOR),
        (UpstreamBadInput, UserErrorCode.REFUSED_BY_VENDOR),
    ],
)
def test_a_rejection_during_the_check_is_final(
    kind: type[UpstreamError], code: UserErrorCode
) -> None:
    checked = check_failed(kind("why"), at=0.0)
    assert checked.blocker is None
    assert checked.refusal is not None
    assert (checked.refusal.code, checked.refusal.message) == (code, "why")


@pytest.mark.parametrize("retry_after_s", [None, 0.0, 3.0])
@pytest.mark.parametrize("kind", [Throttled, Unavailable, TimedOut])
def test_retry_after_is_stored_in_the_blocker(
    kind: type[UpstreamError], retry_after_s: float | None
) -> None:
    error = kind("why")
    error.retry_after_s = retry_after_s
    blocker = check_failed(error, at=0.0).blocker
    assert blocker is not None
    assert blocker.retry_after_s == (retry_after_s or None)


@pytest.mark.parametrize(
    ("kind", "passes"),
    [
        (Unauthorized, False),
        (NoToken, False),
        (Conflict, True),
        (InvalidResponse, True),
        (Throttled, True),
        (TimedOut, True),
        (Unavailable, True),
    ],
)
def test_other_errors_block_the_check_and_refuse_nothing(
    kind: type[UpstreamError], passes: bool
) -> None:
    checked = check_failed(kind("why"), at=0.0)
    assert checked.refusal is None
    assert checked.blocker is not None
    assert checked.blocker.is_transient is passes
