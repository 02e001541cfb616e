import json
from typing import Any

import pytest

from gateway.sandbox.bodies import product_upgrades as product_upgrade_bodies
from gateway.sandbox.bodies import subscriptions, transitions
from gateway.sandbox.bodies.envelope import build_collection, build_link
from gateway.sandbox.bodies.offers import build_offer
from gateway.sandbox.catalog import Market
from gateway.sandbox.enums import BillingCycle, EnumNumber, UpgradeErrorCode, UpgradeType
from gateway.sandbox.errors import build_error_body
from gateway.sandbox.options import Timings
from gateway.sandbox.product_upgrades import ProductUpgradeEligibility
from gateway.sandbox.quirks import Quirk, WireProfile, encode
from gateway.sandbox.rendering import UNKNOWN_NUMBER, apply_quirks, render
from gateway.sandbox.timestamps import Timestamp
from gateway.sandbox.transitions import list_events
from gateway.sandbox.world import World
from tests.gateway.sandbox.conftest import NOW_S

BODY: dict[str, Any] = {
    "id": "d0ef9c0c-6137-49c0-8f27-2debcbe335ee",
    "upgradeType": UpgradeType.UPGRADE_ONLY,
    "code": EnumNumber(UpgradeErrorCode.CONFLICTING_SERVICE_TYPES),
    "billingCycle": BillingCycle.ONE_TIME,
    "at": Timestamp(1_610_128_874.748861, digits=3),
    "errors": [],
}


def render_json(body: Any, *quirks: Quirk) -> Any:
    return json.loads(render(body, WireProfile(frozenset(quirks))).decode("utf-8-sig"))


@pytest.fixture
def transition(world: World) -> dict[str, Any]:
    customer = world.get_customer(world.examples.transition_customer_id, NOW_S)
    source = customer.subscriptions[world.examples.running_transition_subscription_id]
    record = customer.transitions[source.id][0]
    events = list_events(record, NOW_S, Timings())
    return transitions.build_transition(record, events, source, world.catalog)


@pytest.fixture
def subscription(world: World) -> dict[str, Any]:
    customer = world.get_customer(world.examples.transition_customer_id, NOW_S)
    source = customer.subscriptions[world.examples.new_commerce_subscription_id]
    return subscriptions.build_subscription(source, customer, world.catalog, world.renewals)


def test_q01_a_byte_order_mark_precedes_the_body() -> None:
    raw = render({"a": 1}, WireProfile.from_names(["bom"]))
    assert raw == b'\xef\xbb\xbf{"a":1}'


def test_q02_every_member_can_be_in_pascal_case() -> None:
    assert render_json(build_collection([{"id": 1}]), Quirk.PASCAL_CASE) == {
        "TotalCount": 1,
        "Items": [{"Id": 1}],
        "Attributes": {"ObjectType": "Collection"},
    }


def test_q02_cases_can_be_mixed_as_in_the_samples(transition: dict[str, Any]) -> None:
    body = render_json(transition, Quirk.MIXED_CASE)
    assert {"Events", "FromCatalogItemId", "ToCatalogItemId", "Attributes"} <= body.keys()
    assert {"quantity", "transitionType"} <= body.keys()


@pytest.mark.parametrize(
    ("quirks", "upgrade_type", "code", "cycle"),
    [
        ((), "upgrade_only", 3, "one_time"),
        ((Quirk.ENUM_STRINGS,), "upgrade_only", "conflicting_service_types", "one_time"),
        ((Quirk.ENUM_INTEGERS,), 1, 3, 4),
        ((Quirk.ENUM_PASCAL,), "UpgradeOnly", "ConflictingServiceTypes", "OneTime"),
        ((Quirk.ENUM_UNKNOWN,), "not_yet_invented", UNKNOWN_NUMBER, "not_yet_invented"),
        ((Quirk.CAPITAL_CYCLES,), "upgrade_only", 3, "OneTime"),
    ],
    ids=["as sampled", "strings", "integers", "pascal", "unknown", "capital cycles"],
)
def test_q03_enumerations_can_have_every_form(
    quirks: tuple[Quirk, ...], upgrade_type: object, code: object, cycle: object
) -> None:
    body = render_json(BODY, *quirks)
    assert (body["upgradeType"], body["code"], body["billingCycle"]) == (upgrade_type, code, cycle)


