"""The bodies of each operation have all members of the vendor's samples."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.examples import Examples
from tests.support.samples import samples


def list_members(value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of all members in lower case. `transition` counts as `items` (Q13)."""
    if isinstance(value, dict):
        for key, each in value.items():
            name = "items" if key == "transition" else key.lower()
            yield f"{path}.{name}"
            yield from list_members(each, f"{path}.{name}")
    elif isinstance(value, list):
        for each in value:
            yield from list_members(each, f"{path}[]")


READS = {
    "list-customers": ["/v1/customers?size=2"],
    "list-customers-filtered": ["/v1/customers?size=2"],
    "get-customer": ["/v1/customers/{e.customer_id}"],
    "list-subscriptions": ["/v1/customers/{e.customer_id}/subscriptions"],
    "list-subscriptions-by-order": ["/v1/customers/{e.customer_id}/subscriptions"],
    "list-subscriptions-by-partner": ["/v1/customers/{e.customer_id}/subscriptions"],
    "list-subscriptions.software": ["/v1/customers/{e.customer_id}/subscriptions"],
    "get-subscription.addon": [
        "/v1/customers/{e.customer_id}/subscriptions/{e.add_on_subscription_id}"
    ],
    "get-subscription.azure": [
        "/v1/customers/{e.azure_customer_id}/subscriptions/{e.azure_subscription_id}"
    ],
    "get-subscription.new-commerce": [
        "/v1/customers/{e.transition_customer_id}/subscriptions/{e.new_commerce_subscription_id}"
    ],
    "get-provisioning-status": [
        "/v1/customers/{e.customer_id}/subscriptions/{e.upgradable_subscription_id}"
        "/provisioningstatus"
    ],
    "list-upgrades": [
        "/v1/customers/{e.customer_id}/subscriptions/{e.suspended_subscription_id}/upgrades"
    ],
    "list-offers": ["/v1/offers?country=US&size=2", "/v1/offers?country=US&offset=1"],
    "get-offer": ["/v1/offers/{e.offer_id}?country=US"],
    "list-offer-addons": ["/v1/offers/{e.offer_id}/addons?country=US"],
    "list-offer-categories": ["/v1/offercategories?country=US"],
    "list-transition-eligibilities": [
        "/v1/customers/{e.transition_customer_id}/subscriptions/{id}/transitionEligibilities",
    ],
    "list-transitions": [
        "/v1/customers/{e.transition_customer_id}/subscriptions/"
        "{e.transitioned_subscription_id}/transitions"
    ],
}


@pytest.mark.parametrize("sample", READS)
async def test_reads_have_the_members_of_the_sample(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples, sample: str
) -> None:
    customer = sandbox.world.get_customer(examples.transition_customer_id, sandbox.clock())
    with_receivers = next(
        s.id for s in customer.subscriptions.values() if s.item == "o365-e1" and s.term
    )
    ours: set[str] = set()
    for path in READS[sample]:
        response = await api.get(path.format(e=examples, id=with_receivers))
        assert response.status_code == 200
        ours |= set(list_members(response.json()))
    assert set(list_members(samples()[f"{sample}.response"].json)) - ours == set()


async def test_add_ons_have_the_members_of_the_sample_except_the_entitlement(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    path = f"/v1/customers/{examples.customer_id}/subscriptions/"
    path += f"{examples.subscription_with_add_ons_id}/addons"
    ours = set(list_members((await api.get(path)).json()))
    theirs = set(list_members(samples()["list-subscription-addons.response"].json))
    assert theirs - ours == {".items[].entitlementid"}


async def test_an_upgrade_result_has_the_members_of_the_sample(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    path = f"/v1/customers/{examples.customer_id}/subscriptions/"
    path += f"{examples.upgradable_subscription_id}/upgrades"
    response = await api.post(path, content=samples()["perform-upgrade.request"].body)
    assert set(list_members(response.json())) == set(
        list_members(samples()["perform-upgrade.response"].json)
    )


async def test_product_upgrades_have_the_members_of_the_samples(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    customer = {"customerId": examples.azure_customer_id, "productFamily": "azure"}
    eligibility = await api.post("/v1/productUpgrades/eligibility", json=customer)
    assert (
        eligibility.json().keys() == samples()["product-upgrade-eligibility.response"].json.keys()
    )
    customer["customerId"] = examples.completed_product_upgrade_customer_id
    path = f"/v1/productUpgrades/{examples.completed_product_upgrade_id}/status"
    status = await api.post(path, json=customer)
    assert set(list_members(status.json())) == set(
        list_members(samples()["product-upgrade-status.response"].json)
    )


async def test_a_transition_has_the_members_of_the_sample(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    path = f"/v1/customers/{examples.transition_customer_id}/subscriptions/"
    path += examples.new_commerce_subscription_id
    eligible = (await api.get(f"{path}/transitionEligibilities")).json()["items"][0]
    order = {
        "toCatalogItemId": eligible["catalogItemId"],
        "quantity": 1,
        "transitionType": "transition_only",
    }
    ours = set(list_members((await api.post(f"{path}/transitions", json=order)).json()))
    assert set(list_members(samples()["create-transition.response"].json)) - ours == set()


async def test_errors_have_the_members_of_the_samples(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    response = await api.get(f"/v1/customers/{examples.foreign_customer_id}")
    sample = samples()["error.400-2000-other-source.response"].json
    assert response.json().keys() == sample.keys()
    assert isinstance(response.json()["code"], int)
