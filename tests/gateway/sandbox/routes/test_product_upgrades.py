import re

import httpx
import pytest

from gateway.sandbox.app import Sandbox, create_sandbox
from gateway.sandbox.examples import Examples
from gateway.sandbox.identity import guid
from gateway.sandbox.options import SandboxOptions
from gateway.sandbox.quirks import WireProfile
from tests.support.samples import samples


def build_body(customer_id: str, product_family: str = "Azure") -> dict[str, str]:
    return {"customerId": customer_id, "productFamily": product_family}


async def test_an_eligible_customer_gets_an_azure_plan(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    customer = build_body(examples.azure_customer_id)
    eligible = (await api.post("/v1/productUpgrades/eligibility", json=customer)).json()
    assert eligible["isEligible"] is True
    created = await api.post("/v1/productupgrades", json=customer)
    assert (created.status_code, created.content) == (202, b"")
    location = created.headers["location"]
    assert re.fullmatch(r"productUpgrades/[0-9a-f-]{36}", location)
    seen = []
    for pause_s in (0, 5, 10):
        sandbox.clock.advance(pause_s)
        seen.append((await api.post(f"/v1/{location}/status", json=customer)).json())
    assert [status["status"] for status in seen] == ["Pending", "InProgress", "Completed"]
    assert "upgradedDate" not in seen[0]["lineItems"][0]
    assert re.fullmatch(r".*\.\d{7}Z", seen[2]["lineItems"][0]["upgradedDate"])
    path = f"/v1/customers/{examples.azure_customer_id}/subscriptions"
    items = (await api.get(path)).json()["items"]
    assert [i["status"] for i in items if i["offerId"] == "MS-AZR-0145P"] == ["suspended"] * 2
    assert [i["status"] for i in items if i["offerName"] == "Azure plan"] == ["active"]
    assert sandbox.world.upgrades_performed[examples.azure_customer_id] == 1


async def test_the_status_path_is_optional(api: httpx.AsyncClient, examples: Examples) -> None:
    customer = build_body(examples.running_product_upgrade_customer_id)
    path = f"/v1/productUpgrades/{examples.running_product_upgrade_id}"
    short, whole = [await api.post(each, json=customer) for each in (path, f"{path}/status")]
    assert short.json() == whole.json()
    assert short.json()["status"] == "InProgress"


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("pending", "Pending"),
        ("running", "InProgress"),
        ("completed", "Completed"),
        ("failed", "Failed"),
    ],
)
async def test_the_initial_world_has_every_state(
    api: httpx.AsyncClient, examples: Examples, name: str, state: str
) -> None:
    customer = build_body(getattr(examples, f"{name}_product_upgrade_customer_id"), "azure")
    upgrade_id = getattr(examples, f"{name}_product_upgrade_id")
    found = (await api.post(f"/v1/productUpgrades/{upgrade_id}/status", json=customer)).json()
    assert (found["status"], found["productFamily"]) == (state, "azure")
    assert ("errorDetails" in found) is (state == "Failed")
    assert {line["status"] for line in found["lineItems"]} == {state}


async def test_a_failed_upgrade_can_be_requested_again(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    customer = build_body(examples.failing_azure_customer_id)
    states, locations = [], []
    for _ in range(2):
        created = await api.post("/v1/productUpgrades", json=customer)
        locations.append(created.headers["location"])
        sandbox.clock.advance(60)
        path = f"/v1/{locations[-1]}/status"
        states.append((await api.post(path, json=customer)).json()["status"])
    assert states == ["Failed", "Completed"]
    assert locations[0] != locations[1]


@pytest.mark.parametrize(
    ("member", "status", "code"),
    [
        ("running_product_upgrade_customer_id", 409, 900109),
        ("pending_product_upgrade_customer_id", 409, 900109),
        ("completed_product_upgrade_customer_id", 400, 900110),
        ("without_azure_customer_id", 403, 900108),
        ("suspended_azure_customer_id", 403, 900105),
        ("young_azure_customer_id", 403, 900130),
        ("without_agreement_customer_id", 403, 13605),
        ("foreign_customer_id", 403, 20002),
    ],
)
async def test_the_creation_for_an_ineligible_customer_is_rejected(
    api: httpx.AsyncClient, examples: Examples, member: str, status: int, code: int
) -> None:
    response = await api.post("/v1/productUpgrades", json=build_body(getattr(examples, member)))
    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_the_eligibility_names_a_running_upgrade(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    running = build_body(examples.running_product_upgrade_customer_id)
    found = (await api.post("/v1/productUpgrades/eligibility", json=running)).json()
    assert (found["isEligible"], found["upgradeId"]) == (
        False,
        examples.running_product_upgrade_id,
    )
    assert found["reason"] == "An upgrade for this customer is in progress."


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, 900118),
        ({"customerId": "x", "productFamily": "Azure"}, 900118),
        ({"customerId": guid("c")}, 800002),
        ({"customerId": guid("c"), "productFamily": "Office"}, 900126),
    ],
)
async def test_invalid_bodies_are_rejected(
    api: httpx.AsyncClient, sent: dict[str, str], code: int
) -> None:
    response = await api.post("/v1/productUpgrades/eligibility", json=sent)
    assert (response.status_code, response.json()["code"]) == (400, code)


async def test_the_vendors_sample_body_is_accepted(api: httpx.AsyncClient) -> None:
    content = samples()["product-upgrade-status.request"].body
    response = await api.post("/v1/productUpgrades/eligibility", content=content)
    assert response.json()["code"] == 20002


async def test_status_needs_an_upgrade_of_the_customer(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    path = f"/v1/productUpgrades/{guid('unknown')}/status"
    none = await api.post(path, json=build_body(examples.azure_customer_id))
    assert (none.status_code, none.json()["code"]) == (404, 900106)
    other = await api.post(path, json=build_body(examples.running_product_upgrade_customer_id))
    assert (other.status_code, other.json()["code"]) == (400, 900111)
    assert examples.running_product_upgrade_id in other.json()["description"]


async def test_applications_are_rejected(api: httpx.AsyncClient, examples: Examples) -> None:
    headers = {"Authorization": "Bearer sandbox-app-only"}
    for path in ("eligibility", "", f"{examples.running_product_upgrade_id}/status"):
        response = await api.post(f"/v1/productUpgrades/{path}".rstrip("/"), headers=headers)
        assert (response.status_code, response.json()["code"]) == (403, 900329)


async def test_q07_the_location_can_be_absolute(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    sandbox.wire = WireProfile.from_names(["location-absolute"])
    customer = build_body(examples.azure_customer_id)
    location = (await api.post("/v1/productUpgrades", json=customer)).headers["location"]
    assert location.startswith("http://sandbox.test/v1/productUpgrades/")
    assert (await api.post(location, json=customer)).json()["status"] == "Pending"


async def test_the_number_of_azure_plans_can_be_limited() -> None:
    sandbox = create_sandbox(SandboxOptions(max_azure_plans=1))
    ids = (
        sandbox.world.examples.azure_customer_id,
        sandbox.world.examples.failing_azure_customer_id,
    )
    transport, headers = httpx.ASGITransport(sandbox), {"Authorization": "Bearer sandbox"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sandbox.test", headers=headers
    ) as api:
        first, second = [
            await api.post("/v1/productUpgrades", json=build_body(each)) for each in ids
        ]
    assert first.status_code == 202
    assert (second.status_code, second.json()["code"]) == (400, 900116)
