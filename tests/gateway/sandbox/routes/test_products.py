"""The catalog of new commerce (CONTRACT 4.28 to 4.31)."""

from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.examples import Examples
from gateway.sandbox.timestamps import DAY_S
from tests.gateway.sandbox.bodies.test_samples import list_members
from tests.support.samples import samples

Body = dict[str, Any]
PRODUCT = "/v1/products/CFQ7TTC0LH18"
SKU = f"{PRODUCT}/skus/0001"
AVAILABILITIES = f"{SKU}/availabilities"
WEEK_S = 7 * DAY_S


async def read(api: httpx.AsyncClient, path: str) -> Body:
    response = await api.get(path)
    assert response.status_code == 200
    body: Body = response.json()
    return body


@pytest.mark.parametrize(
    ("sample", "path"),
    [
        ("get-product.new-commerce.response", PRODUCT),
        ("get-sku.new-commerce.response", SKU),
        ("get-availability.new-commerce.response", f"{AVAILABILITIES}/CFQ7TTC0K971"),
    ],
)
async def test_a_response_has_the_members_of_the_sample_and_its_identity(
    api: httpx.AsyncClient, sample: str, path: str
) -> None:
    body, expected = await read(api, f"{path}?country=US"), samples()[sample].json
    assert set(list_members(expected)) - set(list_members(body)) == set()
    same = (
        *("id", "title", "productType", "productId", "skuId", "catalogItemId", "segment"),
        *("country", "defaultCurrency", "publisherName", "links", "maximumQuantity"),
    )
    assert {name: body.get(name) for name in same} == {name: expected.get(name) for name in same}


async def test_the_list_is_a_collection_of_current_availabilities(api: httpx.AsyncClient) -> None:
    body = await read(api, f"{AVAILABILITIES}?country=DE")
    (item,) = body["items"]
    assert item == await read(api, f"{AVAILABILITIES}/{item['id']}?country=DE")
    assert item["defaultCurrency"] == {"code": "EUR", "symbol": "€"}
    assert body["links"]["self"]["uri"] == f"{AVAILABILITIES.removeprefix('/v1')}?country=DE"
    terms = {(term["duration"], term["billingCycle"]) for term in item["terms"]}
    assert {("P1M", "Monthly"), ("P1Y", "Monthly"), ("P3Y", "Triennial")} <= terms
    assert not {each for each in list_members(body) if "price" in each.lower()}


async def test_every_product_of_a_new_commerce_subscription_has_a_title(
    api: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    names = set()
    for profile in sandbox.world.iter_profiles():
        for each in (await read(api, f"/v1/customers/{profile.id}/subscriptions"))["items"]:
            if each["offerId"].count(":") == 2:
                names.add((*each["offerId"].split(":")[:2], each["offerName"]))
    assert len(names) > 20
    for product_id, sku_id, name in names:
        path = f"/v1/products/{product_id}"
        assert (await read(api, f"{path}?country=US"))["title"]
        assert (await read(api, f"{path}/skus/{sku_id}?country=US"))["title"] == name


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/products/CFQ7TTC00000", 404, 400013),
        ("/v1/products/CFQ7TTC00000/skus/0001", 404, 400013),
        (f"{PRODUCT}/skus/0009", 404, 400018),
        (f"{PRODUCT}/skus/0009/availabilities", 404, 400018),
        (f"{AVAILABILITIES}/CFQ7TTC00000", 404, 400019),
    ],
)
async def test_unknown_ids_have_their_own_codes(
    api: httpx.AsyncClient, path: str, status: int, code: int
) -> None:
    response = await api.get(f"{path}?country=US")
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize("query", ["", "?country=", "?country=FR", "?country=USA"])
async def test_a_known_country_is_required(api: httpx.AsyncClient, query: str) -> None:
    for path in (PRODUCT, SKU, AVAILABILITIES, f"{AVAILABILITIES}/CFQ7TTC0K971"):
        assert (await api.get(f"{path}{query}")).status_code == 400


async def test_ids_and_countries_are_compared_without_case(api: httpx.AsyncClient) -> None:
    path = f"{AVAILABILITIES}/CFQ7TTC0K971?country=US"
    assert await read(api, path.lower()) == await read(api, path)


@pytest.mark.parametrize(
    ("segment", "count"), [("commercial", 1), ("Commercial", 1), ("education", 0), ("nonprofit", 0)]
)
async def test_availabilities_are_filtered_by_segment(
    api: httpx.AsyncClient, segment: str, count: int
) -> None:
    body = await read(api, f"{AVAILABILITIES}?country=US&targetSegment={segment}")
    assert len(body["items"]) == count


async def test_a_segment_can_be_forbidden_or_unknown(api: httpx.AsyncClient) -> None:
    path = f"{AVAILABILITIES}?country=US&targetSegment="
    forbidden = await api.get(f"{path}government")
    assert (forbidden.status_code, forbidden.json()["code"]) == (403, 400030)
    assert (await api.get(f"{path}nobody")).status_code == 400


