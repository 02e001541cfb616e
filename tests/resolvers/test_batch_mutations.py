"""Errors of a batch name the line, and nothing is recorded."""

from dataclasses import replace

import pytest
from strawberry import ID

from resolvers.batch_mutations import cancel_batch, parse_lines, upgrade_subscriptions
from schema.batch import CancelBatchInput, UpgradeLineInput, UpgradeSubscriptionsInput
from schema.upgrade import UpgradeTypeInput
from schema.user_errors import UserErrorCode
from tests.support.directory import StubDirectory, guid, make_request_context


def line(number: int) -> UpgradeLineInput:
    return UpgradeLineInput(
        customer_id=ID(guid(1)),
        subscription_id=ID(guid(number)),
        target_offer_id=ID("offer-1"),
        upgrade_type=UpgradeTypeInput.UPGRADE_ONLY,
    )


def test_lines_keep_their_order() -> None:
    read, errors = parse_lines([line(3), line(2)])
    assert errors == []
    assert [order.source.subscription_id for order in read] == [guid(3), guid(2)]


@pytest.mark.parametrize(
    ("wrong", "path", "message"),
    [
        pytest.param(
            replace(line(2), customer_id=ID("x")), "customerId", "Line 2: customerId must be a GUID"
        ),
        pytest.param(
            replace(line(2), quantity=0), "quantity", "Line 2: quantity must be at least 1"
        ),
        pytest.param(
            replace(line(1), subscription_id=ID(guid(1).upper())),
            "subscriptionId",
            "Line 2: subscriptionId is also in line 1.",
        ),
    ],
    ids=["id", "quantity", "twice"],
)
def test_an_invalid_line_is_named(wrong: UpgradeLineInput, path: str, message: str) -> None:
    _, (error,) = parse_lines([line(1), wrong])
    assert error.code is UserErrorCode.INVALID_INPUT
    assert error.field == ["input", "lines", "1", path]
    assert error.message.startswith(message)


@pytest.mark.parametrize(("count", "advice"), [(0, "Send at least one"), (5_001, "Send several")])
def test_a_batch_is_1_to_5000_lines(count: int, advice: str) -> None:
    read, (error,) = parse_lines([line(1)] * count)
    assert read == []
    assert error.field == ["input", "lines"]
    assert f"not {count}. {advice}" in error.message


def test_the_number_of_line_errors_is_limited() -> None:
    _, errors = parse_lines([replace(line(1), quantity=0)] * 100)
    assert len(errors) == 20


@pytest.mark.parametrize(
    ("key", "wait_seconds", "code"),
    [
        ("", 0, UserErrorCode.INVALID_INPUT),
        ("key-1", 61, UserErrorCode.INVALID_INPUT),
        ("key-1", 0, UserErrorCode.STORE_UNAVAILABLE),
    ],
    ids=["no key", "too long a wait", "no store"],
)
async def test_a_batch_that_cannot_be_recorded_is_a_user_error(
    key: str, wait_seconds: int, code: UserErrorCode
) -> None:
    order = UpgradeSubscriptionsInput(
        idempotency_key=key, lines=[line(1)], wait_seconds=wait_seconds
    )
    payload = await upgrade_subscriptions(make_request_context(StubDirectory()), order)
    assert payload.batch is None
    assert [error.code for error in payload.user_errors] == [code]


@pytest.mark.parametrize(
    ("wait_seconds", "code"),
    [(0, UserErrorCode.NOT_FOUND), (-1, UserErrorCode.INVALID_INPUT)],
    ids=["unknown", "wait"],
)
async def test_a_batch_that_cannot_be_cancelled_is_a_user_error(
    wait_seconds: int, code: UserErrorCode
) -> None:
    order = CancelBatchInput(batch_id=ID("unknown"), wait_seconds=wait_seconds)
    payload = await cancel_batch(make_request_context(StubDirectory()), order)
    assert payload.batch is None
    assert [error.code for error in payload.user_errors] == [code]
