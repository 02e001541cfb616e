import pytest

from gateway.sandbox import transitions
from gateway.sandbox.customer_builder import CustomerBuilder
from gateway.sandbox.enums import (
    BillingCycle,
    SubscriptionStatus,
    TargetSubscriptionErrorCode,
    TransitionErrorCode,
)
from gateway.sandbox.identity import guid
from gateway.sandbox.options import Timings
from gateway.sandbox.records import CommerceFamily, Subscription, Trait, Transition
from gateway.sandbox.timestamps import DAY_S
from gateway.sandbox.upgrades import UpgradeContext
from gateway.sandbox.world import World
from tests.gateway.sandbox.conftest import NOW_S

TIMINGS = Timings(conversion_s=20.0, reassignment_s=10.0)
ONLY, TRANSFER = transitions.TRANSITION_TYPES
USER = UpgradeContext(is_user=True, now_s=NOW_S)


@pytest.fixture
def builder(world: World) -> CustomerBuilder:
    return CustomerBuilder(world.catalog, 1, world.get_profile(0), NOW_S)


def started(
    builder: CustomerBuilder,
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
    builder.customer.transitions[source.id] = [fresh]
    return fresh


def list_states(transition: Transition, age_s: float) -> list[tuple[str, str]]:
    events = transitions.list_events(transition, NOW_S + age_s, TIMINGS)
    return [(event.name, event.status) for event in events]


def test_events_are_computed_from_the_time(builder: CustomerBuilder) -> None:
    transition = started(builder, builder.add_new_commerce("o365-e3"))
    states = [
        ("Conversion", "Started"),
        ("Conversion", "Completed"),
        ("LicenseReassignment", "Started"),
        ("LicenseReassignment", "Completed"),
    ]
    assert list_states(transition, 0) == states[:1]
    assert list_states(transition, 20) == states[:3]
    assert list_states(transition, 30) == states
    assert transitions.is_running(transition, NOW_S + 25, TIMINGS)
    assert not transitions.is_running(transition, NOW_S + 30, TIMINGS)


def test_without_reassignment_the_last_event_is_the_conversion(builder: CustomerBuilder) -> None:
    transition = started(builder, builder.add_new_commerce("o365-e3"), moves_licenses=False)
    assert list_states(transition, 99)[-1] == ("Conversion", "Completed")


def test_conversions_and_reassignments_can_fail(builder: CustomerBuilder) -> None:
    failing = started(builder, builder.add_new_commerce("o365-e3", trait=Trait.CONVERSION_FAILS))
    assert list_states(failing, 99)[-1] == ("Conversion", "Failed")
    halfway = started(builder, builder.add_new_commerce("o365-e3", trait=Trait.REASSIGNMENT_FAILS))
    assert list_states(halfway, 99)[-1] == ("LicenseReassignment", "Failed")


def test_a_whole_conversion_keeps_the_subscription_id(builder: CustomerBuilder) -> None:
    source = builder.add_new_commerce("o365-e3")
    started(builder, source)
    transitions.advance(builder.customer, NOW_S + 19, TIMINGS)
    assert source.item == "o365-e3"
    for _ in range(2):
        transitions.advance(builder.customer, NOW_S + 20, TIMINGS)
    assert (source.item, source.term, source.version) == ("m365-e3", "P3Y", 2)
    assert list(builder.customer.subscriptions) == [source.id]


def test_a_failed_conversion_changes_nothing(builder: CustomerBuilder) -> None:
    source = builder.add_new_commerce("o365-e3", trait=Trait.CONVERSION_FAILS)
    started(builder, source)
    transitions.advance(builder.customer, NOW_S + 99, TIMINGS)
    assert (source.item, source.version) == ("o365-e3", 1)


def test_a_partial_conversion_keeps_the_rest_and_the_end_date_of_the_source(
    builder: CustomerBuilder,
) -> None:
    source = builder.add_new_commerce("o365-e3")
    source.quantity = 10
    started(builder, source, to_id=guid("new"), quantity=4)
    transitions.advance(builder.customer, NOW_S + 20, TIMINGS)
    fresh = builder.customer.subscriptions[guid("new")]
    assert (source.quantity, fresh.quantity, fresh.item) == (6, 4, "m365-e3")
    assert fresh.ends_s == source.ends_s
    assert source.is_active


def test_licenses_can_move_to_an_existing_subscription(builder: CustomerBuilder) -> None:
    source, receiver = builder.add_new_commerce("o365-e3"), builder.add_new_commerce("m365-e3")
    source.quantity, receiver.quantity = 10, 5
    started(builder, source, to_id=receiver.id)
    transitions.advance(builder.customer, NOW_S + 20, TIMINGS)
    assert receiver.quantity == 15
    assert source.status is SubscriptionStatus.DELETED


def test_a_legacy_source_is_suspended_and_replaced_by_a_new_subscription(
    builder: CustomerBuilder,
) -> None:
    source = builder.add_legacy_license("o365-e3")
    started(builder, source, to_id=guid("new"))
    transitions.advance(builder.customer, NOW_S + 20, TIMINGS)
    assert source.status is SubscriptionStatus.SUSPENDED
    assert (
        builder.customer.subscriptions[guid("new")].commerce_family is CommerceFamily.NEW_COMMERCE
    )


def test_a_legacy_license_can_become_its_new_commerce_equivalent_or_better(
    world: World, builder: CustomerBuilder
) -> None:
    found = transitions.list_targets(builder.add_legacy_license("o365-e3"), world.catalog)
    assert [product.key for product in found] == ["o365-e3", "o365-e5", "m365-e3", "m365-e5"]
    assert transitions.list_targets(builder.add_legacy_license("visio-p1"), world.catalog) == []
    assert transitions.list_targets(builder.add_legacy_azure(), world.catalog) == []


def test_scheduled_transitions_have_no_receivers(world: World, builder: CustomerBuilder) -> None:
    source = builder.add_new_commerce("o365-e3")
    builder.add_new_commerce("m365-e5", term="P3Y")
    now = transitions.list_eligibilities(builder.customer, source, world.catalog, USER)
    later = transitions.list_eligibilities(
        builder.customer, source, world.catalog, USER, is_scheduled=True
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
def test_sources_must_be_ready(
    world: World,
    builder: CustomerBuilder,
    status: SubscriptionStatus,
    is_provisioned: bool,
    expected: TransitionErrorCode,
) -> None:
    source = builder.add_new_commerce("o365-e3", status=status, is_provisioned=is_provisioned)
    target = world.catalog.products["m365-e3"]
    assert transitions.find_problems(builder.customer, source, target, ONLY, USER) == (expected,)


def test_active_add_ons_prevent_a_transition(world: World, builder: CustomerBuilder) -> None:
    source = builder.add_legacy_license("o365-e3")
    builder.add_add_on(source, "compliance")
    target = world.catalog.products["m365-e3"]
    assert transitions.find_problems(builder.customer, source, target, ONLY, USER) == (
        TransitionErrorCode.SUBSCRIPTION_ADD_ONS_PRESENT,
    )


def test_license_transfer_needs_every_permission(world: World, builder: CustomerBuilder) -> None:
    source = builder.add_legacy_license("o365-e3")
    builder.add_new_commerce("m365-e3")
    builder.customer.allows_delegated_access = False
    builder.customer.has_granular_admin = False
    target = world.catalog.products["m365-e3"]
    app = UpgradeContext(is_user=False, now_s=NOW_S)
    assert transitions.find_problems(builder.customer, source, target, TRANSFER, app) == (
        TransitionErrorCode.CONFLICTING_SERVICE_TYPES,
        TransitionErrorCode.DELEGATED_ADMIN_PERMISSIONS_DISABLED,
        TransitionErrorCode.INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS,
        TransitionErrorCode.USER_CONTEXT_REQUIRED,
    )
    assert transitions.find_problems(builder.customer, source, target, ONLY, app) == ()


def test_receivers_must_not_end_before_the_source(builder: CustomerBuilder) -> None:
    source, receiver = (
        builder.add_new_commerce("o365-e3", term="P3Y"),
        builder.add_new_commerce("m365-e3", term="P1Y"),
    )
    source.ends_s = NOW_S + 900 * DAY_S
    receiver.ends_s = NOW_S + 100 * DAY_S
    receiver.created_s = NOW_S - DAY_S
    receiver.status = SubscriptionStatus.SUSPENDED
    found = transitions.find_receiver_problems(source, receiver, NOW_S)
    assert found == tuple(TargetSubscriptionErrorCode)


def test_the_default_world_has_every_transition_state(world: World) -> None:
    customer = world.get_customer(world.examples.transition_customer_id, NOW_S)
    seen = {
        (event.name, event.status)
        for transitions_of_source in customer.transitions.values()
        for each in transitions_of_source
        for event in transitions.list_events(each, NOW_S, world.options.timings)
    }
    assert seen == {
        (name, status)
        for name in ("Conversion", "LicenseReassignment")
        for status in ("Started", "Completed", "Failed")
    }
