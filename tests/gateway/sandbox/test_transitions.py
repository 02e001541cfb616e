import pytest

from gateway.sandbox import transitions
from gateway.sandbox.enums import (
    BillingCycle,
    SubscriptionStatus,
    TargetSubscriptionErrorCode,
    TransitionErrorCode,
)
from gateway.sandbox.identity import guid
from gateway.sandbox.options import Timings
from gateway.sandbox.population import CustomerBuilder
from gateway.sandbox.records import Family, Subscription, Trait, Transition
from gateway.sandbox.timestamps import DAY_S
from gateway.sandbox.upgrades import UpgradeContext
from gateway.sandbox.world import World
from tests.gateway.sandbox.conftest import NOW_S

TIMINGS = Timings(conversion_s=20.0, reassignment_s=10.0)
ONLY, TRANSFER = transitions.TRANSITION_TYPES
USER = UpgradeContext(is_user=True, now_s=NOW_S)


@pytest.fixture
def draft(world: World) -> CustomerBuilder:
    return CustomerBuilder(world.catalog, 1, world.profile(0), NOW_S)


def begun(
    draft: CustomerBuilder,
    source: Subscription,
    *,
    to_id: str | None = None,
    quantity: int | None = None,
    moves_licenses: bool = True,
) -> Transition:
    fresh = Transition(
        id=guid("t"),
        created_s=NOW_S,
        from_item=source.item,
        to_item="m365-e3",
        from_id=source.id,
        to_id=to_id,
        quantity=source.quantity if quantity is None else quantity,
        term="P3Y",
        cycle=BillingCycle.ANNUAL,
        moves_licenses=moves_licenses,
        conversion_fails=Trait.CONVERSION_FAILS in source.trait,
        reassignment_fails=Trait.REASSIGNMENT_FAILS in source.trait,
    )
    draft.account.transitions[source.id] = [fresh]
    return fresh


def told(transition: Transition, age_s: float) -> list[tuple[str, str]]:
    events = transitions.list_events(transition, NOW_S + age_s, TIMINGS)
    return [(event.name, event.status) for event in events]


def test_a_transition_tells_its_story_by_the_clock(draft: CustomerBuilder) -> None:
    transition = begun(draft, draft.modern("o365-e3"))
    story = [
        ("Conversion", "Started"),
        ("Conversion", "Completed"),
        ("LicenseReassignment", "Started"),
        ("LicenseReassignment", "Completed"),
    ]
    assert told(transition, 0) == story[:1]
    assert told(transition, 20) == story[:3]
    assert told(transition, 30) == story
    assert transitions.is_running(transition, NOW_S + 25, TIMINGS)
    assert not transitions.is_running(transition, NOW_S + 30, TIMINGS)


def test_without_reassignment_the_story_ends_with_the_conversion(draft: CustomerBuilder) -> None:
    transition = begun(draft, draft.modern("o365-e3"), moves_licenses=False)
    assert told(transition, 99)[-1] == ("Conversion", "Completed")


def test_conversions_and_reassignments_can_fail(draft: CustomerBuilder) -> None:
    failing = begun(draft, draft.modern("o365-e3", trait=Trait.CONVERSION_FAILS))
    assert told(failing, 99)[-1] == ("Conversion", "Failed")
    halfway = begun(draft, draft.modern("o365-e3", trait=Trait.REASSIGNMENT_FAILS))
    assert told(halfway, 99)[-1] == ("LicenseReassignment", "Failed")


def test_a_whole_conversion_keeps_the_subscription_id(draft: CustomerBuilder) -> None:
    source = draft.modern("o365-e3")
    begun(draft, source)
    transitions.advance(draft.account, NOW_S + 19, TIMINGS)
    assert source.item == "o365-e3"
    for _ in range(2):
        transitions.advance(draft.account, NOW_S + 20, TIMINGS)
    assert (source.item, source.term, source.version) == ("m365-e3", "P3Y", 2)
    assert list(draft.account.subscriptions) == [source.id]


def test_a_failed_conversion_changes_nothing(draft: CustomerBuilder) -> None:
    source = draft.modern("o365-e3", trait=Trait.CONVERSION_FAILS)
    begun(draft, source)
    transitions.advance(draft.account, NOW_S + 99, TIMINGS)
    assert (source.item, source.version) == ("o365-e3", 1)


def test_a_partial_conversion_leaves_the_rest_and_ends_with_the_source(
    draft: CustomerBuilder,
) -> None:
    source = draft.modern("o365-e3")
    source.quantity = 10
    begun(draft, source, to_id=guid("new"), quantity=4)
    transitions.advance(draft.account, NOW_S + 20, TIMINGS)
    fresh = draft.account.subscriptions[guid("new")]
    assert (source.quantity, fresh.quantity, fresh.item) == (6, 4, "m365-e3")
    assert fresh.ends_s == source.ends_s
    assert source.is_active


