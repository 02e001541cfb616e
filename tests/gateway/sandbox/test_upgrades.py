import pytest

from gateway.sandbox import upgrades
from gateway.sandbox.customer_builder import CustomerBuilder
from gateway.sandbox.enums import (
    BillingCycle,
    SubscriptionStatus,
    UpgradeErrorCode,
    UpgradeType,
)
from gateway.sandbox.records import Customer, Subscription, Trait
from gateway.sandbox.upgrades import UpgradeContext, UpgradeOutcome, UpgradeRequest
from gateway.sandbox.world import World
from tests.gateway.sandbox.conftest import NOW_S

ONLY, TRANSFER = upgrades.UPGRADE_TYPES
USER = UpgradeContext(is_user=True, now_s=NOW_S, provisioning_s=30.0)
APP = UpgradeContext(is_user=False, now_s=NOW_S)


@pytest.fixture
def builder(world: World) -> CustomerBuilder:
    return CustomerBuilder(world.catalog, 1, world.get_profile(0), NOW_S)


def list_codes(
    world: World,
    customer: Customer,
    source: Subscription,
    target: str,
    upgrade_type: UpgradeType = ONLY,
    context: UpgradeContext = USER,
) -> list[UpgradeErrorCode]:
    offer = world.catalog.offers[target]
    found = upgrades.find_problems(customer, source, offer, upgrade_type, context)
    assert all(problem.description for problem in found)
    return [problem.code for problem in found]


def perform(
    world: World, customer: Customer, source: Subscription, order: UpgradeRequest
) -> UpgradeOutcome:
    return upgrades.perform(customer, source, order, world.catalog, USER)


def test_an_active_subscription_without_problems_can_be_upgraded(
    world: World, builder: CustomerBuilder
) -> None:
    source = builder.add_legacy_license("o365-e1", cycle=BillingCycle.MONTHLY)
    assert list_codes(world, builder.customer, source, "o365-e3") == []
    assert list_codes(world, builder.customer, source, "o365-e3", TRANSFER) == []


def test_the_trait_of_a_subscription_can_reject_its_upgrade(
    world: World, builder: CustomerBuilder
) -> None:
    source = builder.add_legacy_license("visio-p1", trait=Trait.UPGRADE_REJECTED)
    assert list_codes(world, builder.customer, source, "visio-p2") == [UpgradeErrorCode.OTHER]


def test_license_transfer_needs_delegated_admin_permissions(
    world: World, builder: CustomerBuilder
) -> None:
    source = builder.add_legacy_license("o365-e1")
    builder.customer.allows_delegated_access = False
    assert list_codes(world, builder.customer, source, "o365-e3") == []
    assert list_codes(world, builder.customer, source, "o365-e3", TRANSFER) == [
        UpgradeErrorCode.DELEGATED_ADMIN_PERMISSIONS_DISABLED
    ]


@pytest.mark.parametrize(
    "status", [SubscriptionStatus.SUSPENDED, SubscriptionStatus.DELETED], ids=lambda s: s.value
)
def test_an_inactive_source_is_rejected_with_its_status(
    world: World, builder: CustomerBuilder, status: SubscriptionStatus
) -> None:
    source = builder.add_legacy_license("o365-e1", status=status)
    offer = world.catalog.offers["o365-e3"]
    found = upgrades.find_problems(builder.customer, source, offer, ONLY, USER)
    assert [(each.code, each.details) for each in found] == [
        (UpgradeErrorCode.SUBSCRIPTION_STATUS_NOT_ACTIVE, status.value)
    ]


def test_owning_the_target_conflicts_with_license_transfer(
    world: World, builder: CustomerBuilder
) -> None:
    source = builder.add_legacy_license("flow-p1", cycle=BillingCycle.ANNUAL)
    builder.add_legacy_license("flow-p2")
    assert list_codes(world, builder.customer, source, "flow-p2") == []
    assert list_codes(world, builder.customer, source, "flow-p2", TRANSFER) == [
        UpgradeErrorCode.CONFLICTING_SERVICE_TYPES
    ]


def test_an_offer_with_a_concurrency_limit_cannot_be_purchased_twice(
    world: World, builder: CustomerBuilder
) -> None:
    source = builder.add_legacy_license("d365-sales", cycle=BillingCycle.MONTHLY)
    builder.add_legacy_license("d365-plan")
    assert list_codes(world, builder.customer, source, "d365-plan") == [
        UpgradeErrorCode.CONCURRENCY_CONFLICTS
    ]


def test_license_transfer_needs_a_user(world: World, builder: CustomerBuilder) -> None:
    source = builder.add_legacy_license("o365-e1")
    assert list_codes(world, builder.customer, source, "o365-e3", ONLY, APP) == []
    assert list_codes(world, builder.customer, source, "o365-e3", TRANSFER, APP) == [
        UpgradeErrorCode.USER_CONTEXT_REQUIRED
    ]


def test_active_add_ons_prevent_an_upgrade(world: World, builder: CustomerBuilder) -> None:
    source = builder.add_legacy_license("o365-f1")
    add_on = builder.add_add_on(source, "archiving")
    assert list_codes(world, builder.customer, source, "o365-e1") == [
        UpgradeErrorCode.SUBSCRIPTION_ADD_ONS_PRESENT
    ]
    add_on.status = SubscriptionStatus.SUSPENDED
    assert list_codes(world, builder.customer, source, "o365-e1") == []


