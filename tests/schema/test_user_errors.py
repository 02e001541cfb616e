import pytest

from schema.user_errors import RetryAdvice, UserErrorCode, decide_retry


@pytest.mark.parametrize(
    ("code", "is_recorded", "expected"),
    [
        (UserErrorCode.INVALID_INPUT, False, RetryAdvice.SAME_KEY),
        (UserErrorCode.STORE_UNAVAILABLE, False, RetryAdvice.SAME_KEY),
        (UserErrorCode.FORBIDDEN_BY_OPERATOR, False, RetryAdvice.SAME_KEY),
        (UserErrorCode.NOT_FOUND, False, RetryAdvice.SAME_KEY),
        (UserErrorCode.NOT_FOUND, True, RetryAdvice.NEW_KEY),
        (UserErrorCode.UPGRADE_IN_PROGRESS, True, RetryAdvice.NEW_KEY),
        (UserErrorCode.NOT_SENT, True, RetryAdvice.NEW_KEY),
        (UserErrorCode.SETTLED_AS_NOT_DONE, True, RetryAdvice.NEW_KEY),
        (UserErrorCode.IDEMPOTENCY_KEY_REUSED, False, RetryAdvice.NEW_KEY),
        (UserErrorCode.EARLIER_IN_DOUBT, True, RetryAdvice.AFTER_SETTLEMENT),
        (UserErrorCode.OUTCOME_UNKNOWN, True, RetryAdvice.AFTER_SETTLEMENT),
        (UserErrorCode.NOT_IN_DOUBT, False, RetryAdvice.NONE),
        (UserErrorCode.BATCH_ENDED, False, RetryAdvice.NONE),
    ],
)
def test_an_error_says_how_to_retry(
    code: UserErrorCode, is_recorded: bool, expected: RetryAdvice
) -> None:
    assert decide_retry(code, is_recorded=is_recorded) is expected