def test_seats_can_move_into_an_existing_subscription(draft: CustomerBuilder) -> None:
    source, receiver = draft.modern("o365-e3"), draft.modern("m365-e3")
    source.quantity, receiver.quantity = 10, 5
    begun(draft, source, to_id=receiver.id)
    transitions.advance(draft.account, NOW_S + 20, TIMINGS)
    assert receiver.quantity == 15
    assert source.status is SubscriptionStatus.DELETED


def test_a_legacy_source_is_suspended_in_favour_of_a_new_subscription(
    draft: CustomerBuilder,
) -> None:
    source = draft.legacy("o365-e3")
    begun(draft, source, to_id=guid("new"))
    transitions.advance(draft.account, NOW_S + 20, TIMINGS)
    assert source.status is SubscriptionStatus.SUSPENDED
    assert draft.account.subscriptions[guid("new")].family is Family.MODERN


def test_a_legacy_subscription_can_become_its_heir_or_better(
    world: World, draft: CustomerBuilder
) -> None:
    found = transitions.list_targets(draft.legacy("o365-e3"), world.catalog)
    assert [product.key for product in found] == ["o365-e3", "o365-e5", "m365-e3", "m365-e5"]
    assert transitions.list_targets(draft.legacy("visio-p1"), world.catalog) == []
    assert transitions.list_targets(draft.azure(), world.catalog) == []


def test_scheduled_transitions_have_no_receivers(world: World, draft: CustomerBuilder) -> None:
    source = draft.modern("o365-e3")
    draft.modern("m365-e5", term="P3Y")
    now = transitions.list_eligibilities(draft.account, source, world.catalog, USER)
    later = transitions.list_eligibilities(
        draft.account, source, world.catalog, USER, is_scheduled=True
    )
    assert [len(each.receivers or ()) for each in now] == [0, 0, 1]
    assert [each.receivers for each in later] == [None, None, None]


@pytest.mark.parametrize(
    ("status", "is_provisioned", "expected"),
    [
        (SubscriptionStatus.DELETED, True, TransitionErrorCode.SUBSCRIPTION_STATUS_NOT_ACTIVE),
        (SubscriptionStatus.ACTIVE, False, TransitionErrorCode.SUBSCRIPTION_NOT_PROVISIONED),
    ],
)
def test_sources_have_to_be_ready(
    world: World,
    draft: CustomerBuilder,
    status: SubscriptionStatus,
    is_provisioned: bool,
    expected: TransitionErrorCode,
) -> None:
    source = draft.modern("o365-e3", status=status, is_provisioned=is_provisioned)
    target = world.catalog.products["m365-e3"]
    assert transitions.find_problems(draft.account, source, target, ONLY, USER) == (expected,)


def test_add_ons_hinder_transitions(world: World, draft: CustomerBuilder) -> None:
    source = draft.legacy("o365-e3")
    draft.add_on(source, "compliance")
    target = world.catalog.products["m365-e3"]
    assert transitions.find_problems(draft.account, source, target, ONLY, USER) == (
        TransitionErrorCode.SUBSCRIPTION_ADD_ONS_PRESENT,
    )


def test_moving_licenses_needs_every_permission(world: World, draft: CustomerBuilder) -> None:
    source = draft.legacy("o365-e3")
    draft.modern("m365-e3")
    draft.account.allows_delegated_access = False
    draft.account.has_granular_admin = False
    target = world.catalog.products["m365-e3"]
    app = UpgradeContext(is_user=False, now_s=NOW_S)
    assert transitions.find_problems(draft.account, source, target, TRANSFER, app) == (
        TransitionErrorCode.CONFLICTING_SERVICE_TYPES,
        TransitionErrorCode.DELEGATED_ADMIN_PERMISSIONS_DISABLED,
        TransitionErrorCode.INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS,
        TransitionErrorCode.USER_CONTEXT_REQUIRED,
    )
    assert transitions.find_problems(draft.account, source, target, ONLY, app) == ()


def test_receivers_have_to_outlast_the_source(draft: CustomerBuilder) -> None:
    source, receiver = draft.modern("o365-e3", term="P3Y"), draft.modern("m365-e3", term="P1Y")
    source.ends_s = NOW_S + 900 * DAY_S
    receiver.ends_s = NOW_S + 100 * DAY_S
    receiver.created_s = NOW_S - DAY_S
    receiver.status = SubscriptionStatus.SUSPENDED
    found = transitions.find_receiver_problems(source, receiver, NOW_S)
    assert found == tuple(TargetSubscriptionErrorCode)


def test_the_default_world_shows_every_transition_state(world: World) -> None:
    account = world.account(world.examples.transition_customer_id, NOW_S)
    seen = {
        (event.name, event.status)
        for past in account.transitions.values()
        for each in past
        for event in transitions.list_events(each, NOW_S, world.options.timings)
    }
    assert seen == {
        (name, status)
        for name in ("Conversion", "LicenseReassignment")
        for status in ("Started", "Completed", "Failed")
    }
