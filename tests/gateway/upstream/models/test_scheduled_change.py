"""The shapes in which a change at the end of a term is sent (CONTRACT 4.19, Q32 to Q34)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.upstream.models.subscription import decode_subscription, decode_subscriptions
from schema.customer_subscription import CustomerSubscription
from schema.scheduled_change import ScheduledActionType, ScheduledChangeShape, ScheduleType
from schema.subscription_terms import TermProduct
from tests.support.samples import samples

INSTRUCTIONS = {"product": {"productId": "P", "skuId": "0002"}, "quantity": 7}
ACTION = {"actionType": "RenewToNewTerm", "instructions": INSTRUCTIONS}


def _subscription(**members: Any) -> CustomerSubscription:
    return decode_subscription(json.dumps({"id": "s", **members}).encode(), "customer")


def test_the_printed_subscription_has_its_change_from_the_older_member() -> None:
    subscription = decode_subscription(samples()["schedule-change.response"].body, "customer")
    change = subscription.scheduled_change
    assert change is not None
    assert change.shape is ScheduledChangeShape.SCHEDULED_NEXT_TERM_INSTRUCTIONS
    assert change.schedule_type is ScheduleType.TERM_END
    assert change.action_type is ScheduledActionType.RENEW_TO_NEW_TERM
    assert (change.raw_schedule_type, change.raw_action_type) == (None, None)
    assert change.quantity == 1
    assert isinstance(change.product, TermProduct)
    assert (change.product.sku_id, change.product.term_duration) == ("000P", "P3Y")


def test_a_custom_term_end_date_without_a_zone_is_in_utc_at_both_levels_q32() -> None:
    subscription = decode_subscription(samples()["schedule-change.response"].body, "customer")
    end = datetime(2019, 1, 9, 0, 21, 45, 926372, UTC)
    assert subscription.custom_term_end_date == end
    assert subscription.scheduled_change is not None
    assert subscription.scheduled_change.custom_term_end_date == end


@pytest.mark.parametrize("member", ["scheduleType", "scheduledType", "ScheduledType"])
@pytest.mark.parametrize("is_array", [True, False])
def test_actions_are_read_by_both_names_as_an_array_and_as_one_object_q33(
    member: str, is_array: bool
) -> None:
    action = {member: "TermEnd", **ACTION}
    sent = _subscription(scheduledActions=[action] if is_array else action)
    (listed,) = sent.scheduled_actions
    change = sent.scheduled_change
    assert change is not None
    assert listed.raw_schedule_type == change.raw_schedule_type == "TermEnd"
    assert change.schedule_type is ScheduleType.TERM_END
    assert change.action_type is ScheduledActionType.RENEW_TO_NEW_TERM
    assert change.quantity == 7


def test_scheduled_actions_count_and_the_older_member_does_not_q34() -> None:
    actions = [{"scheduleType": "TermEnd", "actionType": "Cancel"}]
    sent = _subscription(scheduledActions=actions, scheduledNextTermInstructions=INSTRUCTIONS)
    change = sent.scheduled_change
    assert change is not None
    assert change.shape is ScheduledChangeShape.SCHEDULED_ACTIONS
    assert change.action_type is ScheduledActionType.CANCEL
    assert (change.product, change.quantity) == (None, None)
    assert sent.scheduled_next_term_instructions is not None


@pytest.mark.parametrize("empty", [None, [], "", [None]])
def test_empty_scheduled_actions_leave_the_older_member_in_force_q34(empty: object) -> None:
    sent = _subscription(scheduledActions=empty, scheduledNextTermInstructions=INSTRUCTIONS)
    change = sent.scheduled_change
    assert change is not None
    assert change.shape is ScheduledChangeShape.SCHEDULED_NEXT_TERM_INSTRUCTIONS
    assert change.quantity == 7


def test_the_action_at_the_end_of_the_term_is_shown_first() -> None:
    on_a_date = {"scheduleType": "CustomDate", "effectiveDate": "2026-03-01T00:00:00Z"}
    at_the_end = {"scheduleType": "TermEnd", **ACTION}
    both = _subscription(scheduledActions=[on_a_date, at_the_end]).scheduled_change
    alone = _subscription(scheduledActions=[on_a_date]).scheduled_change
    assert both is not None
    assert alone is not None
    assert both.quantity == 7
    assert alone.effective_date == datetime(2026, 3, 1, tzinfo=UTC)


def test_an_action_that_is_not_known_is_shown_as_sent() -> None:
    action = {"scheduleType": "FullMoon", "actionType": "Rest", "surprise": {"x": 1}}
    change = _subscription(scheduledActions=[action]).scheduled_change
    assert change is not None
    assert change.schedule_type is ScheduleType.UNKNOWN
    assert change.raw_schedule_type == "FullMoon"
    assert change.action_type is ScheduledActionType.UNKNOWN
    assert change.raw_action_type == "Rest"


def test_items_of_a_list_have_their_changes() -> None:
    items = [{"id": "a", "scheduledNextTermInstructions": INSTRUCTIONS}, {"id": "b"}]
    first, second = decode_subscriptions(json.dumps({"items": items}).encode(), "customer")
    assert first.scheduled_change is not None
    assert second.scheduled_change is None