def test_states_can_be_unknown_too() -> None:
    assert render_json({"status": "Completed"}, Quirk.ENUM_UNKNOWN) == {
        "status": "not_yet_invented"
    }


def test_q04_fault_codes_can_be_strings() -> None:
    assert render_json(build_error_body(20003, "x"), Quirk.FAULT_CODE_STRING)["code"] == "20003"
    assert render_json({"code": 7}, Quirk.FAULT_CODE_STRING)["code"] == 7


def test_q06_faults_can_lack_data() -> None:
    assert "data" not in render_json(build_error_body(20003, "x"), Quirk.FAULT_WITHOUT_DATA)
    assert "data" in render_json({"data": []}, Quirk.FAULT_WITHOUT_DATA)


@pytest.mark.parametrize("digits", range(8))
def test_q10_times_have_any_number_of_digits(digits: int) -> None:
    text = render_json(BODY, Quirk[f"FRACTION_{digits}"])["at"]
    fraction = text.removesuffix("Z").partition(".")[2]
    assert fraction == "7488615"[:digits]


def test_q10_times_can_lack_their_zone() -> None:
    assert render_json(BODY, Quirk.DATE_WITHOUT_ZONE)["at"] == "2021-01-08T18:01:14.748"


def test_q11_times_can_have_spaces() -> None:
    assert render_json(BODY, Quirk.DATE_SPACES)["at"] == "2021-01-08T18: 01: 14.748Z"


def test_q13_transitions_can_be_listed_under_another_name(transition: dict[str, Any]) -> None:
    body = render_json(build_collection([transition]), Quirk.TRANSITION_ARRAY)
    assert body.keys() == {"transition", "attributes"}
    other = render_json(build_collection([{"id": 1}]), Quirk.TRANSITION_ARRAY)
    assert "items" in other


def test_q14_links_can_be_changed_or_missing() -> None:
    body = build_collection([], {"next": build_link("/customers?size=2&seekOperation=Next")})
    versioned = render_json(body, Quirk.LINKS_WITH_VERSION)["links"]["next"]["uri"]
    assert versioned == "/v1/customers?size=2&seekOperation=Next"
    twice = render_json(body, Quirk.LINKS_TWO_QUESTION_MARKS)["links"]["next"]["uri"]
    assert twice == "/customers?size=2?seekOperation=Next"
    assert "links" not in render_json(body, Quirk.LINKS_MISSING)


@pytest.mark.parametrize("uri", ["/v1/offers?country=US", "http://elsewhere.test/a"])
def test_q14_links_that_have_a_version_or_a_host_keep_their_form(uri: str) -> None:
    quirks = (Quirk.LINKS_WITH_VERSION, Quirk.LINKS_TWO_QUESTION_MARKS)
    assert render_json({"self": build_link(uri)}, *quirks)["self"]["uri"] == uri


def test_q15_error_details_can_have_a_description_instead_of_a_message(world: World) -> None:
    customer = world.get_customer(world.examples.failed_product_upgrade_customer_id, NOW_S)
    body = product_upgrade_bodies.build_status(
        customer.product_upgrades[0], "Azure", NOW_S, Timings()
    )
    assert "message" in render_json(body)["errorDetails"]
    assert "description" in render_json(body, Quirk.ERROR_DETAILS_DESCRIPTION)["errorDetails"]


def test_q15_refund_options_can_have_expiresafter(subscription: dict[str, Any]) -> None:
    assert "expiresAt" in render_json(subscription)["refundOptions"][0]
    assert "expiresAfter" in render_json(subscription, Quirk.EXPIRES_AFTER)["refundOptions"][0]


