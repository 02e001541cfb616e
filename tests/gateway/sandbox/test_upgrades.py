import pytest

from gateway.sandbox import upgrades
from gateway.sandbox.enums import (
    BillingCycle,
    SubscriptionStatus,
    UpgradeErrorCode,
    UpgradeType,
)
from gateway.sandbox.population import CustomerBuilder
from gateway.sandbox.records import Account, Subscription, Trait
from gateway.sandbox.upgrades import UpgradeContext, UpgradeOutcome, UpgradeRequest
from gateway.sandbox.world import World
from tests.gateway.sandbox.conftest import NOW_S

ONLY, TRANSFER = upgrades.UPGRADE_TYPES
USER = UpgradeContext(is_user=True, now_s=NOW_S, provisioning_s=30.0)
APP = UpgradeContext(is_user=False, now_s=NOW_S)


@pytest.fixture
def draft(world: World) -> CustomerBuilder:
    return CustomerBuilder(world.catalog, 1, world.profile(0), NOW_S)


def codes(
    world: World,
    account: Account,
    source: Subscription,
    target: str,
    upgrade_type: UpgradeType = ONLY,
    around: UpgradeContext = USER,
) -> list[UpgradeErrorCode]:
    offer = world.catalog.offers[target]
    found = upgrades.find_problems(account, source, offer, upgrade_type, around)
    assert all(problem.text for problem in found)
    return [problem.code for problem in found]


def perform(
    world: World, account: Account, source: Subscription, wish: UpgradeRequest
) -> UpgradeOutcome:
    return upgrades.perform(account, source, wish, world.catalog, USER)


def test_an_active_subscription_without_hindrance_can_be_upgraded(
    world: World, draft: CustomerBuilder
) -> None:
    source = draft.legacy("o365-e1", cycle=BillingCycle.MONTHLY)
    assert codes(world, draft.account, source, "o365-e3") == []
    assert codes(world, draft.account, source, "o365-e3", TRANSFER) == []


def test_other_is_a_refusal_without_a_reason_in_the_records(
    world: World, draft: CustomerBuilder
) -> None:
    source = draft.legacy("visio-p1", trait=Trait.UPGRADE_REFUSED)
    assert codes(world, draft.account, source, "visio-p2") == [UpgradeErrorCode.OTHER]


def test_without_delegated_admin_licenses_cannot_move(world: World, draft: CustomerBuilder) -> None:
    source = draft.legacy("o365-e1")
    draft.account.allows_delegated_access = False
    assert codes(world, draft.account, source, "o365-e3") == []
    assert codes(world, draft.account, source, "o365-e3", TRANSFER) == [
        UpgradeErrorCode.DELEGATED_ADMIN_PERMISSIONS_DISABLED
    ]


@pytest.mark.parametrize(
    "status", [SubscriptionStatus.SUSPENDED, SubscriptionStatus.DELETED], ids=lambda s: s.value
)
def test_inactive_sources_are_refused_with_their_status(
    world: World, draft: CustomerBuilder, status: SubscriptionStatus
) -> None:
    source = draft.legacy("o365-e1", status=status)
    offer = world.catalog.offers["o365-e3"]
    found = upgrades.find_problems(draft.account, source, offer, ONLY, USER)
    assert [(each.code, each.details) for each in found] == [
        (UpgradeErrorCode.SUBSCRIPTION_STATUS_NOT_ACTIVE, status.value)
    ]


def test_owning_the_target_conflicts_with_moving_licenses(
    world: World, draft: CustomerBuilder
) -> None:
    source = draft.legacy("flow-p1", cycle=BillingCycle.ANNUAL)
    draft.legacy("flow-p2")
    assert codes(world, draft.account, source, "flow-p2") == []
    assert codes(world, draft.account, source, "flow-p2", TRANSFER) == [
        UpgradeErrorCode.CONFLICTING_SERVICE_TYPES
    ]


def test_an_offer_with_a_concurrency_limit_is_not_bought_twice(
    world: World, draft: CustomerBuilder
) -> None:
    source = draft.legacy("d365-sales", cycle=BillingCycle.MONTHLY)
    draft.legacy("d365-plan")
    assert codes(world, draft.account, source, "d365-plan") == [
        UpgradeErrorCode.CONCURRENCY_CONFLICTS
    ]


def test_applications_cannot_move_licenses(world: World, draft: CustomerBuilder) -> None:
    source = draft.legacy("o365-e1")
    assert codes(world, draft.account, source, "o365-e3", ONLY, APP) == []
    assert codes(world, draft.account, source, "o365-e3", TRANSFER, APP) == [
        UpgradeErrorCode.USER_CONTEXT_REQUIRED
    ]


def test_add_ons_are_in_the_way_until_they_are_gone(world: World, draft: CustomerBuilder) -> None:
    source = draft.legacy("o365-f1")
    add_on = draft.add_on(source, "archiving")
    assert codes(world, draft.account, source, "o365-e1") == [
        UpgradeErrorCode.SUBSCRIPTION_ADD_ONS_PRESENT
    ]
    add_on.status = SubscriptionStatus.SUSPENDED
    assert codes(world, draft.account, source, "o365-e1") == []


