from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox, create_sandbox
from gateway.sandbox.examples import Examples
from gateway.sandbox.options import SandboxOptions
from tests.gateway.sandbox.conftest import NOW_S
from tests.support.samples import samples


def build_path(examples: Examples, subscription_id: str) -> str:
    return f"/v1/customers/{examples.customer_id}/subscriptions/{subscription_id}/upgrades"


async def fetch_items(api: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.get(path)).json()["items"]
    return items


def build_order(sandbox: Sandbox, key: str, **members: object) -> dict[str, Any]:
    offer_id = sandbox.world.catalog.offers[key].id
    return {"targetOffer": {"id": offer_id}, "upgradeType": "upgrade_only", **members}


async def test_each_target_is_listed_with_both_types(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    items = await fetch_items(api, build_path(examples, examples.upgradable_subscription_id))
    pairs = [(item["targetOffer"]["name"], item["upgradeType"]) for item in items]
    assert pairs[:2] == [
        ("Office 365 Enterprise E3", "upgrade_only"),
        ("Office 365 Enterprise E3", "upgrade_with_license_transfer"),
    ]
    assert len(pairs) == len(set(pairs)) == 6


async def test_the_first_customer_has_eligible_and_ineligible_upgrades(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    found = (await api.get(f"/v1/customers/{examples.customer_id}/subscriptions")).json()["items"]
    items = [
        each for one in found for each in await fetch_items(api, build_path(examples, one["id"]))
    ]
    codes = {error["code"] for item in items for error in item["upgradeErrors"]}
    assert {item["isEligible"] for item in items} == {True, False}
    assert codes == {0, 2, 3, 4, 6, 9, 10}
    assert all(item["isEligible"] is not bool(item["upgradeErrors"]) for item in items)


async def test_target_offers_are_in_the_requested_locale(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    path = build_path(examples, examples.upgradable_subscription_id)
    body = (await api.get(path, headers={"X-Locale": "de-de"})).json()
    assert body["items"][0]["targetOffer"]["description"].startswith("Der beste Plan")
    wrong = await api.get(path, headers={"X-Locale": "fr-FR"})
    assert wrong.json()["code"] == 2000


async def test_other_commerce_families_have_an_empty_list(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    path = (
        f"/v1/customers/{examples.azure_customer_id}/subscriptions/"
        f"{examples.azure_subscription_id}/upgrades"
    )
    assert await fetch_items(api, path) == []


async def test_the_vendors_sample_request_is_accepted(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    path = build_path(examples, examples.upgradable_subscription_id)
    response = await api.post(path, content=samples()["perform-upgrade.request"].body)
    result = response.json()
    assert response.status_code == 200
    assert result["upgradeType"] == 1
    assert (result["upgradeErrors"], result["licenseErrors"]) == ([], [])
    target = path.replace(
        f"{examples.upgradable_subscription_id}/upgrades", result["targetSubscriptionId"]
    )
    created = (await api.get(target)).json()
    assert (created["status"], created["quantity"]) == ("active", 1)
    assert (await api.get(f"{target}/provisioningstatus")).json()["status"] == "pending"
    sandbox.clock.advance(sandbox.options.timings.provisioning_s)
    assert (await api.get(f"{target}/provisioningstatus")).json()["status"] == "success"


@pytest.mark.parametrize("upgrade_type", [2, "2", "UpgradeWithLicenseTransfer"])
async def test_upgrade_types_are_accepted_in_every_form(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples, upgrade_type: object
) -> None:
    path = build_path(examples, examples.upgradable_subscription_id)
    response = await api.post(path, json=build_order(sandbox, "o365-e3", upgradeType=upgrade_type))
    assert response.json()["upgradeType"] == 2


async def test_license_errors_leave_the_source_active_until_it_is_retired(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    source_id = examples.license_errors_subscription_id
    path = build_path(examples, source_id)
    body = build_order(sandbox, "exchange-p2", upgradeType="upgrade_with_license_transfer")
    result = (await api.post(path, json=body)).json()
    assert result["targetSubscriptionId"]
    assert [error["errors"][0]["code"] for error in result["licenseErrors"]] == [60012, 60012]
    source = path.removesuffix("/upgrades")
    assert (await api.get(source)).json()["status"] == "active"
    ids = {"customer_id": examples.customer_id, "subscription_id": source_id}
    freed = await api.post("/_sandbox/licenses", json=ids)
    assert freed.json()["status"] == "suspended"
    assert (await api.get(source)).json()["status"] == "suspended"


@pytest.mark.parametrize(
    ("member", "key", "code"),
    [
        ("suspended_subscription_id", "aad-p2", 2),
        ("subscription_with_add_ons_id", "o365-e1", 6),
        ("pathless_subscription_id", "o365-e1", 7),
        ("upgradable_subscription_id", "flow-p2", 8),
        ("unprovisioned_subscription_id", "powerapps-p2", 9),
    ],
)
async def test_an_ineligible_upgrade_gets_200_with_errors_and_changes_nothing(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples, member: str, key: str, code: int
) -> None:
    path = build_path(examples, getattr(examples, member))
    response = await api.post(path, json=build_order(sandbox, key))
    assert response.status_code == 200
    body = response.json()
    assert [error["code"] for error in body["upgradeErrors"]] == [code]
    assert "targetSubscriptionId" not in body
    assert not sandbox.world.upgrades_performed


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"upgradeType": 1}, 800002),
        ({"targetOffer": "x", "upgradeType": 1}, 800002),
        ({"targetOffer": {"id": "x"}}, 800002),
        ({"targetOffer": {"id": "x"}, "upgradeType": "none"}, 800002),
        ({"targetOffer": {"id": "x"}, "upgradeType": 1, "quantity": "5"}, 800002),
        ([], 800002),
        (
            {
                "targetOffer": {"id": "796b6b5f-613c-4e24-a17c-eba730d49c02"},
                "upgradeType": 1,
                "quantity": 0,
            },
            2002,
        ),
    ],
)
async def test_invalid_bodies_are_rejected(
    api: httpx.AsyncClient, examples: Examples, body: object, code: int
) -> None:
    response = await api.post(build_path(examples, examples.upgradable_subscription_id), json=body)
    assert (response.status_code, response.json()["code"]) == (400, code)


async def test_a_body_that_is_not_json_is_rejected(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    path = build_path(examples, examples.upgradable_subscription_id)
    assert (await api.post(path, content=b"{")).json()["code"] == 800002


async def test_an_upgrade_needs_the_customer_agreement(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    customer_id = examples.without_agreement_customer_id
    customer = sandbox.world.get_customer(customer_id, sandbox.clock())
    source = next(s for s in customer.subscriptions.values() if s.item == "business-essentials")
    path = f"/v1/customers/{customer_id}/subscriptions/{source.id}/upgrades"
    response = await api.post(path, json=build_order(sandbox, "business-premium"))
    assert (response.status_code, response.json()["code"]) == (403, 13605)


async def test_an_upgrade_can_delete_the_source() -> None:
    sandbox = create_sandbox(SandboxOptions(source_after_upgrade="deleted"), clock=lambda: NOW_S)
    path = build_path(sandbox.world.examples, sandbox.world.examples.upgradable_subscription_id)
    headers = {"Authorization": "Bearer sandbox"}
    transport = httpx.ASGITransport(sandbox)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sandbox.test", headers=headers
    ) as api:
        await api.post(path, json=build_order(sandbox, "o365-e3"))
        source = (await api.get(path.removesuffix("/upgrades"))).json()
    assert source["status"] == "deleted"
