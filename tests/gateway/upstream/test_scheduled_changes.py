"""The body that schedules a change at the end of a term (CONTRACT 4.19)."""

import json
from typing import Any

import msgspec
import pytest

from gateway.upstream.errors import InvalidResponse, UpstreamBadInput
from gateway.upstream.scheduled_changes import (
    NextTerm,
    NextTermProduct,
    ScheduleCommand,
    build_schedule_body,
    build_schedule_call,
    decode_full_subscription,
)
from schema.keys import SubscriptionKey
from tests.support.samples import samples

KEY = SubscriptionKey("customer", "S")
NEXT_TERM = NextTerm(
    product=NextTermProduct(
        product_id="P",
        sku_id="0002",
        availability_id="A",
        billing_cycle="annual",
        term_duration="P1Y",
    ),
    quantity=3,
)
WIRE_TERM = {
    "product": {
        "productId": "P",
        "skuId": "0002",
        "availabilityId": "A",
        "billingCycle": "annual",
        "termDuration": "P1Y",
    },
    "quantity": 3,
}
ACTION = {"scheduleType": "TermEnd", "actionType": "Cancel"}
REMOVAL = ScheduleCommand(KEY, None)
CHANGE = ScheduleCommand(KEY, NEXT_TERM)
REPLACEMENT = ScheduleCommand(KEY, NEXT_TERM, replaces_actions=True)


def _body(command: ScheduleCommand, **read: Any) -> Any:
    raw = json.dumps({"id": "s", **read}).encode()
    return json.loads(build_schedule_body(decode_full_subscription(raw, KEY), command))


def test_the_repaired_request_of_the_document_is_built_from_its_subscription_q31() -> None:
    wanted = samples()["schedule-change.request"].json
    instructions = wanted["scheduledNextTermInstructions"]
    read = {name: value for name, value in wanted.items() if value is not instructions}
    key = SubscriptionKey("customer", wanted["id"])
    full = decode_full_subscription(json.dumps(read).encode(), key)
    command = ScheduleCommand(key, msgspec.convert(instructions, NextTerm))
    assert json.loads(build_schedule_body(full, command)) == wanted


def test_auto_renew_that_somebody_switched_off_is_not_switched_on_again() -> None:
    with pytest.raises(UpstreamBadInput, match="Switch auto-renew on in Partner Center"):
        _body(CHANGE, autoRenewEnabled=False)
    assert _body(REPLACEMENT, autoRenewEnabled=False, scheduledActions=[ACTION])["autoRenewEnabled"]


def test_every_member_is_sent_back_as_it_came_known_or_not() -> None:
    raw = (
        b'\xef\xbb\xbf{"id": "s", "unknown": {"deep": [1.10, 12345678901234567890123]},'
        b' "friendlyName": "", "links": null, "Quantity": 4}'
    )
    body = build_schedule_body(decode_full_subscription(raw, KEY), CHANGE)
    assert b'"unknown":{"deep": [1.10, 12345678901234567890123]}' in body
    assert json.loads(body) == {
        "id": "s",
        "unknown": {"deep": [1.1, 12345678901234567890123]},
        "friendlyName": "",
        "links": None,
        "Quantity": 4,
        "scheduledNextTermInstructions": WIRE_TERM,
        "autoRenewEnabled": True,
    }


def test_a_change_replaces_an_earlier_one_whatever_the_casing_of_its_member() -> None:
    body = _body(CHANGE, ScheduledNextTermInstructions={"quantity": 1}, AutoRenewEnabled=None)
    assert body == {
        "id": "s",
        "ScheduledNextTermInstructions": WIRE_TERM,
        "AutoRenewEnabled": True,
    }


def test_a_removal_sends_null_and_leaves_renewal_as_it_was() -> None:
    body = _body(REMOVAL, scheduledNextTermInstructions=WIRE_TERM, autoRenewEnabled=False)
    assert body == {"id": "s", "scheduledNextTermInstructions": None, "autoRenewEnabled": False}


@pytest.mark.parametrize("name", ["scheduledActions", "ScheduledActions"])
@pytest.mark.parametrize("actions", [[ACTION], ACTION, [{"only": "unknown"}]])
@pytest.mark.parametrize("command", [CHANGE, REMOVAL])
def test_the_older_shape_is_not_written_over_scheduled_actions_q34(
    name: str, actions: object, command: ScheduleCommand
) -> None:
    with pytest.raises(UpstreamBadInput, match="scheduledActions"):
        _body(command, **{name: actions})


@pytest.mark.parametrize("actions", [[ACTION], ACTION])
def test_scheduled_actions_are_replaced_in_the_newer_shape_alone_q34(actions: object) -> None:
    body = _body(REPLACEMENT, scheduledActions=actions, scheduledNextTermInstructions=WIRE_TERM)
    action = {
        "scheduleType": "TermEnd",
        "actionType": "RenewToNewTerm",
        "instructions": WIRE_TERM,
    }
    assert body == {"id": "s", "scheduledActions": [action], "autoRenewEnabled": True}


def test_scheduled_actions_are_removed_with_null() -> None:
    command = ScheduleCommand(KEY, None, replaces_actions=True)
    body = _body(command, scheduledActions=[ACTION], autoRenewEnabled=False)
    assert body == {"id": "s", "scheduledActions": None, "autoRenewEnabled": False}


@pytest.mark.parametrize("empty", [None, [], {}, "", [{}], [None]])
@pytest.mark.parametrize("command", [CHANGE, REPLACEMENT])
def test_empty_scheduled_actions_are_left_out_so_that_the_older_shape_counts_q34(
    empty: object, command: ScheduleCommand
) -> None:
    body = _body(command, scheduledActions=empty)
    assert body == {
        "id": "s",
        "scheduledNextTermInstructions": WIRE_TERM,
        "autoRenewEnabled": True,
    }


@pytest.mark.parametrize(
    ("attributes", "headers"),
    [
        ({"etag": 'W/"7"'}, (("If-Match", 'W/"7"'),)),
        ({"Etag": "7"}, (("If-Match", "7"),)),
        ({"etag": ""}, ()),
        ({}, ()),
        (None, ()),
    ],
)
def test_an_etag_is_sent_if_one_was_read(attributes: object, headers: object) -> None:
    raw = json.dumps({"id": "s", "attributes": attributes}).encode()
    call = build_schedule_call(decode_full_subscription(raw, KEY), CHANGE)
    assert call.headers == headers
    assert (call.endpoint.method, call.url_path) == (
        "PATCH",
        "/v1/customers/customer/subscriptions/S",
    )


@pytest.mark.parametrize("etag", ["7\r\nX-Evil: 1", "é", "x" * 2000])
def test_an_etag_that_is_no_header_is_not_sent(etag: str) -> None:
    raw = json.dumps({"id": "s", "attributes": {"etag": etag}}).encode()
    with pytest.raises(InvalidResponse):
        build_schedule_call(decode_full_subscription(raw, KEY), CHANGE)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id": "another"}', b'{"code": 3000}'])
def test_a_body_that_is_not_the_subscription_is_not_sent_back(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - also what msgspec raises
        decode_full_subscription(body, KEY)
