import httpx
import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.examples import Examples


async def test_the_default_page_contains_the_whole_catalog(api: httpx.AsyncClient) -> None:
    body = (await api.get("/v1/offers?country=US")).json()
    assert body["totalCount"] == len(body["items"]) >= 60
    assert "next" not in body["links"]


async def test_pages_are_addressed_by_offset(api: httpx.AsyncClient) -> None:
    body = (await api.get("/v1/offers?country=US&size=30&offset=30")).json()
    links = {name: build_link["uri"] for name, build_link in body["links"].items()}
    assert links["next"] == "/v1/offers?country=US&offset=60&size=30"
    assert links["previous"] == "/v1/offers?country=US&offset=0&size=30"
    last = (await api.get(links["next"])).json()
    assert "next" not in last["links"]
    assert 0 < last["totalCount"] < 30


async def test_offers_depend_on_the_country(api: httpx.AsyncClient, examples: Examples) -> None:
    ids = {}
    for country in ("US", "DE"):
        items = (await api.get(f"/v1/offers?country={country}")).json()["items"]
        ids[country] = {item["id"] for item in items}
        assert {item["country"] for item in items} == {country}
    assert examples.us_only_offer_id in ids["US"] - ids["DE"]
    assert ids["DE"] < ids["US"]


async def test_offers_can_be_filtered_by_category(api: httpx.AsyncClient) -> None:
    path = "/v1/offers?country=US&offer_category_id=SmallBusiness_Key&size=2"
    body = (await api.get(path)).json()
    assert {item["category"]["id"] for item in body["items"]} == {"SmallBusiness_Key"}
    following = (await api.get(body["links"]["next"]["uri"])).json()
    assert {item["category"]["id"] for item in following["items"]} == {"SmallBusiness_Key"}


async def test_texts_are_in_the_requested_locale(api: httpx.AsyncClient) -> None:
    path = "/v1/offers/031c9e47-4802-4248-838e-778fb1d2cc05?country=de"
    german = (await api.get(path, headers={"X-Locale": "de-DE"})).json()
    default = (await api.get(path)).json()
    assert german["description"].startswith("Für Unternehmen")
    assert default["description"].startswith("For businesses")
    assert (german["locale"], default["locale"]) == ("de-DE", "en-US")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/offers", 400, 800002),
        ("/v1/offers?country=XX", 400, 2000),
        ("/v1/offers?country=US&size=x", 400, 2000),
        ("/v1/offers/nonsense?country=US", 400, 800004),
        ("/v1/offers/11111111-1111-4111-8111-111111111111?country=US", 404, 1000),
        ("/v1/offers/MS-AZR-9999P?country=US", 404, 1000),
        ("/v1/offers/CFQ7TTC0LF8Q:0001:CFQ7TTC0K39X?country=US", 400, 2100),
        ("/v1/offers/E60E0348-1710-484B-992A-32B294D4CDE1?country=DE", 400, 800070),
        ("/v1/offercategories", 400, 800002),
    ],
)
async def test_invalid_requests_are_rejected(
    api: httpx.AsyncClient, path: str, status: int, code: int
) -> None:
    response = await api.get(path)
    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_add_ons_of_an_offer_have_it_as_prerequisite(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    body = (await api.get(f"/v1/offers/{examples.offer_id}/addons?country=US")).json()
    assert examples.add_on_offer_id in {item["id"] for item in body["items"]}
    for item in body["items"]:
        assert item["isAddOn"] is True
        assert examples.offer_id in item["prerequisiteOffers"]
        assert (item["category"]["id"], item["category"]["name"]) == ("", "")


async def test_category_names_are_in_the_requested_locale(api: httpx.AsyncClient) -> None:
    path = "/v1/offercategories?country=DE"
    german = (await api.get(path, headers={"X-Locale": "de-DE"})).json()["items"]
    default = (await api.get(path)).json()["items"]
    assert [item["id"] for item in german] == [item["id"] for item in default]
    assert "Behörden" in {item["name"] for item in german}


async def test_the_catalog_of_a_customer_is_that_of_its_country(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    customer = f"/v1/customers/{examples.without_azure_customer_id}"
    offers = (await api.get(f"{customer}/offers?size=10")).json()
    assert {item["country"] for item in offers["items"]} == {"DE"}
    assert offers["links"]["next"]["uri"].startswith(f"{customer}/offers?")
    following = (await api.get(offers["links"]["next"]["uri"])).json()
    assert following["totalCount"] == 10
    categories = (await api.get(f"{customer}/offercategories")).json()
    assert {item["country"] for item in categories["items"]} == {"DE"}