def test_q18_absent_texts_can_be_empty_or_null(transition: dict[str, Any]) -> None:
    assert "toSubscriptionId" not in render_json(transition)
    assert render_json(transition, Quirk.EMPTY_STRINGS)["toSubscriptionId"] == ""
    assert render_json(transition, Quirk.NULLS)["toSubscriptionId"] is None


def test_q19_guids_can_be_in_upper_case() -> None:
    assert render_json(BODY, Quirk.UPPER_CASE_IDS)["id"] == BODY["id"].upper()


def test_q21_learn_more_can_be_broken(world: World) -> None:
    body = build_offer(world.catalog.offers["o365-e1"], world.catalog, Market())
    assert "uri" not in render_json(body, Quirk.LEARN_MORE_MISSING)["links"]["learnMore"]
    uri = render_json(body, Quirk.LEARN_MORE_SPACE)["links"]["learnMore"]["uri"]
    assert uri.startswith("http: //")
    both = render_json(body, Quirk.LEARN_MORE_MISSING, Quirk.LEARN_MORE_SPACE)
    assert "uri" not in both["links"]["learnMore"]


def test_q23_events_can_have_spaces_or_the_sdks_names(transition: dict[str, Any]) -> None:
    assert render_json(transition, Quirk.TRAILING_SPACES)["events"][0]["status"] == "Started "
    assert render_json(transition, Quirk.SDK_EVENT_NAMES)["events"][0]["status"] == "InProgress"
    event = {"name": "LicenseReassignment", "status": "Completed", "attributes": {}}
    event["attributes"] = {"objectType": "TransitionEvent"}
    assert render_json(event, Quirk.SDK_EVENT_NAMES)["name"] == "SeatReassignment"


def test_q26_eligibility_can_name_another_customer() -> None:
    body = product_upgrade_bodies.build_eligibility(ProductUpgradeEligibility(True), "c", "azure")
    assert render_json(body, Quirk.OTHER_CUSTOMER)["customerId"] != "c"
    assert render_json({"customerId": "c"}, Quirk.OTHER_CUSTOMER)["customerId"] == "c"


def test_members_can_be_unknown_and_arrays_missing() -> None:
    assert render_json(BODY, Quirk.EXTRA_MEMBERS)["isBrandNew"] is True
    assert "errors" not in render_json(BODY, Quirk.MISSING_ARRAYS)


def test_events_can_be_listed_newest_first(transition: dict[str, Any]) -> None:
    transition["events"] += [{**transition["events"][0], "status": "Completed"}]
    statuses = [
        event["status"] for event in render_json(transition, Quirk.EVENTS_NEWEST_FIRST)["events"]
    ]
    assert statuses == ["Completed", "Started"]


def test_ineligible_items_can_lack_their_reasons() -> None:
    details = {
        "eligibilities": [
            {"isEligible": False, "errors": [{"code": 3}]},
            {"isEligible": True, "errors": []},
        ]
    }
    assert render_json(details, Quirk.REASONS_MISSING) == {
        "eligibilities": [{"isEligible": False}, {"isEligible": True, "errors": []}]
    }


def test_quirks_combine(transition: dict[str, Any]) -> None:
    body = render_json(
        build_collection([transition]),
        *(Quirk.TRANSITION_ARRAY, Quirk.PASCAL_CASE, Quirk.TRAILING_SPACES, Quirk.BOM),
    )
    assert body["Transition"][0]["Events"][0]["Status"] == "Started "


def test_a_profile_without_quirks_changes_nothing(subscription: dict[str, Any]) -> None:
    assert encode(apply_quirks(subscription, WireProfile())) == encode(subscription)


def test_the_error_for_an_unknown_quirk_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown quirks bim; expected any of bom, "):
        WireProfile.from_names(["bim", "bom"])


def test_values_of_unknown_types_cannot_be_encoded() -> None:
    with pytest.raises(TypeError, match="a body cannot hold complex"):
        encode({"value": 1j})
