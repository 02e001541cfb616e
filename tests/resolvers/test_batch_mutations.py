"""Errors of a batch name the line, and nothing is recorded."""

from dataclasses import replace

import pytest
from strawberry import ID

from resolvers.batch_mutations import cancel_batch, parse_lines, upgrade_subscriptions
from schema.batch import CancelBatchInput, UpgradeLineInput, UpgradeSubscriptionsInput
from schema.transition import TransitionTypeInput
from schema.upgrade import UpgradeTypeInput
from schema.user_errors import UserErrorCode
from tests.support.directory import StubDirectory, guid, make_request_context

ONLY = UpgradeTypeInput.UPGRADE_ONLY


def line(number: int) -> UpgradeLineInput:
    return UpgradeLineInput(
        customer_id=ID(guid(1)),
        subscription_id=ID(guid(number)),
        target_offer_id=ID("offer-1"),
        upgrade_type=ONLY,
    )


def transition_line(number: int) -> UpgradeLineInput:
    return UpgradeLineInput(
        customer_id=ID(guid(1)),
        subscription_id=ID(guid(number)),
        to_catalog_item_id=ID("CFQ7TTC0LF8Q:0001:CFQ7TTC0KDLJ"),
        transition_type=TransitionTypeInput.TRANSITION_ONLY,
        quantity=1,
    )


PRODUCT_LINE = UpgradeLineInput(customer_id=ID(guid(1)), product_family="azure")


def test_lines_keep_their_order() -> None:
    read, errors = parse_lines([line(3), line(2)])
    assert errors == []
    assert [order.source_id for order in read] == [guid(3), guid(2)]


def test_lines_of_every_kind_may_be_mixed() -> None:
    read, errors = parse_lines([transition_line(1), line(2), PRODUCT_LINE])
    assert errors == []
    assert [order.kind for order in read] == [
        "TRANSITION_SUBSCRIPTION",
        "UPGRADE_SUBSCRIPTION",
        "REQUEST_PRODUCT_UPGRADE",
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([line(1), transition_line(1)], "Line 2: subscriptionId is the same as in line 1."),
        (
            [PRODUCT_LINE, line(1), replace(PRODUCT_LINE, product_family="Azure")],
            "Line 3: customerId and productFamily are the same as in line 1.",
        ),
    ],
    ids=["subscription", "product family"],
)
def test_a_batch_changes_each_subject_once(lines: list[UpgradeLineInput], message: str) -> None:
    _, (error,) = parse_lines(lines)
    assert error.message.startswith(message)
    assert error.field is not None
    assert error.field[3] == message.split()[2]


def test_a_member_of_another_kind_is_named_with_its_line() -> None:
    _, (error,) = parse_lines([line(1), replace(transition_line(2), upgrade_type=ONLY)])
    assert error.field == ["input", "lines", "1", "upgradeType"]
    assert "TRANSITION_SUBSCRIPTION" in error.message


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
            "Line 2: subscriptionId is the same as in line 1.",
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
