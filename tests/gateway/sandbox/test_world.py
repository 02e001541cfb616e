import dataclasses
from collections import Counter

import pytest

from gateway.sandbox.errors import VendorError
from gateway.sandbox.identity import guid, is_guid
from gateway.sandbox.options import MIN_CUSTOMERS, CommerceShares, SandboxOptions
from gateway.sandbox.records import CommerceFamily, Customer
from gateway.sandbox.world import World
from tests.gateway.sandbox.conftest import NOW_S


def list_customers(world: World) -> list[Customer]:
    return [world.get_customer(profile.id, NOW_S) for profile in world.iter_profiles()]


def test_the_same_seed_generates_the_same_world() -> None:
    options = SandboxOptions(customers=30)
    assert list_customers(World(options, NOW_S)) == list_customers(World(options, NOW_S))


def test_another_seed_generates_another_world() -> None:
    first, second = (World(SandboxOptions(seed=seed), NOW_S) for seed in (1, 2))
    ids = [{profile.id for profile in world.iter_profiles()} for world in (first, second)]
    assert not ids[0] & ids[1]


def test_customers_have_twenty_subscriptions_with_unique_ids() -> None:
    customers = list_customers(World(SandboxOptions(customers=60), NOW_S))
    assert {len(customer.subscriptions) for customer in customers} == {20, 21}
    assert sum(len(customer.subscriptions) for customer in customers) - 60 * 20 <= 1
    ids = [each for customer in customers for each in customer.subscriptions]
    assert len(set(ids)) == len(ids)


def test_the_default_world_has_every_commerce_family() -> None:
    customers = list_customers(World(SandboxOptions(), NOW_S))
    families = Counter(s.commerce_family for a in customers for s in a.subscriptions.values())
    assert families.keys() == set(CommerceFamily)
    assert (
        families[CommerceFamily.LEGACY_LICENSE]
        > families[CommerceFamily.NEW_COMMERCE]
        > families[CommerceFamily.LEGACY_AZURE]
    )


def test_shares_decide_the_commerce_families_of_generated_customers() -> None:
    options = SandboxOptions(
        customers=30, shares=CommerceShares(legacy_license=1.0, new_commerce=0.0, legacy_azure=0.0)
    )
    world = World(options, NOW_S)
    generated = list_customers(world)[MIN_CUSTOMERS:]
    families = {each.commerce_family for a in generated for each in a.subscriptions.values()}
    assert families == {CommerceFamily.LEGACY_LICENSE}


def test_a_customer_with_azure_only_is_generated_in_finite_time() -> None:
    options = SandboxOptions(
        customers=30, shares=CommerceShares(legacy_license=0.0, new_commerce=0.0, legacy_azure=1.0)
    )
    customer = list_customers(World(options, NOW_S))[MIN_CUSTOMERS]
    assert len(customer.list_legacy_azure()) == 3


def test_an_unchanged_customer_is_generated_again_after_eviction() -> None:
    world = World(SandboxOptions(customers=30), NOW_S, max_cached=5)
    first = world.get_customer(world.get_profile(20).id, NOW_S)
    for profile in world.iter_profiles(21):
        world.get_customer(profile.id, NOW_S)
    again = world.get_customer(first.profile.id, NOW_S)
    assert again is not first
    assert again == first


def test_a_changed_customer_is_never_evicted() -> None:
    world = World(SandboxOptions(customers=30), NOW_S, max_cached=5)
    first = world.get_customer(world.get_profile(20).id, NOW_S)
    world.save(first)
    for profile in world.iter_profiles(21):
        world.get_customer(profile.id, NOW_S)
    assert world.get_customer(first.profile.id, NOW_S) is first


def test_a_cached_customer_is_not_generated_again(world: World) -> None:
    customer_id = world.get_profile(0).id
    assert world.get_customer(customer_id, NOW_S) is world.get_customer(customer_id.upper(), NOW_S)


@pytest.mark.parametrize(
    ("customer_id", "status", "code"),
    [
        ("not-a-guid", 400, 2000),
        (guid("another partner"), 403, 20002),
    ],
    ids=["malformed", "foreign"],
)
def test_ids_of_other_customers_are_rejected(
    world: World, customer_id: str, status: int, code: int
) -> None:
    with pytest.raises(VendorError) as error_info:
        world.get_customer(customer_id, NOW_S)
    assert (error_info.value.status, error_info.value.code) == (status, code)


def test_removed_customers_are_not_found(world: World) -> None:
    with pytest.raises(VendorError) as error_info:
        world.get_customer(world.examples.removed_customer_id, NOW_S)
    assert (error_info.value.status, error_info.value.code) == (404, 60003)


def test_unknown_and_malformed_subscription_ids_are_rejected(world: World) -> None:
    customer_id = world.examples.customer_id
    with pytest.raises(VendorError, match="404 20003"):
        world.get_subscription(customer_id, guid("none"), NOW_S)
    with pytest.raises(VendorError, match="400 2000: Subscription id must be a GUID, not 'x'"):
        world.get_subscription(customer_id, "x", NOW_S)


def test_all_examples_are_ids(world: World) -> None:
    values = dataclasses.asdict(world.examples)
    assert {name for name, value in values.items() if not is_guid(value)} == {
        "transition_target_item_id"
    }


def test_example_customers_exist(world: World) -> None:
    values = dataclasses.asdict(world.examples)
    absent = {"foreign_customer_id", "removed_customer_id"}
    for name, value in values.items():
        if name.endswith("customer_id") and name not in absent:
            assert world.get_customer(value, NOW_S).profile.id == value


def test_sample_customers_are_the_first_ones_in_every_world() -> None:
    world = World(
        SandboxOptions(customers=MIN_CUSTOMERS, subscriptions_per_customer=0, seed=99), NOW_S
    )
    names = [profile.company_name for profile in world.iter_profiles()]
    assert names[:2] == ["Contoso Ltd.", "Fabrikam, Inc."]
    assert world.examples.customer_id == next(world.iter_profiles()).id


def test_legacy_sample_customers_have_twenty_and_four_offers(world: World) -> None:
    for customer_id, offers in (
        (world.examples.legacy_customer_id, 20),
        (world.examples.four_offers_customer_id, 4),
    ):
        owned = world.get_customer(customer_id, NOW_S).subscriptions.values()
        assert {each.commerce_family for each in owned} == {CommerceFamily.LEGACY_LICENSE}
        assert (len(owned), len({each.item for each in owned})) == (20, offers)


def test_names_and_cultures_match_the_country() -> None:
    world = World(SandboxOptions(customers=300), NOW_S)
    countries = Counter(profile.country for profile in world.iter_profiles())
    assert countries.keys() == {"US", "DE"}
    german = next(p for p in world.iter_profiles(20) if p.country == "DE")
    assert german.culture == "de-DE"
    assert german.email.endswith(german.domain)
    assert german.domain.endswith(f"{german.index}.onmicrosoft.com")
