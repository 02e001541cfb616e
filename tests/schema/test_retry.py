import pytest

from schema.operation import Retry, UserErrorCode, retry_after


@pytest.mark.parametrize(
    ("code", "is_recorded", "expected"),
    [
        (UserErrorCode.INVALID_INPUT, False, Retry.SAME_KEY),
        (UserErrorCode.STORE_UNAVAILABLE, False, Retry.SAME_KEY),
        (UserErrorCode.FORBIDDEN_BY_OPERATOR, False, Retry.SAME_KEY),
        (UserErrorCode.NOT_FOUND, False, Retry.SAME_KEY),
        (UserErrorCode.NOT_FOUND, True, Retry.NEW_KEY),
        (UserErrorCode.UPGRADE_IN_PROGRESS, True, Retry.NEW_KEY),
        (UserErrorCode.NOT_SENT, True, Retry.NEW_KEY),
        (UserErrorCode.SETTLED_AS_NOT_DONE, True, Retry.NEW_KEY),
        (UserErrorCode.IDEMPOTENCY_KEY_REUSED, False, Retry.NEW_KEY),
        (UserErrorCode.EARLIER_IN_DOUBT, True, Retry.AFTER_SETTLEMENT),
        (UserErrorCode.OUTCOME_UNKNOWN, True, Retry.AFTER_SETTLEMENT),
        (UserErrorCode.NOT_IN_DOUBT, False, Retry.NONE),
        (UserErrorCode.BATCH_ENDED, False, Retry.NONE),
    ],
)
def test_an_error_says_how_to_ask_again(
    code: UserErrorCode, is_recorded: bool, expected: Retry
) -> None:
    assert retry_after(code, is_recorded=is_recorded) is expected
