import asyncio
import time
from typing import Any

import httpx
import pytest

from gateway.sandbox.app import HANDLERS, Sandbox, create_sandbox, describe
from gateway.sandbox.examples import Examples
from gateway.sandbox.faults import Fault, FaultKind
from gateway.sandbox.operations import OPERATIONS
from gateway.sandbox.options import SandboxOptions, ThrottleOptions
from gateway.sandbox.quirks import WireProfile


@pytest.fixture
def order(sandbox: Sandbox) -> dict[str, Any]:
    offer_id = sandbox.world.catalog.offers["o365-e3"].id
    return {"targetOffer": {"id": offer_id}, "upgradeType": "upgrade_only"}


@pytest.fixture
def upgrades(examples: Examples) -> str:
    return (
        f"/v1/customers/{examples.customer_id}/subscriptions/"
        f"{examples.upgradable_subscription_id}/upgrades"
    )


def test_every_operation_has_a_handler() -> None:
    assert HANDLERS.keys() == {operation.name for operation in OPERATIONS}


def test_the_default_clock_is_the_system_clock() -> None:
    assert abs(create_sandbox().clock() - time.time()) < 60


def test_the_banner_shows_the_world_a_token_and_a_customer() -> None:
    sandbox = create_sandbox(SandboxOptions(customers=1_400, seed=9))
    text = describe(sandbox, "http://127.0.0.1:9000")
    assert "1,400 customers with 20 subscriptions each, seed 9" in text
    assert sandbox.world.examples.customer_id in text
    assert "Bearer sandbox" in text


