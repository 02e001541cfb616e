import asyncio

import httpx
import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.control import is_loopback
from gateway.sandbox.examples import Examples
from gateway.sandbox.identity import is_guid
from gateway.sandbox.quirks import Quirk
from tests.gateway.sandbox.conftest import NOW_S


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        (None, True),
        ("10.0.0.1", False),
        ("192.0.2.7", False),
        ("somewhere", False),
    ],
)
def test_only_local_addresses_are_loopback(host: str | None, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_requests_from_other_machines_are_rejected(sandbox: Sandbox, method: str) -> None:
    transport = httpx.ASGITransport(sandbox, client=("192.0.2.7", 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
        response = await client.request(method, "/_sandbox/faults", json={"kind": "status"})
    assert response.status_code == 403
    assert len(sandbox.faults) == 0


async def test_the_index_lists_every_endpoint_fault_kind_and_quirk(api: httpx.AsyncClient) -> None:
    index = (await api.get("/_sandbox")).json()
    assert set(index["quirks"]) == set(Quirk)
    assert "cut-after" in index["faultKinds"]
    assert "token" in index["operations"]
    for endpoint in index["addresses"]:
        methods, path = endpoint.rsplit(" ", 1)
        if "GET" in methods:
            assert (await api.get(path)).status_code == 200


async def test_examples_are_served(api: httpx.AsyncClient, examples: Examples) -> None:
    body = (await api.get("/_sandbox/examples")).json()
    assert body["customer_id"] == examples.customer_id
    del body["transition_target_item_id"]  # a catalog item
    assert all(is_guid(value) for value in body.values())


async def test_the_call_log_can_be_read_and_cleared(api: httpx.AsyncClient) -> None:
    await api.get("/v1/customers?size=1", headers={"MS-RequestId": "r", "MS-CorrelationId": "c"})
    body = (await api.get("/_sandbox/calls")).json()
    assert (body["count"], body["in_flight"], body["max_in_flight"]) == (1, 0, 1)
    assert body["calls"][0] == {
        "method": "GET",
        "path": "/v1/customers",
        "operation": "list_customers",
        "request_id": "r",
        "correlation_id": "c",
        "started_s": NOW_S,
        "query": "size=1",
        "status": 200,
        "ended_s": NOW_S,
        "faults": [],
        "is_replay": False,
    }
    assert (await api.delete("/_sandbox/calls")).json()["calls"] == []


async def test_token_requests_are_not_counted_as_api_calls(
    api: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    await api.post(f"/{sandbox.options.credentials.tenant_id}/oauth2/token", data={})
    body = (await api.get("/_sandbox/calls")).json()
    assert body["count"] == 0
    assert body["token_requests"][0]["operation"] == "token"


async def test_faults_can_be_added_listed_and_cleared(api: httpx.AsyncClient) -> None:
    await api.post("/_sandbox/faults", json={"kind": "latency", "seconds": 0.5})
    listing = await api.post("/_sandbox/faults", json=[{"kind": "status"}, {"kind": "trickle"}])
    kinds = [each["kind"] for each in listing.json()["faults"]]
    assert kinds == ["latency", "status", "trickle"]
    assert (await api.delete("/_sandbox/faults")).json() == {"faults": []}


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/faults/release"), ("DELETE", "/faults"), ("POST", "/reset")],
)
async def test_held_calls_are_released(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples, method: str, path: str
) -> None:
    await api.post("/_sandbox/faults", json={"kind": "hold", "times": None})
    held = [asyncio.create_task(api.get(f"/v1/customers/{examples.customer_id}")) for _ in range(2)]
    await sandbox.calls.wait_until(lambda calls: len(calls.running("get_customer")) == 2)
    assert not any(call.done() for call in held)
    await api.request(method, f"/_sandbox{path}")
    assert [(await call).status_code for call in held] == [200, 200]
    assert (await api.get("/_sandbox/faults")).json() == {"faults": []}


async def test_the_clock_can_be_advanced(api: httpx.AsyncClient) -> None:
    response = await api.post("/_sandbox/clock", json={"advance_s": 60})
    assert response.json() == {"now_s": NOW_S + 60}
    assert (await api.get("/_sandbox/clock")).json() == {"now_s": NOW_S + 60}


async def test_quirks_can_be_set_and_removed(api: httpx.AsyncClient) -> None:
    await api.put("/_sandbox/wire", json={"quirks": ["pascal-case"]})
    assert "TotalCount" in (await api.get("/v1/customers?size=1")).json()
    await api.put("/_sandbox/wire", json={"quirks": []})
    assert "totalCount" in (await api.get("/v1/customers?size=1")).json()


async def test_throttling_limits_can_be_set(api: httpx.AsyncClient, examples: Examples) -> None:
    response = await api.put("/_sandbox/throttle", json={"reads_per_customer": 1})
    assert response.json()["upgrades_per_customer"] == 60
    path = f"/v1/customers/{examples.customer_id}"
    assert [(await api.get(path)).status_code for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("PUT", "/wire", {"quirks": ["x"]}, "unknown quirks x"),
        ("PUT", "/wire", {"quirks": 7}, "Expected `array`, got `int`"),
        ("PUT", "/throttle", {"x": 1}, "unknown members x; expected any of enabled"),
        ("PUT", "/throttle", {"enabled": "no"}, "Expected `bool`, got `str`"),
        ("POST", "/faults", {"kind": "latency", "seconds": "long"}, "Expected `float`"),
        ("POST", "/faults", {"kind": "status", "operation": "buy"}, "unknown operation 'buy'"),
        ("POST", "/faults", [1], "expected a JSON object, got int"),
        ("POST", "/faults", {"kind": "x"}, "unknown kind 'x'"),
        ("POST", "/clock", [1], "expected a JSON object, got list"),
        ("POST", "/clock", {"advance_s": "soon"}, "Expected `float`, got `str`"),
        ("POST", "/clock", {"advance_s": -1}, "cannot advance by -1.0 seconds"),
        ("POST", "/licenses", {}, "missing required field `customer_id`"),
        ("POST", "/licenses", {"customer_id": "x", "subscription_id": "y"}, "must be a GUID"),
    ],
)
async def test_an_invalid_control_request_gets_an_error_that_names_the_problem(
    api: httpx.AsyncClient, method: str, path: str, body: object, message: str
) -> None:
    response = await api.request(method, f"/_sandbox{path}", json=body)
    assert response.status_code == 400
    assert message in response.json()["error"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "Expecting property name"),
        (b"[" * 50_000, "The JSON of the request body is nested too deeply"),
    ],
    ids=["cut", "nested"],
)
async def test_an_unreadable_body_is_rejected(
    api: httpx.AsyncClient, body: bytes, message: str
) -> None:
    response = await api.post("/_sandbox/clock", content=body)
    assert response.status_code == 400
    assert message in response.json()["error"]


