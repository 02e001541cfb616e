from typing import Any

import pytest

from gateway.sandbox.customer_builder import CustomerBuilder
from gateway.sandbox.enums import BillingCycle, SubscriptionStatus
from gateway.sandbox.errors import VendorError
from gateway.sandbox.records import Subscription
from gateway.sandbox.timestamps import DAY_S
from gateway.sandbox.transition_request import TransitionRequest, parse_transition_request
from gateway.sandbox.upgrades import UpgradeContext
from gateway.sandbox.world import World
from tests.gateway.sandbox.conftest import NOW_S

USER = UpgradeContext(is_user=True, now_s=NOW_S)


@pytest.fixture
def builder(world: World) -> CustomerBuilder:
    return CustomerBuilder(world.catalog, 1, world.get_profile(0), NOW_S)


def parse(
    world: World,
    builder: CustomerBuilder,
    source: Subscription,
    change: dict[str, Any],
    context: UpgradeContext = USER,
) -> TransitionRequest:
    body = {
        "tocatalogitemid": world.catalog.products["m365-e3"].id.lower(),
        "quantity": source.quantity,
        "transitiontype": "transition_only",
        **change,
    }
    return parse_transition_request(body, builder.customer, source, world.catalog, context)


def get_error_code(
    world: World,
    builder: CustomerBuilder,
    source: Subscription,
    change: dict[str, Any],
    context: UpgradeContext = USER,
) -> int:
    with pytest.raises(VendorError) as error_info:
        parse(world, builder, source, change, context)
    return error_info.value.code


def add_receiver(builder: CustomerBuilder, source: Subscription) -> Subscription:
    receiver = builder.add_new_commerce("m365-e3", term="P3Y")
    receiver.created_s = NOW_S - 30 * DAY_S
    receiver.ends_s = source.ends_s + DAY_S
    return receiver


def test_term_and_cycle_default_to_the_sources(world: World, builder: CustomerBuilder) -> None:
    source = builder.add_new_commerce("o365-e3", term="P1Y")
    wanted = parse(world, builder, source, {})
    assert (wanted.term, wanted.cycle) == ("P1Y", source.cycle)
    assert wanted.receiver_id is None
    assert not wanted.moves_licenses


def test_term_and_cycle_are_compared_without_case(world: World, builder: CustomerBuilder) -> None:
    source = builder.add_new_commerce("o365-e3", term="P1Y")
    wanted = parse(world, builder, source, {"termduration": "p3y", "billingcycle": "Annual"})
    assert (wanted.term, wanted.cycle) == ("P3Y", BillingCycle.ANNUAL)


def test_a_receiver_keeps_its_term_and_cycle(world: World, builder: CustomerBuilder) -> None:
    source = builder.add_new_commerce("o365-e3", term="P1Y")
    receiver = add_receiver(builder, source)
    wanted = parse(world, builder, source, {"tosubscriptionid": receiver.id.upper()})
    assert (wanted.receiver_id, wanted.term) == (receiver.id, "P3Y")


def test_invalid_receivers_are_rejected_each_with_its_code(
    world: World, builder: CustomerBuilder
) -> None:
    source = builder.add_new_commerce("o365-e3", term="P1Y")
    receiver = add_receiver(builder, source)
    change = {"tosubscriptionid": receiver.id}
    receiver.ends_s = source.ends_s - DAY_S
    assert get_error_code(world, builder, source, change) == 900236
    receiver.term = "P1M"
    assert get_error_code(world, builder, source, change) == 900267
    receiver.created_s = NOW_S
    assert get_error_code(world, builder, source, change) == 900261
    receiver.status = SubscriptionStatus.SUSPENDED
    assert get_error_code(world, builder, source, change) == 900258
    receiver.item = "o365-e5"
    assert get_error_code(world, builder, source, change) == 900260
    assert get_error_code(world, builder, source, {"tosubscriptionid": source.id}) == 900259


@pytest.mark.parametrize(
    ("status", "is_provisioned", "expected"),
    [
        (SubscriptionStatus.SUSPENDED, True, 800012),
        (SubscriptionStatus.ACTIVE, False, 800082),
    ],
    ids=["inactive", "not provisioned"],
)
def test_sources_that_are_not_ready_are_rejected(
    world: World,
    builder: CustomerBuilder,
    status: SubscriptionStatus,
    is_provisioned: bool,
    expected: int,
) -> None:
    source = builder.add_new_commerce("o365-e3", status=status, is_provisioned=is_provisioned)
    assert get_error_code(world, builder, source, {}) == expected


def test_missing_permissions_have_their_own_codes(world: World, builder: CustomerBuilder) -> None:
    source = builder.add_new_commerce("o365-e3")
    change = {"transitiontype": "transition_with_license_transfer"}
    app = UpgradeContext(is_user=False, now_s=NOW_S)
    assert get_error_code(world, builder, source, change, app) == 800024
    builder.customer.allows_delegated_access = False
    assert get_error_code(world, builder, source, change) == 900308
