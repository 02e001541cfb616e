import base64
import json
from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox, create_sandbox
from gateway.sandbox.examples import Examples
from gateway.sandbox.options import SandboxOptions


async def pages(api: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    found = [(await api.get(path)).json()]
    while "next" in found[-1]["links"]:
        build_link = found[-1]["links"]["next"]
        headers = {pair["key"]: pair["value"] for pair in build_link["headers"]}
        found.append((await api.get(f"/v1{build_link['uri']}", headers=headers)).json())
    return found


def names(page: dict[str, Any]) -> list[str]:
    return [item["companyProfile"]["companyName"] for item in page["items"]]


def filtered(**members: str) -> str:
    return f"/v1/customers?size=0&filter={json.dumps(members)}"


async def test_pages_are_followed_to_the_last_customer(
    api: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    found = await pages(api, "/v1/customers?size=7")
    counts = [page["totalCount"] for page in found]
    assert counts[:-1] == [7] * (len(counts) - 1)
    assert 1 <= counts[-1] <= 7
    ids = [item["id"] for page in found for item in page["items"]]
    assert ids == [profile.id for profile in sandbox.world.iter_profiles()]
    assert "continuationToken" not in found[-1]
    token = found[0]["continuationToken"]
    assert {"/", "=", ","} <= set(token)


@pytest.mark.parametrize("query", ["", "?size=0", "?size=500", "?size=9999"])
async def test_the_default_page_holds_up_to_500(query: str) -> None:
    transport = httpx.ASGITransport(create_sandbox(SandboxOptions(customers=501)))
    headers = {"Authorization": "Bearer sandbox"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sandbox.test", headers=headers
    ) as client:
        assert (await client.get(f"/v1/customers{query}")).json()["totalCount"] == 500


async def test_a_filter_finds_names_by_their_beginning(api: httpx.AsyncClient) -> None:
    path = filtered(Field="CompanyName", Value="cONt", Operator="starts_with")
    assert names((await api.get(path)).json()) == ["Contoso Ltd."]
    path = filtered(Field="Domain", Value="fabrikam", Operator="starts_with")
    assert names((await api.get(path)).json()) == ["Fabrikam, Inc."]
    path = filtered(Field="IndirectReseller", Value="x", Operator="starts_with")
    assert names((await api.get(path)).json()) == []


async def test_a_filter_holds_over_all_its_pages(api: httpx.AsyncClient) -> None:
    members = {"Field": "CompanyName", "Value": "w", "Operator": "starts_with"}
    found = await pages(api, f"/v1/customers?size=1&filter={json.dumps(members)}")
    assert len(found) >= 2
    assert all(name.startswith("W") for page in found for name in names(page))


@pytest.mark.parametrize(
    "path",
    [
        "/v1/customers?size=many",
        "/v1/customers?size=-1",
        "/v1/customers?filter=nonsense",
        "/v1/customers?filter=[]",
        filtered(Field="Colour", Value="x", Operator="starts_with"),
        filtered(Field="Domain", Value="x", Operator="contains"),
        "/v1/customers?seekOperation=Next",
        "/v1/customers?seekOperation=Previous",
        "/v1/customers?size=99999999999",
    ],
)
async def test_wrong_queries_are_malformed_values(api: httpx.AsyncClient, path: str) -> None:
    response = await api.get(path)
    assert (response.status_code, response.json()["code"]) == (400, 2000)


async def test_altered_tokens_are_refused(api: httpx.AsyncClient) -> None:
    token = (await api.get("/v1/customers?size=5")).json()["continuationToken"]
    for altered in ("x" + token, token[:-1] + "x", token.replace("/80/", "/80/W")):
        response = await api.get(
            "/v1/customers?seekOperation=Next", headers={"MS-ContinuationToken": altered}
        )
        assert response.json()["code"] == 2000


@pytest.mark.parametrize("held", ["7", "[1, 2]", '["1", 2, ""]', "{}", "null", "[" * 5_000])
async def test_forged_tokens_are_refused(api: httpx.AsyncClient, held: str) -> None:
    owner, _, rest = (await api.get("/v1/customers?size=5")).json()["continuationToken"].split(",")
    forged = f"{owner},{owner}_a4ayc/80/{base64.b64encode(held.encode()).decode()}=,{rest}"
    response = await api.get(
        "/v1/customers?seekOperation=Next", headers={"MS-ContinuationToken": forged}
    )
    assert (response.status_code, response.json()["code"]) == (400, 2000)


async def test_a_filter_that_is_nested_too_deeply_is_refused(api: httpx.AsyncClient) -> None:
    response = await api.get(f"/v1/customers?filter={'[' * 50_000}")
    assert (response.status_code, response.json()["code"]) == (400, 800002)


async def test_a_customer_is_told_in_full(api: httpx.AsyncClient, examples: Examples) -> None:
    body = (await api.get(f"/v1/customers/{examples.customer_id}")).json()
    assert body["companyProfile"]["companyName"] == "Contoso Ltd."
    assert body["allowDelegatedAccess"] is True


async def test_without_delegated_access_less_is_told(
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
async def test_customers_of_others_are_refused(
    api: httpx.AsyncClient, examples: Examples, member: str, status: int, code: int
) -> None:
    response = await api.get(f"/v1/customers/{getattr(examples, member)}")
    assert (response.status_code, response.json()["code"]) == (status, code)
