import pytest

from gateway.sandbox import product_upgrades
from gateway.sandbox.customer_builder import CustomerBuilder
from gateway.sandbox.enums import SubscriptionStatus
from gateway.sandbox.errors import VendorError
from gateway.sandbox.identity import guid
from gateway.sandbox.options import Timings
from gateway.sandbox.records import CommerceFamily, Customer, ProductUpgrade, ProductUpgradeState
from gateway.sandbox.world import World
from tests.gateway.sandbox.conftest import NOW_S

TIMINGS = Timings(upgrade_pending_s=5.0, upgrade_in_progress_s=10.0)
PENDING, IN_PROGRESS, COMPLETED, FAILED = ProductUpgradeState


@pytest.fixture
def builder(world: World) -> CustomerBuilder:
    return CustomerBuilder(world.catalog, 1, world.get_profile(0), NOW_S)


def add_upgrade(customer: Customer, *, fails: bool = False) -> ProductUpgrade:
    upgrade = ProductUpgrade(
        id=guid("u"),
        created_s=NOW_S,
        plan_id=guid("p"),
        source_ids=tuple(each.id for each in customer.list_legacy_azure()),
        fails=fails,
    )
    customer.product_upgrades.append(upgrade)
    return upgrade


def get_error_code(customer: Customer, now_s: float = NOW_S) -> int:
    with pytest.raises(VendorError) as error_info:
        product_upgrades.check_creation(customer, now_s, TIMINGS)
    return error_info.value.code


@pytest.mark.parametrize(
    ("age_s", "fails", "state"),
    [
        (0, False, PENDING),
        (4.9, False, PENDING),
        (5, False, IN_PROGRESS),
        (14.9, True, IN_PROGRESS),
        (15, False, COMPLETED),
        (15, True, FAILED),
    ],
)
def test_the_state_is_computed_from_the_time(
    builder: CustomerBuilder, age_s: float, fails: bool, state: ProductUpgradeState
) -> None:
    upgrade = add_upgrade(builder.customer, fails=fails)
    assert product_upgrades.compute_state(upgrade, NOW_S + age_s, TIMINGS) is state


@pytest.mark.parametrize("state", list(ProductUpgradeState), ids=lambda s: s.value)
def test_upgrades_of_sample_customers_stay_in_their_state(
    builder: CustomerBuilder, state: ProductUpgradeState
) -> None:
    builder.add_legacy_azure()
    upgrade = builder.add_product_upgrade(state)
    assert product_upgrades.compute_state(upgrade, NOW_S + 10**9, TIMINGS) is state


def test_completion_adds_the_plan_and_suspends_the_sources_once(
    builder: CustomerBuilder,
) -> None:
    old = builder.add_legacy_azure()
    upgrade = add_upgrade(builder.customer)
    for now_s in (NOW_S + 1, NOW_S + 15, NOW_S + 99):
        product_upgrades.advance(builder.customer, now_s, TIMINGS)
    plans = [
        s
        for s in builder.customer.subscriptions.values()
        if s.commerce_family is CommerceFamily.AZURE_PLAN
    ]
    assert [plan.id for plan in plans] == [upgrade.plan_id]
    assert plans[0].created_s == NOW_S + 15
    assert (old.status, old.version) == (SubscriptionStatus.SUSPENDED, 2)


def test_a_failed_upgrade_changes_nothing(builder: CustomerBuilder) -> None:
    old = builder.add_legacy_azure()
    add_upgrade(builder.customer, fails=True)
    product_upgrades.advance(builder.customer, NOW_S + 99, TIMINGS)
    assert list(builder.customer.subscriptions.values()) == [old]
    assert old.is_active


def test_an_eligible_customer_can_be_upgraded(builder: CustomerBuilder) -> None:
    builder.add_legacy_azure()
    found = product_upgrades.check_eligibility(builder.customer, NOW_S, TIMINGS)
    assert (found.is_eligible, found.upgrade_id, found.reason) == (True, None, None)
    product_upgrades.check_creation(builder.customer, NOW_S, TIMINGS)


@pytest.mark.parametrize(
    ("age_s", "code", "reason"),
    [(0, 900109, "in progress"), (7, 900109, "in progress"), (20, 900110, "already has")],
    ids=["pending", "in progress", "completed"],
)
def test_a_second_upgrade_is_rejected_with_the_id_of_the_first(
    builder: CustomerBuilder, age_s: float, code: int, reason: str
) -> None:
    builder.add_legacy_azure()
    upgrade = add_upgrade(builder.customer)
    now_s = NOW_S + age_s
    assert get_error_code(builder.customer, now_s) == code
    found = product_upgrades.check_eligibility(builder.customer, now_s, TIMINGS)
    assert (found.is_eligible, found.upgrade_id) == (False, upgrade.id)
    assert reason in str(found.reason)


def test_a_failed_upgrade_can_be_requested_again(builder: CustomerBuilder) -> None:
    builder.add_legacy_azure()
    upgrade = add_upgrade(builder.customer, fails=True)
    found = product_upgrades.check_eligibility(builder.customer, NOW_S + 20, TIMINGS)
    assert (found.is_eligible, found.upgrade_id) == (True, upgrade.id)
    product_upgrades.check_creation(builder.customer, NOW_S + 20, TIMINGS)


def add_nothing(_: CustomerBuilder) -> None:
    pass


def add_suspended(builder: CustomerBuilder) -> None:
    builder.add_legacy_azure(status=SubscriptionStatus.SUSPENDED)


def add_recent(builder: CustomerBuilder) -> None:
    builder.add_legacy_azure(age_days=0)


def add_without_agreement(builder: CustomerBuilder) -> None:
    builder.add_legacy_azure()
    builder.customer.has_accepted_agreement = False


@pytest.mark.parametrize(
    ("add_content", "code"),
    [
        (add_nothing, 900108),
        (add_suspended, 900105),
        (add_recent, 900130),
        (add_without_agreement, 13605),
    ],
)
def test_problems_are_reasons_in_the_eligibility_and_errors_of_the_creation(
    builder: CustomerBuilder, add_content: object, code: int
) -> None:
    assert callable(add_content)
    add_content(builder)
    found = product_upgrades.check_eligibility(builder.customer, NOW_S, TIMINGS)
    assert not found.is_eligible
    assert found.reason
    assert get_error_code(builder.customer) == code


def test_status_needs_an_upgrade_of_this_customer(builder: CustomerBuilder) -> None:
    with pytest.raises(VendorError, match="404 900106"):
        product_upgrades.find_upgrade(builder.customer, guid("other"))
    upgrade = add_upgrade(builder.customer)
    assert product_upgrades.find_upgrade(builder.customer, upgrade.id.upper()) is upgrade
    with pytest.raises(VendorError, match=f"400 900111: .* mapped to upgrade ID {upgrade.id}"):
        product_upgrades.find_upgrade(builder.customer, guid("other"))
