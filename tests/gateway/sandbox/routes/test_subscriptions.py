from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.examples import Examples


async def list_owned(
    api: httpx.AsyncClient, customer_id: str, query: str = ""
) -> list[dict[str, Any]]:
    body = (await api.get(f"/v1/customers/{customer_id}/subscriptions{query}")).json()
    assert body["totalCount"] == len(body["items"])
    items: list[dict[str, Any]] = body["items"]
    return items


async def test_all_subscriptions_are_on_one_page(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    items = await list_owned(api, examples.customer_id)
    assert len(items) == 20
    assert examples.add_on_subscription_id in {item["id"] for item in items}


async def test_a_single_subscription_equals_its_list_item(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    items = await list_owned(api, examples.customer_id)
    for item in items[:3]:
        path = f"/v1/customers/{examples.customer_id}/subscriptions/{item['id'].upper()}"
        assert (await api.get(path)).json() == item


async def test_add_ons_are_the_subscriptions_with_this_parent(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    parent = examples.subscription_with_add_ons_id
    path = f"/v1/customers/{examples.customer_id}/subscriptions/{parent}/addons"
    items = (await api.get(path)).json()["items"]
    assert [item["id"] for item in items] == [examples.add_on_subscription_id]
    assert items[0]["parentSubscriptionId"] == parent


async def test_subscriptions_can_be_filtered_by_order_or_partner(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    items = await list_owned(api, examples.customer_id)
    order_id = items[0]["orderId"]
    assert await list_owned(api, examples.customer_id, f"?order_id={order_id.upper()}") == items[:1]
    legacy = await list_owned(api, examples.customer_id, "?mpn_id=4847383")
    assert {item["partnerId"] for item in legacy} == {"4847383"}
    assert await list_owned(api, examples.customer_id, "?mpn_id=1") == []
    both = f"/v1/customers/{examples.customer_id}/subscriptions?order_id=a&mpn_id=b"
    assert (await api.get(both)).json()["code"] == 800002


async def test_the_commerce_families_can_be_distinguished(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    items = await list_owned(api, examples.customer_id)
    azure = [item for item in items if item["offerId"].startswith("MS-AZR-")]
    modern = [
        item for item in items if item.get("productType", {}).get("id") == "OnlineServicesNCE"
    ]
    legacy = [item for item in items if item not in azure and item not in modern]
    assert {item["billingType"] for item in azure} == {"usage"}
    assert {item["offerId"].count(":") for item in modern} == {2}
    assert {len(item["offerId"]) for item in legacy} == {36}
    assert all("etag" in item["attributes"] for item in legacy)
    assert not any("etag" in item["attributes"] for item in modern)


async def fetch_provisioning(
    api: httpx.AsyncClient, customer_id: str, subscription_id: str
) -> httpx.Response:
    path = f"/v1/customers/{customer_id}/subscriptions/{subscription_id}/provisioningstatus"
    return await api.get(path)


async def test_provisioning_is_pending_until_the_order_is_completed(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    for subscription_id, status in (
        (examples.upgradable_subscription_id, "success"),
        (examples.unprovisioned_subscription_id, "pending"),
    ):
        response = await fetch_provisioning(api, examples.customer_id, subscription_id)
        assert response.json()["status"] == status


async def test_azure_subscriptions_have_no_provisioning_status(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    response = await fetch_provisioning(
        api, examples.azure_customer_id, examples.azure_subscription_id
    )
    assert (response.status_code, response.json()["code"]) == (404, 800007)


async def test_the_provisioning_status_needs_delegated_access(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    customer_id = examples.without_delegated_admin_customer_id
    customer = sandbox.world.get_customer(customer_id, sandbox.clock())
    response = await fetch_provisioning(api, customer_id, next(iter(customer.subscriptions)))
    assert (response.status_code, response.json()["code"]) == (403, 900308)


@pytest.mark.parametrize(
    ("subscription_id", "status", "code"),
    [("x", 400, 2000), ("11111111-1111-4111-8111-111111111111", 404, 20003)],
)
async def test_unknown_subscriptions_are_rejected(
    api: httpx.AsyncClient, examples: Examples, subscription_id: str, status: int, code: int
) -> None:
    path = f"/v1/customers/{examples.customer_id}/subscriptions/{subscription_id}"
    response = await api.get(path)
    assert (response.status_code, response.json()["code"]) == (status, code)