async def test_paths_and_query_names_are_compared_without_case(
    api: httpx.AsyncClient, examples: Examples, sandbox: Sandbox
) -> None:
    source = f"{examples.transition_customer_id}/subscriptions/"
    source += examples.new_commerce_subscription_id
    for path in (
        f"/V1/Customers/{source.upper()}/TRANSITIONELIGIBILITIES?EligibilityType=Scheduled",
        f"/v1/customers/{source}/transitionEligibilities?eligibilitytype=SCHEDULED",
        "/v1/Offers?COUNTRY=us",
    ):
        assert (await api.get(path)).status_code == 200
    assert [call.path.split("/")[-1] for call in sandbox.calls][:2] == [
        "TRANSITIONELIGIBILITIES",
        "transitionEligibilities",
    ]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("DELETE", "/v1/customers", 405)],
)
async def test_unknown_operations_get_an_error_body_like_the_vendors(
    api: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    response = await api.request(method, path)
    assert response.status_code == status
    assert response.json()["code"] == 1000


@pytest.mark.parametrize(
    ("token", "path", "status", "code"),
    [
        ("sandbox-app-only", "/v1/customers/{c}", 200, None),
        ("sandbox-app-only", "/v1/customers/{c}/subscriptions/{s}/provisioningstatus", 403, 900329),
        ("sandbox-without-mfa", "/v1/customers/{c}", 401, 900421),
        ("sandbox-retired-audience", "/v1/customers/{c}", 401, 900420),
        ("sandbox-expired", "/v1/customers/{c}", 401, 400),
        ("wrong", "/v1/customers/{c}", 401, 400),
    ],
)
async def test_tokens_decide_which_calls_are_allowed(
    api: httpx.AsyncClient,
    examples: Examples,
    token: str,
    path: str,
    status: int,
    code: int | None,
) -> None:
    path = path.format(c=examples.customer_id, s=examples.upgradable_subscription_id)
    response = await api.get(path, headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, response.json().get("code")) == (status, code)
    if status == 401:
        assert response.headers["www-authenticate"].startswith("OAuth realm=urn:cpsvc:cpid:")


@pytest.mark.parametrize(
    ("token", "expected"),
    [("sandbox", "true"), ("sandbox-without-mfa", "false"), ("wrong", "false")],
)
async def test_validatemfa_returns_a_header(
    api: httpx.AsyncClient, token: str, expected: str
) -> None:
    headers = {"Authorization": f"Bearer {token}", "ValidateMfa": "true"}
    response = await api.get("/v1/customers", headers=headers)
    assert response.headers["ismfacompliant"] == expected
    assert "ismfacompliant" not in (await api.get("/v1/customers")).headers


async def test_q16_ids_are_echoed_unless_the_quirk_is_on(
    api: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    request_headers = {"MS-RequestId": "r1", "MS-CorrelationId": "c1"}
    response = await api.get("/v1/customers", headers=request_headers)
    assert response.headers["ms-requestid"] == "r1"
    assert response.headers["ms-correlationid"] == "c1"
    sandbox.wire = WireProfile.from_names(["ids-not-echoed"])
    response = await api.get("/v1/customers", headers=request_headers)
    assert response.headers["ms-requestid"] != "r1"
    assert response.headers["ms-correlationid"] != "c1"
    assert sandbox.wire.quirks


async def test_missing_ids_are_created_by_the_server(api: httpx.AsyncClient) -> None:
    first, second = [(await api.get("/v1/customers")).headers for _ in range(2)]
    assert first["ms-requestid"] != second["ms-requestid"]
    assert first["ms-cv"].endswith(".0")
    assert first["ms-serverid"].isdecimal()


async def test_q17_responses_can_lack_their_content_type(
    api: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    response = await api.get("/v1/customers")
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    sandbox.wire = WireProfile.from_names(["no-content-type"])
    assert "content-type" not in (await api.get("/v1/customers")).headers


async def test_throttled_calls_return_when_the_window_opens(
    api: httpx.AsyncClient, sandbox: Sandbox, upgrades: str
) -> None:
    sandbox.throttle.configure(ThrottleOptions(upgrades_per_customer=2))
    assert [(await api.get(upgrades)).status_code for _ in range(2)] == [200, 200]
    sandbox.clock.advance(3)
    response = await api.get(upgrades)
    assert (response.status_code, response.headers["retry-after"]) == (429, "57")
    assert response.json() == {
        "statusCode": 429,
        "message": "Rate limit is exceeded. Try again in 57 seconds.",
    }
    sandbox.clock.advance(60)
    assert (await api.get(upgrades)).status_code == 200


async def test_a_repeated_write_gets_a_byte_identical_response(
    api: httpx.AsyncClient, sandbox: Sandbox, upgrades: str, order: dict[str, Any]
) -> None:
    headers = {"MS-RequestId": "11111111-1111-4111-8111-11111111111A"}
    first = await api.post(upgrades, json=order, headers=headers)
    again = await api.post(
        upgrades.upper(), json=order, headers={"MS-RequestId": headers["MS-RequestId"].lower()}
    )
    assert first.json()["targetSubscriptionId"]
    assert (first.content, first.headers) == (again.content, again.headers)
    assert sum(sandbox.world.upgrades_performed.values()) == 1


async def test_a_new_request_id_is_a_new_write(
    api: httpx.AsyncClient, upgrades: str, order: dict[str, Any]
) -> None:
    await api.post(upgrades, json=order, headers={"MS-RequestId": "a"})
    second = await api.post(upgrades, json=order, headers={"MS-RequestId": "b"})
    assert [error["code"] for error in second.json()["upgradeErrors"]] == [2]


async def test_a_request_id_with_another_body_is_rejected(
    api: httpx.AsyncClient, upgrades: str, order: dict[str, Any]
) -> None:
    await api.post(upgrades, json=order, headers={"MS-RequestId": "a"})
    other = await api.post(upgrades, json={**order, "quantity": 3}, headers={"MS-RequestId": "a"})
    assert (other.status_code, other.json()["code"]) == (400, 800002)


@pytest.mark.parametrize("depth", [100, 600, 50_000])
async def test_a_deeply_nested_body_gets_an_error_body_like_the_vendors(
    api: httpx.AsyncClient, upgrades: str, depth: int
) -> None:
    body = '{"targetOffer":' * depth + "1" + "}" * depth
    response = await api.post(upgrades, content=body)
    assert (response.status_code, response.json()["code"]) == (400, 800002)


async def test_concurrent_duplicates_run_once_and_get_the_same_response(
    api: httpx.AsyncClient, sandbox: Sandbox, upgrades: str, order: dict[str, Any]
) -> None:
    sandbox.faults.add(Fault(FaultKind.HOLD, operation="perform_upgrade"))
    headers = {"MS-RequestId": "a"}
    first = asyncio.create_task(api.post(upgrades, json=order, headers=headers))
    await sandbox.calls.wait_until(lambda calls: calls.in_flight == 1)
    second = asyncio.create_task(api.post(upgrades, json=order, headers=headers))
    await sandbox.calls.wait_until(lambda calls: calls.in_flight == 2)
    sandbox.faults.release()
    responses = [await first, await second]
    assert responses[0].content == responses[1].content
    assert sum(sandbox.world.upgrades_performed.values()) == 1
    assert sandbox.calls.max_in_flight == 2


async def test_a_failed_write_can_be_retried_under_the_same_id(
    api: httpx.AsyncClient, sandbox: Sandbox, upgrades: str, order: dict[str, Any]
) -> None:
    sandbox.faults.add(Fault(FaultKind.STATUS, status=503))
    headers = {"MS-RequestId": "a"}
    responses = [await api.post(upgrades, json=order, headers=headers) for _ in range(2)]
    assert [response.status_code for response in responses] == [503, 200]


async def test_a_disconnect_while_the_body_is_sent_is_not_an_error(
    sandbox: Sandbox, upgrades: str
) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    for path in (upgrades, "/common/oauth2/token"):
        scope: dict[str, Any] = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "headers": [],
            "client": None,
            "server": ("sandbox.test", 80),
        }
        await sandbox(scope, receive, send)
    assert [call.status for call in sandbox.calls] == [None]
    assert [call.status for call in sandbox.calls.token_requests] == [None]


async def test_the_call_log_is_bounded() -> None:
    sandbox = create_sandbox(SandboxOptions(max_logged_calls=3))
    transport = httpx.ASGITransport(sandbox)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
        for _ in range(5):
            await client.get("/v1/offers?country=US", headers={"Authorization": "Bearer sandbox"})
    assert sandbox.calls.count() == len(sandbox.calls) == 3
    assert sandbox.calls.count("list_offers") == 3
