import base64
import json
from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox, create_sandbox
from gateway.sandbox.examples import Examples
from gateway.sandbox.options import SandboxOptions


async def fetch_pages(api: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    found = [(await api.get(path)).json()]
    while "next" in found[-1]["links"]:
        build_link = found[-1]["links"]["next"]
        headers = {pair["key"]: pair["value"] for pair in build_link["headers"]}
        found.append((await api.get(f"/v1{build_link['uri']}", headers=headers)).json())
    return found


def list_names(page: dict[str, Any]) -> list[str]:
    return [item["companyProfile"]["companyName"] for item in page["items"]]


def build_filter_path(**members: str) -> str:
    return f"/v1/customers?size=0&filter={json.dumps(members)}"


async def test_pages_can_be_followed_to_the_last_customer(
    api: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    found = await fetch_pages(api, "/v1/customers?size=7")
    counts = [page["totalCount"] for page in found]
    assert counts[:-1] == [7] * (len(counts) - 1)
    assert 1 <= counts[-1] <= 7
    ids = [item["id"] for page in found for item in page["items"]]
    assert ids == [profile.id for profile in sandbox.world.iter_profiles()]
    assert "continuationToken" not in found[-1]
    token = found[0]["continuationToken"]
    assert {"/", "=", ","} <= set(token)


@pytest.mark.parametrize("query", ["", "?size=0", "?size=500", "?size=9999"])
async def test_the_default_page_has_up_to_500_customers(query: str) -> None:
    transport = httpx.ASGITransport(create_sandbox(SandboxOptions(customers=501)))
    headers = {"Authorization": "Bearer sandbox"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sandbox.test", headers=headers
    ) as client:
        assert (await client.get(f"/v1/customers{query}")).json()["totalCount"] == 500


async def test_a_filter_matches_the_beginning_of_names(api: httpx.AsyncClient) -> None:
    path = build_filter_path(Field="CompanyName", Value="cONt", Operator="starts_with")
    assert list_names((await api.get(path)).json()) == ["Contoso Ltd."]
    path = build_filter_path(Field="Domain", Value="fabrikam", Operator="starts_with")
    assert list_names((await api.get(path)).json()) == ["Fabrikam, Inc."]
    path = build_filter_path(Field="IndirectReseller", Value="x", Operator="starts_with")
    assert list_names((await api.get(path)).json()) == []


async def test_a_filter_applies_to_all_pages(api: httpx.AsyncClient) -> None:
    members = {"Field": "CompanyName", "Value": "w", "Operator": "starts_with"}
    found = await fetch_pages(api, f"/v1/customers?size=1&filter={json.dumps(members)}")
    assert len(found) >= 2
    assert all(name.startswith("W") for page in found for name in list_names(page))


@pytest.mark.parametrize(
    "path",
    [
        "/v1/customers?size=many",
        "/v1/customers?size=-1",
        "/v1/customers?filter=nonsense",
        "/v1/customers?filter=[]",
        build_filter_path(Field="Colour", Value="x", Operator="starts_with"),
        build_filter_path(Field="Domain", Value="x", Operator="contains"),
        "/v1/customers?seekOperation=Next",
        "/v1/customers?seekOperation=Previous",
        "/v1/customers?size=99999999999",
    ],
)
async def test_invalid_queries_are_rejected_as_malformed(api: httpx.AsyncClient, path: str) -> None:
    response = await api.get(path)
    assert (response.status_code, response.json()["code"]) == (400, 2000)


async def test_altered_tokens_are_rejected(api: httpx.AsyncClient) -> None:
    token = (await api.get("/v1/customers?size=5")).json()["continuationToken"]
    for altered in ("x" + token, token[:-1] + "x", token.replace("/80/", "/80/W")):
        response = await api.get(
            "/v1/customers?seekOperation=Next", headers={"MS-ContinuationToken": altered}
        )
        assert response.json()["code"] == 2000


@pytest.mark.parametrize("held", ["7", "[1, 2]", '["1", 2, ""]', "{}", "null", "[" * 5_000])
async def test_forged_tokens_are_rejected(api: httpx.AsyncClient, held: str) -> None:
    owner, _, rest = (await api.get("/v1/customers?size=5")).json()["continuationToken"].split(",")
    forged = f"{owner},{owner}_a4ayc/80/{base64.b64encode(held.encode()).decode()}=,{rest}"
    response = await api.get(
        "/v1/customers?seekOperation=Next", headers={"MS-ContinuationToken": forged}
    )
    assert (response.status_code, response.json()["code"]) == (400, 2000)


async def test_a_deeply_nested_filter_is_rejected(api: httpx.AsyncClient) -> None:
    response = await api.get(f"/v1/customers?filter={'[' * 50_000}")
    assert (response.status_code, response.json()["code"]) == (400, 800002)


async def test_a_customer_is_returned_in_full(api: httpx.AsyncClient, examples: Examples) -> None:
    body = (await api.get(f"/v1/customers/{examples.customer_id}")).json()
    assert body["companyProfile"]["companyName"] == "Contoso Ltd."
    assert body["allowDelegatedAccess"] is True


async def test_without_delegated_access_members_are_missing(
    api: httpx.AsyncClient, examples: Examples
) -> None:
    path = f"/v1/customers/{examples.without_delegated_admin_customer_id}"
    body = (await api.get(path)).json()
    assert body["allowDelegatedAccess"] is False
    assert "customDomains" not in body
    assert not {"address", "email"} & body["companyProfile"].keys()


@pytest.mark.parametrize(
    ("member", "status", "code"),
    [("foreign_customer_id", 403, 20002), ("removed_customer_id", 404, 60003)],
)
async def test_customers_of_other_partners_are_rejected(
    api: httpx.AsyncClient, examples: Examples, member: str, status: int, code: int
) -> None:
    response = await api.get(f"/v1/customers/{getattr(examples, member)}")
    assert (response.status_code, response.json()["code"]) == (status, code)