async def test_a_reset_restores_the_initial_world(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    source = (
        f"/v1/customers/{examples.customer_id}/subscriptions/{examples.upgradable_subscription_id}"
    )
    offer_id = sandbox.world.catalog.offers["o365-e3"].id
    order = {"targetOffer": {"id": offer_id}, "upgradeType": "upgrade_only"}
    await api.post(f"{source}/upgrades", json=order, headers={"MS-RequestId": "r"})
    assert (await api.get(source)).json()["status"] == "suspended"
    performed = (await api.get("/_sandbox/upgrades")).json()["performed"]
    assert performed == {examples.upgradable_subscription_id: 1}
    assert (await api.get("/_sandbox/idempotency")).json() == {"remembered": 1}
    assert (await api.delete("/_sandbox/idempotency")).json() == {"remembered": 0}
    assert (await api.post("/_sandbox/reset")).json()["customer_id"] == examples.customer_id
    assert (await api.get("/_sandbox/upgrades")).json()["performed"] == {}
    assert (await api.get(source)).json()["status"] == "active"


def test_code_in_the_same_process_can_reset_the_sandbox(sandbox: Sandbox) -> None:
    sandbox.world.upgrades_performed["x"] += 1
    sandbox.reset()
    assert not sandbox.world.upgrades_performed
