"""Every enum value of CONTRACT 6 in every form that the vendor may send."""

from enum import Enum
from typing import Any

import pytest

from gateway.upstream.models import enums
from gateway.upstream.models.enums import EnumDecoder, raw_enum

# The contract's snake_case names in the order of their numbers; `-` is an unused number.
NUMBERED: dict[str, tuple[EnumDecoder[Any], str]] = {
    "UpgradeType": (enums.UPGRADE_TYPE, "none upgrade_only upgrade_with_license_transfer"),
    "UpgradeErrorCode": (
        enums.UPGRADE_ERROR_CODE,
        "other delegated_admin_permissions_disabled subscription_status_not_active"
        " conflicting_service_types concurrency_conflicts user_context_required"
        " subscription_add_ons_present subscription_does_not_have_any_upgrade_paths"
        " subscription_target_offer_not_found subscription_not_provisioned"
        " offer_does_not_support_billing_cycle insufficient_granular_admin_permissions",
    ),
    "TransitionErrorCode": (
        enums.TRANSITION_ERROR_CODE,
        "other delegated_admin_permissions_disabled subscription_status_not_active"
        " conflicting_service_types concurrency_conflicts user_context_required"
        " subscription_add_ons_present subscription_does_not_have_any_transitioned_paths"
        " subscription_target_offer_not_found subscription_not_provisioned"
        " offer_does_not_support_billing_cycle conversions_not_found user_license_error"
        " insufficient_granular_admin_permissions",
    ),
    "TargetSubscriptionErrorCode": (
        enums.TARGET_SUBSCRIPTION_ERROR_CODE,
        "- subscription_not_active subscription_in_cancellation_window"
        " subscription_term_duration_shorter_than_source_term_duration"
        " subscription_term_end_before_source_term_end",
    ),
    "SubscriptionStatus": (
        enums.SUBSCRIPTION_STATUS,
        "none active suspended deleted expired pending disabled",
    ),
    "BillingType": (enums.BILLING_TYPE, "none usage license"),
    "BillingCycleType": (
        enums.BILLING_CYCLE,
        "unknown monthly annual none one_time triennial biennial",
    ),
    "ContractType": (enums.CONTRACT_TYPE, "subscription product_key redemption_code"),
    "ProvisioningStatus": (enums.PROVISIONING_STATUS, "none success pending failed"),
    "CustomerPartnerRelationship": (
        enums.RELATIONSHIP,
        "unknown reseller advisor syndication microsoft_support none",
    ),
}
# Enums that are sent as text only, and values whose number is not documented.
NAMED: dict[str, tuple[EnumDecoder[Any], str]] = {
    "BillingType": (enums.BILLING_TYPE, "benefit"),
    "LimitUnitOfMeasure": (enums.LIMIT_UNIT_OF_MEASURE, "none concurrent life_time"),
    "RefundType": (enums.REFUND_TYPE, "partial full"),
    "ProductUpgradeState": (
        enums.PRODUCT_UPGRADE_STATE,
        "pending in_progress completed failed",
    ),
    "TransitionType": (
        enums.TRANSITION_TYPE,
        "none transition_only transition_with_license_transfer",
    ),
    "TransitionEventName": (enums.TRANSITION_EVENT_NAME, "conversion license_reassignment"),
    "TransitionEventStatus": (enums.TRANSITION_EVENT_STATUS, "in_progress completed failed"),
}


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _cases(table: dict[str, tuple[EnumDecoder[Any], str]]) -> list[object]:
    return [
        pytest.param(reader, number, name, id=f"{kind}-{name}")
        for kind, (reader, names) in table.items()
        for number, name in enumerate(names.split())
        if name != "-"
    ]


@pytest.mark.parametrize(("reader", "number", "name"), _cases(NUMBERED) + _cases(NAMED))
def test_a_name_is_decoded_in_every_spelling(
    reader: EnumDecoder[Any], number: int, name: str
) -> None:
    pascal = _pascal(name)
    camel = pascal[0].lower() + pascal[1:]
    for spelling in (name, name.upper(), pascal, camel, f"{name} ", f" {pascal}"):
        member = reader(spelling)
        assert member is not None
        assert member.name == name.upper()


@pytest.mark.parametrize(("reader", "number", "name"), _cases(NUMBERED))
def test_a_number_is_decoded_as_number_and_as_text(
    reader: EnumDecoder[Any], number: int, name: str
) -> None:
    for spelling in (number, str(number)):
        member = reader(spelling)
        assert member is not None
        assert member.name == name.upper()


@pytest.mark.parametrize(
    "reader", [case[0] for case in (NUMBERED | NAMED).values()], ids=list(NUMBERED | NAMED)
)
@pytest.mark.parametrize("raw", ["value_of_the_future", 4711, "4711", -1, "-1", "1_0", "[]"])
def test_an_unknown_value_becomes_unknown(reader: EnumDecoder[Any], raw: str | int) -> None:
    assert reader.required(raw).name == "UNKNOWN"
    assert raw_enum(raw) == str(raw)


@pytest.mark.parametrize("absent", [None, ""])
def test_an_absent_value_is_null_or_unknown_where_required(absent: str | None) -> None:
    assert enums.UPGRADE_TYPE(absent) is None
    assert enums.UPGRADE_TYPE.required(absent).name == "UNKNOWN"
    assert raw_enum(absent) is None


def test_every_member_of_the_graphs_enums_can_be_decoded() -> None:
    for reader, names in (NUMBERED | NAMED).values():
        members = type(reader.required("?"))
        reachable = {name.upper() for _, all_names in _of(members) for name in all_names}
        assert {member.name for member in members} - reachable <= {"UNKNOWN"}, names


def _of(members: type[Enum]) -> list[tuple[EnumDecoder[Any], list[str]]]:
    tables = [*NUMBERED.values(), *NAMED.values()]
    return [(r, names.split()) for r, names in tables if type(r.required("?")) is members]


@pytest.mark.parametrize(
    ("sent", "name"),
    [("Started ", "IN_PROGRESS"), ("InProgress", "IN_PROGRESS"), ("Completed", "COMPLETED")],
)
def test_a_started_event_is_in_progress(sent: str, name: str) -> None:
    assert enums.TRANSITION_EVENT_STATUS.required(sent).name == name


def test_seat_and_license_reassignment_are_the_same() -> None:
    names = enums.TRANSITION_EVENT_NAME
    assert names("SeatReassignment") is names("LicenseReassignment")


@pytest.mark.parametrize("sent", ["InProgress", "in progress", "IN-PROGRESS", "in_progress"])
def test_a_product_upgrade_state_is_decoded_without_separators(sent: str) -> None:
    assert enums.PRODUCT_UPGRADE_STATE.required(sent).name == "IN_PROGRESS"
