"""The redaction of resources in audit records (Q37)."""

import json
from typing import Any

import pytest

from gateway.upstream.models.audit_value import REDACTED, redact
from tests.support.samples import samples


def _new_value(number: int) -> Any:
    return redact(samples()["audit-records-day.response"].json["items"][number]["resourceNewValue"])


def test_a_customer_has_neither_password_nor_personal_data_q37() -> None:
    customer = _new_value(2)
    shown = json.dumps(customer)
    assert customer["UserCredentials"] == {"userName": REDACTED, "password": REDACTED}
    assert customer["BillingProfile"]["DefaultAddress"]["City"] == REDACTED
    assert customer["Id"] == "86bddccf-9a53-40c6-907c-08067a3f8da7"
    assert customer["AllowDelegatedAccess"] is True
    for secret in ("admin", "CustomMeters", "Seattle", "98122", "WA"):
        assert secret not in shown


def test_an_order_keeps_what_was_bought_q37() -> None:
    order = _new_value(1)
    (line,) = order["LineItems"]
    assert (order["Id"], order["Status"]) == ("Ia80ZLkXp6eWOqpp35pBQJLhqv9IiGVZ1", "pending")
    assert (line["OfferId"], line["Quantity"]) == ("DZH318Z0C964:0001:DZH318Z0BZDG", 1)
    assert line["SubscriptionId"] == "f428d44a-d08b-348b-579e-ce92a6362c7b"
    assert line["FriendlyName"] == REDACTED
    assert line["Pricing"] is None


@pytest.mark.parametrize("member", ["Password", "PhoneNumber", "unheard of", "Id "])
@pytest.mark.parametrize("value", ["x", 5, 1.5, ["x"], [["x"]]])
def test_a_member_that_is_not_known_is_redacted_at_any_depth(member: str, value: object) -> None:
    (line,) = redact(json.dumps({"Quantity": {"LineItems": [{member: value}]}}))["Quantity"][
        "LineItems"
    ]
    shown = line[member]
    while isinstance(shown, list):
        (shown,) = shown
    assert shown == REDACTED


def test_a_known_member_that_is_an_object_does_not_expose_its_members() -> None:
    assert redact('{"Status": {"By": "Jo"}}') == {"Status": {"By": REDACTED}}


@pytest.mark.parametrize("text", ["not JSON", '{"cut', '"a text"', "5", "[" * 100_000])
def test_a_text_that_is_no_object_is_redacted_as_a_whole(text: str) -> None:
    assert redact(text) == REDACTED


@pytest.mark.parametrize("text", [None, "", "null"])
def test_no_text_is_null(text: str | None) -> None:
    assert redact(text) is None
