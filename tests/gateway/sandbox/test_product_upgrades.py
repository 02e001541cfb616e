import pytest

from gateway.sandbox import product_upgrades
from gateway.sandbox.enums import SubscriptionStatus
from gateway.sandbox.errors import VendorError
from gateway.sandbox.identity import guid
from gateway.sandbox.options import Timings
from gateway.sandbox.population import CustomerBuilder
from gateway.sandbox.records import Account, Family, ProductUpgrade, ProductUpgradeState
from gateway.sandbox.world import World
from tests.gateway.sandbox.conftest import NOW_S

TIMINGS = Timings(upgrade_pending_s=5.0, upgrade_in_progress_s=10.0)
PENDING, IN_PROGRESS, COMPLETED, FAILED = ProductUpgradeState


@pytest.fixture
def draft(world: World) -> CustomerBuilder:
    return CustomerBuilder(world.catalog, 1, world.profile(0), NOW_S)


def begun(account: Account, *, fails: bool = False) -> ProductUpgrade:
    upgrade = ProductUpgrade(
        id=guid("u"),
        created_s=NOW_S,
        plan_id=guid("p"),
        source_ids=tuple(each.id for each in account.azure()),
        fails=fails,
    )
    account.product_upgrades.append(upgrade)
    return upgrade


def refusal_code(account: Account, now_s: float = NOW_S) -> int:
    with pytest.raises(VendorError) as refused:
        product_upgrades.create(account, now_s, TIMINGS)
    return refused.value.code


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
def test_the_state_follows_from_the_clock(
    draft: CustomerBuilder, age_s: float, fails: bool, state: ProductUpgradeState
) -> None:
    upgrade = begun(draft.account, fails=fails)
    assert product_upgrades.compute_state(upgrade, NOW_S + age_s, TIMINGS) is state


@pytest.mark.parametrize("state", list(ProductUpgradeState), ids=lambda s: s.value)
def test_upgrades_of_the_examples_stay_in_their_state(
    draft: CustomerBuilder, state: ProductUpgradeState
) -> None:
    draft.azure()
    upgrade = draft.product_upgrade(state)
    assert product_upgrades.compute_state(upgrade, NOW_S + 10**9, TIMINGS) is state


def test_completion_gives_the_plan_and_suspends_the_old_subscriptions_once(
    draft: CustomerBuilder,
) -> None:
    old = draft.azure()
    upgrade = begun(draft.account)
    for now_s in (NOW_S + 1, NOW_S + 15, NOW_S + 99):
        product_upgrades.advance(draft.account, now_s, TIMINGS)
    plans = [s for s in draft.account.subscriptions.values() if s.family is Family.PLAN]
    assert [plan.id for plan in plans] == [upgrade.plan_id]
    assert plans[0].created_s == NOW_S + 15
    assert (old.status, old.version) == (SubscriptionStatus.SUSPENDED, 2)


def test_failure_changes_nothing(draft: CustomerBuilder) -> None:
    old = draft.azure()
    begun(draft.account, fails=True)
    product_upgrades.advance(draft.account, NOW_S + 99, TIMINGS)
    assert list(draft.account.subscriptions.values()) == [old]
    assert old.is_active


def test_an_eligible_customer_can_begin(draft: CustomerBuilder) -> None:
    draft.azure()
    found = product_upgrades.check_eligibility(draft.account, NOW_S, TIMINGS)
    assert (found.is_eligible, found.upgrade_id, found.reason) == (True, None, None)
    product_upgrades.create(draft.account, NOW_S, TIMINGS)


@pytest.mark.parametrize(
    ("age_s", "code", "reason"),
    [(0, 900109, "in progress"), (7, 900109, "in progress"), (20, 900110, "already has")],
    ids=["pending", "in progress", "completed"],
)
def test_a_second_upgrade_is_refused_with_the_first_ones_id(
    draft: CustomerBuilder, age_s: float, code: int, reason: str
) -> None:
    draft.azure()
    upgrade = begun(draft.account)
    now_s = NOW_S + age_s
    assert refusal_code(draft.account, now_s) == code
    found = product_upgrades.check_eligibility(draft.account, now_s, TIMINGS)
    assert (found.is_eligible, found.upgrade_id) == (False, upgrade.id)
    assert reason in str(found.reason)


def test_a_failed_upgrade_can_be_tried_again(draft: CustomerBuilder) -> None:
    draft.azure()
    upgrade = begun(draft.account, fails=True)
    found = product_upgrades.check_eligibility(draft.account, NOW_S + 20, TIMINGS)
    assert (found.is_eligible, found.upgrade_id) == (True, upgrade.id)
    product_upgrades.create(draft.account, NOW_S + 20, TIMINGS)


def none(_: CustomerBuilder) -> None:
    pass


def suspended(draft: CustomerBuilder) -> None:
    draft.azure(status=SubscriptionStatus.SUSPENDED)


def young(draft: CustomerBuilder) -> None:
    draft.azure(age_days=0)


def unsigned(draft: CustomerBuilder) -> None:
    draft.azure()
    draft.account.has_accepted_agreement = False


@pytest.mark.parametrize(
    ("shape", "code"),
    [(none, 900108), (suspended, 900105), (young, 900130), (unsigned, 13605)],
)
def test_hindrances_are_reasons_for_eligibility_and_errors_for_creation(
    draft: CustomerBuilder, shape: object, code: int
) -> None:
    assert callable(shape)
    shape(draft)
    found = product_upgrades.check_eligibility(draft.account, NOW_S, TIMINGS)
    assert not found.is_eligible
    assert found.reason
    assert refusal_code(draft.account) == code


def test_status_needs_an_upgrade_of_this_customer(draft: CustomerBuilder) -> None:
    with pytest.raises(VendorError, match="404 900106"):
        product_upgrades.find(draft.account, guid("other"))
    upgrade = begun(draft.account)
    assert product_upgrades.find(draft.account, upgrade.id.upper()) is upgrade
    with pytest.raises(VendorError, match=f"400 900111: .* mapped to upgrade ID {upgrade.id}"):
        product_upgrades.find(draft.account, guid("other"))