def test_orders_in_progress_are_waited_for(world: World, draft: CustomerBuilder) -> None:
    source = draft.legacy("powerapps-p1", is_provisioned=False)
    assert codes(world, draft.account, source, "powerapps-p2") == [
        UpgradeErrorCode.SUBSCRIPTION_NOT_PROVISIONED
    ]


def test_the_target_has_to_support_the_billing_cycle(world: World, draft: CustomerBuilder) -> None:
    source = draft.legacy("project-professional", cycle=BillingCycle.MONTHLY)
    assert codes(world, draft.account, source, "project-premium") == [
        UpgradeErrorCode.OFFER_DOES_NOT_SUPPORT_BILLING_CYCLE
    ]


def test_without_granular_admin_licenses_cannot_move(world: World, draft: CustomerBuilder) -> None:
    source = draft.legacy("o365-e1")
    draft.account.has_granular_admin = False
    assert codes(world, draft.account, source, "o365-e3", TRANSFER) == [
        UpgradeErrorCode.INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS
    ]


@pytest.mark.parametrize(
    ("source_key", "wanted", "code"),
    [
        ("m365-e5", "o365-e3", UpgradeErrorCode.NO_UPGRADE_PATHS),
        ("o365-e1", "flow-p2", UpgradeErrorCode.SUBSCRIPTION_TARGET_OFFER_NOT_FOUND),
    ],
)
def test_targets_that_are_no_path_are_refused_when_performed(
    world: World, draft: CustomerBuilder, source_key: str, wanted: str, code: UpgradeErrorCode
) -> None:
    source = draft.legacy(source_key)
    outcome = perform(
        world, draft.account, source, UpgradeRequest(world.catalog.offers[wanted].id, ONLY)
    )
    assert outcome.target is None
    assert [problem.code for problem in outcome.problems] == [code]
    assert len(draft.account.subscriptions) == 1


def test_other_generations_have_no_upgrades(world: World, draft: CustomerBuilder) -> None:
    for source in (draft.azure(), draft.modern("o365-e1")):
        assert upgrades.list_targets(source, world.catalog) == []


def test_a_performed_upgrade_buys_the_target_and_retires_the_source(
    world: World, draft: CustomerBuilder
) -> None:
    source = draft.legacy("o365-e1", cycle=BillingCycle.MONTHLY)
    offer = world.catalog.offers["o365-e3"]
    outcome = perform(world, draft.account, source, UpgradeRequest(offer.id.lower(), TRANSFER))
    upgrades.retire(outcome, SubscriptionStatus.SUSPENDED)
    target = outcome.target
    assert target is not None
    assert draft.account.subscriptions[target.id] is target
    assert (target.item, target.quantity, target.status) == (
        "o365-e3",
        source.quantity,
        SubscriptionStatus.ACTIVE,
    )
    assert target.provisioned_s == NOW_S + 30.0
    assert target.order_id != source.order_id
    assert (source.status, source.version) == (SubscriptionStatus.SUSPENDED, 2)


def test_a_wished_quantity_is_bought(world: World, draft: CustomerBuilder) -> None:
    source = draft.legacy("o365-e1", cycle=BillingCycle.MONTHLY)
    wish = UpgradeRequest(world.catalog.offers["o365-e3"].id, ONLY, quantity=77)
    outcome = perform(world, draft.account, source, wish)
    assert outcome.target is not None
    assert outcome.target.quantity == 77


def test_users_who_cannot_move_keep_the_source_alive(world: World, draft: CustomerBuilder) -> None:
    source = draft.legacy("exchange-p1", trait=Trait.USERS_CANNOT_MOVE)
    wish = UpgradeRequest(world.catalog.offers["exchange-p2"].id, TRANSFER)
    outcome = perform(world, draft.account, source, wish)
    upgrades.retire(outcome, SubscriptionStatus.SUSPENDED)
    assert outcome.target is not None
    assert len(outcome.stuck_users) == 2
    assert source.is_active


def test_users_stay_out_of_it_when_licenses_are_not_moved(
    world: World, draft: CustomerBuilder
) -> None:
    source = draft.legacy("exchange-p1", trait=Trait.USERS_CANNOT_MOVE)
    outcome = perform(
        world, draft.account, source, UpgradeRequest(world.catalog.offers["exchange-p2"].id, ONLY)
    )
    assert outcome.stuck_users == ()


def test_the_default_world_shows_every_reason_that_a_list_can_show(world: World) -> None:
    found = set()
    for profile in world.profiles():
        account = world.account(profile.id, NOW_S)
        for source in account.subscriptions.values():
            for target in upgrades.list_targets(source, world.catalog):
                found.update(codes(world, account, source, target.key, TRANSFER))
    only_when_performed = {
        UpgradeErrorCode.NO_UPGRADE_PATHS,
        UpgradeErrorCode.SUBSCRIPTION_TARGET_OFFER_NOT_FOUND,
    }
    only_for_apps = {UpgradeErrorCode.USER_CONTEXT_REQUIRED}
    assert found == set(UpgradeErrorCode) - only_when_performed - only_for_apps