async def test_a_product_at_the_end_of_sale_has_no_availability(api: httpx.AsyncClient) -> None:
    path = "/v1/products/CFQ7TTC0LFLX/skus/0004"
    assert (await read(api, f"{path}?country=US"))["title"] == "Microsoft 365 E3 (original)"
    assert (await read(api, f"{path}/availabilities?country=US"))["items"] == []
    response = await api.get(f"{path}/availabilities/CFQ7TTC0K2PD?country=US")
    assert (response.status_code, response.json()["code"]) == (404, 400019)


async def test_the_catalog_of_a_customer_is_that_of_its_country(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    customer = f"/v1/customers/{examples.without_azure_customer_id}"
    for path in (PRODUCT, SKU, AVAILABILITIES, f"{AVAILABILITIES}/CFQ7TTC0K971"):
        body = await read(api, path.replace("/v1", customer))
        assert body == await read(api, f"{path}?country=DE")


async def test_q44_tracing_ids_are_repeated_in_one_value(api: httpx.AsyncClient) -> None:
    headers = {"MS-RequestId": "r", "MS-CorrelationId": "c", "X-Locale": "en-us"}
    response = await api.get(f"{SKU}?country=US", headers=headers)
    assert response.headers["MS-RequestId"] == "r,r"
    assert response.headers["MS-CorrelationId"] == "c,c"
    assert response.headers["X-Locale"] == "en-US,en-US"


async def test_availabilities_get_new_ids_every_week(
    api: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    ids = []
    for _ in range(3):
        (item,) = (await read(api, f"{AVAILABILITIES}?country=US"))["items"]
        ids.append(item["id"])
        sandbox.clock.advance(WEEK_S - 1)
        assert (await read(api, f"{AVAILABILITIES}/{item['id']}?country=US"))["id"] == item["id"]
        sandbox.clock.advance(1)
        response = await api.get(f"{AVAILABILITIES}/{item['id']}?country=US")
        assert (response.status_code, response.json()["code"]) == (404, 400019)
    assert len(set(ids)) == 3
    assert ids[0] == "CFQ7TTC0K971"


async def test_a_transition_needs_the_current_id_of_its_target(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    path = f"/v1/customers/{examples.transition_customer_id}/subscriptions"
    path += f"/{examples.new_commerce_subscription_id}"
    before = await read(api, path)
    stale = (await read(api, f"{path}/transitionEligibilities"))["items"][0]["catalogItemId"]
    sandbox.clock.advance(WEEK_S)
    current = (await read(api, f"{path}/transitionEligibilities"))["items"][0]["catalogItemId"]
    assert current != stale
    order = {"quantity": before["quantity"], "transitionType": "transition_only"}
    refused = await api.post(f"{path}/transitions", json={**order, "toCatalogItemId": stale})
    assert (refused.status_code, refused.json()["code"]) == (400, 800024)
    started = await api.post(f"{path}/transitions", json={**order, "toCatalogItemId": current})
    assert started.json()["toCatalogItemId"] == current
    assert started.json()["fromCatalogItemId"] == before["offerId"]
    sandbox.clock.advance(WEEK_S)
    after = await read(api, path)
    assert after["offerId"] == current
    assert after["links"]["availability"]["uri"].endswith(f"{current.split(':')[2]}?country=US")


async def test_a_scheduled_change_needs_the_current_id_and_is_valid_afterwards(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    path = f"/v1/customers/{examples.renewal_customer_id}/subscriptions"
    path += f"/{examples.renewable_subscription_id}"
    await api.put("/_sandbox/renewals", json={"processing_s": 0})
    sandbox.clock.advance(5 * DAY_S)  # until the renewal, which keeps the product
    sandbox.clock.advance(2 * DAY_S)
    body = await read(api, path)
    product_id, sku_id, stale_id = body["offerId"].split(":")
    product = {
        "productId": product_id,
        "skuId": sku_id,
        "availabilityId": stale_id,
        "billingCycle": "Monthly",
        "termDuration": "P1Y",
    }
    member = "scheduledNextTermInstructions"
    body[member] = {"product": product, "quantity": 5}
    refused = await api.patch(path, json=body)
    assert (refused.status_code, refused.json()["code"]) == (400, 800002)
    listed = await read(api, f"/v1/products/{product_id}/skus/{sku_id}/availabilities?country=US")
    product["availabilityId"] = listed["items"][0]["id"]
    accepted = await api.patch(path, json=body)
    assert accepted.json()[member] == body[member]
    sandbox.clock.advance(WEEK_S)
    renamed = await api.patch(path, json={**accepted.json(), "friendlyName": "Front desk"})
    assert renamed.json()[member] == body[member]
