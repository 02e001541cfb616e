import tracemalloc
from pathlib import Path

import pytest

from gateway.sandbox import upgrades
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.capacity import check_capacity, estimate_world_bytes, get_memory_bytes
from gateway.sandbox.enums import UpgradeType
from gateway.sandbox.options import MIN_CUSTOMERS, SandboxOptions, WorldTooLarge
from gateway.sandbox.upgrades import UpgradeContext, UpgradeRequest
from gateway.sandbox.world import World
from tests.gateway.sandbox.conftest import NOW_S


def upgrade_everything(world: World, customer_id: str) -> None:
    """Upgrade each subscription that has a target once."""
    customer = world.get_customer(customer_id, NOW_S)
    world.save(customer)
    context = UpgradeContext(is_user=True, now_s=NOW_S)
    for source in list(customer.subscriptions.values()):
        for target in upgrades.list_targets(source, world.catalog)[:1]:
            order = UpgradeRequest(target.id, UpgradeType.UPGRADE_ONLY)
            upgrades.perform(customer, source, order, world.catalog, context)


def measure_customer_bytes(customers: int, subscriptions_per_customer: int) -> float:
    """Measure the memory of a generated customer after all its subscriptions have changed."""
    subscriptions = MIN_CUSTOMERS + customers
    world = World(SandboxOptions(subscriptions, subscriptions_per_customer), NOW_S)
    ids = [profile.id for profile in world.iter_profiles(MIN_CUSTOMERS)]
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for customer_id in ids:
            upgrade_everything(world, customer_id)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / customers


def test_ten_thousand_changed_customers_take_less_than_500_mib() -> None:
    measured = measure_customer_bytes(customers=200, subscriptions_per_customer=20)
    assert measured <= estimate_world_bytes(1, 20) <= 1.5 * measured
    assert estimate_world_bytes(10_000, 20) < 500 * 2**20


@pytest.mark.parametrize(("customers", "subscriptions"), [(200, 0), (100, 5), (20, 100)])
def test_no_customer_takes_more_than_the_estimate(customers: int, subscriptions: int) -> None:
    assert measure_customer_bytes(customers, subscriptions) <= estimate_world_bytes(
        1, subscriptions
    )


def test_the_error_for_a_world_that_is_too_large_names_what_fits() -> None:
    options = SandboxOptions(customers=1_000_000)
    with pytest.raises(WorldTooLarge) as error_info:
        check_capacity(options, 2**30)
    text = str(error_info.value)
    assert "1,000,000 customers with 20 subscriptions each can need 14.9 GiB" in text
    assert "may use 0.5 GiB; expected at most 33,554 customers of this size" in text


def test_the_size_that_the_error_names_fits() -> None:
    check_capacity(SandboxOptions(customers=33_554), 2**30)


def test_a_sandbox_larger_than_the_memory_is_not_created() -> None:
    with pytest.raises(WorldTooLarge):
        create_sandbox(SandboxOptions(customers=2**32 - 8, subscriptions_per_customer=10_000))


@pytest.mark.parametrize(("text", "expected"), [("1048576\n", 1_048_576), ("max\n", None)])
def test_a_container_limit_lowers_the_available_memory(
    tmp_path: Path, text: str, expected: int | None
) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(text)
    physical = get_memory_bytes(tmp_path / "missing")
    assert get_memory_bytes(limit) == (expected or physical)
