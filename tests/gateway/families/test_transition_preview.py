from dataclasses import replace
from typing import Any, Final

import pytest

from gateway.families.transition_preview import describe_transition
from resolvers.orders import TransitionOrder
from schema.customer_subscription import CustomerSubscription
from schema.keys import SubscriptionKey
from schema.preview import UpgradePreview
from schema.transition import TransitionType
from schema.transition_eligibility import TransitionEligibility
from tests.gateway.families.test_transition_targets import CAN, CANNOT, listed
from tests.support.directory import guid, make_subscription

CUSTOMER: Final = "customer-1"
ITEM: Final = "P:0001:A"
NEW_COMMERCE: Final = "OLD:0001:X"
ORDER: Final = TransitionOrder(
    SubscriptionKey(CUSTOMER, guid(1)), ITEM, 5, TransitionType.TRANSITION_ONLY
)
WITH_LICENSES: Final = replace(
    ORDER, transition_type=TransitionType.TRANSITION_WITH_LICENSE_TRANSFER
)
INTO: Final = replace(ORDER, to_subscription_id=guid(9))
TARGET: Final = listed(CAN, title="Plan A", quantity=5)


def source(**members: Any) -> CustomerSubscription:
    """Return a new commerce subscription with five licenses."""
    given = {"offer_id": NEW_COMMERCE, "quantity": 5, "term_duration": "P1M", **members}
    return make_subscription(CUSTOMER, 1, billing_cycle="monthly", **given)


def describe(
    order: TransitionOrder,
    held: CustomerSubscription | None = None,
    *others: CustomerSubscription,
    target: TransitionEligibility = TARGET,
) -> UpgradePreview:
    own = held or source()
    return describe_transition(order, own, [target], [own, *others])


def codes(preview: UpgradePreview) -> list[str]:
    return [each.code.name for each in preview.warnings]


def test_a_whole_transition_keeps_the_id_and_moves_the_users_licenses() -> None:
    preview = describe(ORDER)
    assert (preview.is_eligible, preview.target_name) == (True, "Plan A")
    assert (preview.quantity, preview.minimum_quantity, preview.maximum_quantity) == (5, 1, 5)
    assert (preview.licenses_left, preview.moves_user_licenses) == (0, True)
    assert preview.source_afterwards == "It becomes the target, and keeps its id."
    assert codes(preview) == []


def test_a_partial_transition_leaves_licenses_and_moves_those_of_users_on_request() -> None:
    part = replace(ORDER, quantity=2)
    preview = describe(part)
    assert (preview.licenses_left, preview.moves_user_licenses) == (3, False)
    assert preview.source_afterwards == "It keeps 3 licenses."
    assert preview.target_afterwards is not None
    assert "ends on the same date" in preview.target_afterwards
    assert codes(preview) == ["LICENSES_STAY"]

    moved = describe(replace(WITH_LICENSES, quantity=2))
    assert moved.moves_user_licenses is True


def test_a_legacy_source_is_replaced_by_another_subscription() -> None:
    legacy = make_subscription(CUSTOMER, 1, offer_id=guid(5), quantity=5, billing_type="license")
    preview = describe(ORDER, legacy)
    assert (preview.licenses_left, preview.moves_user_licenses) == (0, False)
    assert preview.source_afterwards is not None
    assert preview.source_afterwards.startswith("Partner Center takes it out of service.")


def test_an_unknown_quantity_of_the_source_is_not_guessed() -> None:
    preview = describe(ORDER, source(quantity=None), target=listed(CAN))
    assert (preview.licenses_left, preview.maximum_quantity) == (None, None)


def test_a_receiving_subscription_is_shown_with_what_it_gets() -> None:
    receiver = make_subscription(CUSTOMER, 9, quantity=7)
    receives = {"subscriptionId": guid(9), "isEligible": True}
    preview = describe(
        replace(INTO, term_duration="P1Y"),
        None,
        receiver,
        target=listed(CAN, subscriptionEligibilities=[receives]),
    )
    assert preview.is_eligible
    assert preview.receiver is receiver
    assert preview.target_afterwards is not None
    assert "which has 7 licenses, receives 5 more" in preview.target_afterwards
    assert codes(preview) == ["LICENSES_STAY", "TERMS_CHANGE"]
    assert "keeps its own term" in preview.warnings[-1].message


def test_a_receiver_that_is_not_listed_makes_it_ineligible() -> None:
    assert not describe(INTO).is_eligible


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, None),
        ({"term_duration": "p1m", "billing_cycle": "monthly"}, None),
        ({"term_duration": "P1Y"}, "the term from P1M to P1Y."),
        ({"billing_cycle": "annual"}, "the billing cycle from MONTHLY to ANNUAL."),
        (
            {"term_duration": "P3Y", "billing_cycle": "triennial"},
            "the term from P1M to P3Y and the billing cycle from MONTHLY to TRIENNIAL.",
        ),
    ],
)
def test_terms_that_change_are_named(changes: dict[str, Any], text: str | None) -> None:
    preview = describe(replace(ORDER, **changes))
    expected = [] if text is None else [f"The transition changes {text}"]
    assert [each.message for each in preview.warnings] == expected


def test_add_ons_user_context_and_scheduled_changes_are_warned_of() -> None:
    add_on = make_subscription(CUSTOMER, 2, parent_subscription_id=guid(1), friendly_name="Extra")
    scheduled = source(scheduled_next_term_instructions={"quantity": 3})
    preview = describe(WITH_LICENSES, scheduled, add_on)
    assert codes(preview) == ["ADD_ONS_PRESENT", "USER_CONTEXT_NEEDED", "SCHEDULED_CHANGE_DELETED"]
    assert "Extra" in preview.warnings[0].message


def test_the_vendors_reasons_are_shown() -> None:
    preview = describe(ORDER, target=listed({**CANNOT, "errors": [{"code": 3}]}))
    assert not preview.is_eligible
    assert [each.code.name for each in preview.transition_errors] == ["CONFLICTING_SERVICE_TYPES"]


def test_without_such_a_target_only_the_source_is_shown() -> None:
    own = source()
    preview = describe_transition(ORDER, own, [listed(CAN, catalogItemId="other:1:2")], [own])
    assert (preview.source, preview.target_name, preview.quantity) == (own, None, None)