def test_a_source_that_is_not_provisioned_cannot_be_upgraded(
    world: World, builder: CustomerBuilder
) -> None:
    source = builder.add_legacy_license("powerapps-p1", is_provisioned=False)
    assert list_codes(world, builder.customer, source, "powerapps-p2") == [
        UpgradeErrorCode.SUBSCRIPTION_NOT_PROVISIONED
    ]


def test_the_target_must_support_the_billing_cycle(world: World, builder: CustomerBuilder) -> None:
    source = builder.add_legacy_license("project-professional", cycle=BillingCycle.MONTHLY)
    assert list_codes(world, builder.customer, source, "project-premium") == [
        UpgradeErrorCode.OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE
    ]


def test_license_transfer_needs_granular_admin_permissions(
    world: World, builder: CustomerBuilder
) -> None:
    source = builder.add_legacy_license("o365-e1")
    builder.customer.has_granular_admin = False
    assert list_codes(world, builder.customer, source, "o365-e3", TRANSFER) == [
        UpgradeErrorCode.INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS
    ]


@pytest.mark.parametrize(
    ("source_key", "wanted", "code"),
    [
        ("m365-e5", "o365-e3", UpgradeErrorCode.NO_UPGRADE_PATHS),
        ("o365-e1", "flow-p2", UpgradeErrorCode.SUBSCRIPTION_TARGET_OFFER_NOT_FOUND),
    ],
)
def test_an_offer_that_is_not_a_target_is_rejected(
    world: World, builder: CustomerBuilder, source_key: str, wanted: str, code: UpgradeErrorCode
) -> None:
    source = builder.add_legacy_license(source_key)
    outcome = perform(
        world, builder.customer, source, UpgradeRequest(world.catalog.offers[wanted].id, ONLY)
    )
    assert outcome.target is None
    assert [problem.code for problem in outcome.problems] == [code]
    assert len(builder.customer.subscriptions) == 1


def test_other_commerce_families_have_no_upgrades(world: World, builder: CustomerBuilder) -> None:
    for source in (builder.add_legacy_azure(), builder.add_new_commerce("o365-e1")):
        assert upgrades.list_targets(source, world.catalog) == []


def test_an_upgrade_adds_the_target_and_retires_the_source(
    world: World, builder: CustomerBuilder
) -> None:
    source = builder.add_legacy_license("o365-e1", cycle=BillingCycle.MONTHLY)
    offer = world.catalog.offers["o365-e3"]
    outcome = perform(world, builder.customer, source, UpgradeRequest(offer.id.lower(), TRANSFER))
    upgrades.retire_source(outcome, SubscriptionStatus.SUSPENDED)
    target = outcome.target
    assert target is not None
    assert builder.customer.subscriptions[target.id] is target
    assert (target.item, target.quantity, target.status) == (
        "o365-e3",
        source.quantity,
        SubscriptionStatus.ACTIVE,
    )
    assert target.provisioned_s == NOW_S + 30.0
    assert target.order_id != source.order_id
    assert (source.status, source.version) == (SubscriptionStatus.SUSPENDED, 2)


def test_the_requested_quantity_is_purchased(world: World, builder: CustomerBuilder) -> None:
    source = builder.add_legacy_license("o365-e1", cycle=BillingCycle.MONTHLY)
    order = UpgradeRequest(world.catalog.offers["o365-e3"].id, ONLY, quantity=77)
    outcome = perform(world, builder.customer, source, order)
    assert outcome.target is not None
    assert outcome.target.quantity == 77


def test_users_without_a_transferred_license_keep_the_source_active(
    world: World, builder: CustomerBuilder
) -> None:
    source = builder.add_legacy_license("exchange-p1", trait=Trait.USERS_CANNOT_MOVE)
    order = UpgradeRequest(world.catalog.offers["exchange-p2"].id, TRANSFER)
    outcome = perform(world, builder.customer, source, order)
    upgrades.retire_source(outcome, SubscriptionStatus.SUSPENDED)
    assert outcome.target is not None
    assert len(outcome.license_errors) == 2
    assert source.is_active


def test_an_upgrade_without_license_transfer_has_no_license_errors(
    world: World, builder: CustomerBuilder
) -> None:
    source = builder.add_legacy_license("exchange-p1", trait=Trait.USERS_CANNOT_MOVE)
    outcome = perform(
        world,
        builder.customer,
        source,
        UpgradeRequest(world.catalog.offers["exchange-p2"].id, ONLY),
    )
    assert outcome.license_errors == ()


def test_the_default_world_has_every_reason_that_a_list_can_show(world: World) -> None:
    found = set()
    for profile in world.iter_profiles():
        customer = world.get_customer(profile.id, NOW_S)
        for source in customer.subscriptions.values():
            for target in upgrades.list_targets(source, world.catalog):
                found.update(list_codes(world, customer, source, target.key, TRANSFER))
    only_when_performed = {
        UpgradeErrorCode.NO_UPGRADE_PATHS,
        UpgradeErrorCode.SUBSCRIPTION_TARGET_OFFER_NOT_FOUND,
    }
    only_for_apps = {UpgradeErrorCode.USER_CONTEXT_REQUIRED}
    assert found == set(UpgradeErrorCode) - only_when_performed - only_for_apps
