"""Faults over real HTTP, with both HTTP implementations of uvicorn."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.fault_injection import MFA_TEXT
from gateway.sandbox.faults import Fault, FaultKind
from tests.support.server import serving
from tests.support.waiting import HANG_TIMEOUT_S


@pytest.fixture(params=["httptools", "h11"])
async def client(
    request: pytest.FixtureRequest, sandbox: Sandbox
) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": "Bearer sandbox"}
    async with (
        serving(sandbox, http=request.param) as url,
        httpx.AsyncClient(base_url=url, headers=headers, timeout=HANG_TIMEOUT_S) as client,
    ):
        yield client


@pytest.fixture
def path(sandbox: Sandbox) -> str:
    return f"/v1/customers/{sandbox.world.examples.customer_id}"


@pytest.fixture
def upgrade(sandbox: Sandbox) -> tuple[str, dict[str, Any]]:
    examples = sandbox.world.examples
    offer = sandbox.world.catalog.offers["o365-e3"]
    path = (
        f"/v1/customers/{examples.customer_id}/subscriptions/"
        f"{examples.upgradable_subscription_id}/upgrades"
    )
    return path, {"TargetOffer": {"Id": offer.id}, "UpgradeType": 1}


async def check_next_call(client: httpx.AsyncClient, sandbox: Sandbox, path: str) -> None:
    """Check that the next call is served after a broken connection."""
    assert (await client.get(path)).status_code == 200
    assert sandbox.calls.in_flight == 0


async def test_a_cut_before_the_operation_changes_nothing(
    client: httpx.AsyncClient, sandbox: Sandbox, upgrade: tuple[str, dict[str, Any]]
) -> None:
    sandbox.faults.add(Fault(FaultKind.CUT_BEFORE))
    with pytest.raises(httpx.RemoteProtocolError):
        await client.post(upgrade[0], json=upgrade[1])
    assert not sandbox.world.upgrades_performed
    call = sandbox.calls.for_operation("perform_upgrade")[0]
    assert (call.status, call.faults) == (None, ("cut-before",))


async def test_a_cut_after_the_operation_loses_only_the_response(
    client: httpx.AsyncClient, sandbox: Sandbox, upgrade: tuple[str, dict[str, Any]]
) -> None:
    sandbox.faults.add(Fault(FaultKind.CUT_AFTER))
    headers = {"MS-RequestId": "9d8b7c1e-0000-4000-8000-000000000001"}
    with pytest.raises(httpx.RemoteProtocolError):
        await client.post(upgrade[0], json=upgrade[1], headers=headers)
    again = await client.post(upgrade[0], json=upgrade[1], headers=headers)
    assert again.json()["targetSubscriptionId"]
    assert sum(sandbox.world.upgrades_performed.values()) == 1
    assert [call.is_replay for call in sandbox.calls] == [False, True]


@pytest.mark.parametrize("kind", [FaultKind.CUT_BEFORE, FaultKind.TRUNCATED_LENGTH])
async def test_broken_connections_log_no_warning(
    client: httpx.AsyncClient,
    sandbox: Sandbox,
    path: str,
    caplog: pytest.LogCaptureFixture,
    kind: FaultKind,
) -> None:
    sandbox.faults.add(Fault(kind))
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get(path)
    await check_next_call(client, sandbox, path)
    assert [each.message for each in caplog.records if each.levelno >= logging.WARNING] == []


async def test_truncated_json_is_a_complete_http_response(
    client: httpx.AsyncClient, sandbox: Sandbox, path: str
) -> None:
    sandbox.faults.add(Fault(FaultKind.TRUNCATED_JSON))
    response = await client.get(path)
    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()


async def test_a_malformed_body_is_a_web_page(
    client: httpx.AsyncClient, sandbox: Sandbox, path: str
) -> None:
    sandbox.faults.add(Fault(FaultKind.MALFORMED))
    response = await client.get(path)
    assert response.status_code == 200
    assert response.text.startswith("<html>")


async def test_a_trickled_body_arrives_completely(
    client: httpx.AsyncClient, sandbox: Sandbox, path: str
) -> None:
    sandbox.faults.add(Fault(FaultKind.TRICKLE, seconds=0.008))
    async with client.stream("GET", path) as response:
        pieces = [piece async for piece in response.aiter_raw()]
    assert json.loads(b"".join(pieces))["id"] in path
    assert len(pieces) > 1


async def test_delays_last_as_long_as_configured(
    client: httpx.AsyncClient, sandbox: Sandbox, path: str
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    sandbox._state.sleep = sleep
    sandbox.faults.add(Fault(FaultKind.LATENCY, seconds=7), Fault(FaultKind.SLOW_ANSWER, seconds=9))
    await check_next_call(client, sandbox, path)
    sandbox.faults.add(Fault(FaultKind.LATENCY, seconds=5), Fault(FaultKind.STATUS, status=503))
    assert (await client.get(path)).status_code == 503
    assert slept == [7, 9, 5]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault(FaultKind.STATUS), 500, 800003),
        (Fault(FaultKind.STATUS, status=403, code=900416, text="Locked."), 403, 900416),
        (Fault(FaultKind.TOKEN_EXPIRED), 401, 400),
        (Fault(FaultKind.AUDIENCE_REFUSED), 401, 900420),
        (Fault(FaultKind.MFA_MISSING), 401, 900421),
        (Fault(FaultKind.APP_ONLY_REFUSED), 403, 900329),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Fault) else str(value),
)
async def test_error_faults_have_the_vendors_status_and_code(
    client: httpx.AsyncClient, sandbox: Sandbox, path: str, fault: Fault, status: int, code: int
) -> None:
    sandbox.faults.add(fault)
    response = await client.get(path)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert ("www-authenticate" in response.headers) is (status == 401)


@pytest.mark.parametrize(
    ("fault", "retry_after"),
    [
        (Fault(FaultKind.THROTTLED, seconds=57), "57"),
        (
            Fault(FaultKind.THROTTLED, retry_after="Wed, 21 Oct 2026 07:28:00 GMT"),
            "Wed, 21 Oct 2026 07:28:00 GMT",
        ),
    ],
    ids=["seconds", "date"],
)
async def test_throttling_has_a_retry_after_header(
    client: httpx.AsyncClient, sandbox: Sandbox, path: str, fault: Fault, retry_after: str
) -> None:
    sandbox.faults.add(fault)
    response = await client.get(path)
    assert (response.status_code, response.headers["retry-after"]) == (429, retry_after)
    assert response.json()["statusCode"] == 429


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        (Fault(FaultKind.MFA_PLAIN_TEXT), 401, MFA_TEXT),
        (Fault(FaultKind.PLAIN_TEXT, status=502, text="Bad gateway"), 502, "Bad gateway"),
        (Fault(FaultKind.PLAIN_TEXT), 500, "Something went wrong."),
    ],
    ids=["mfa", "gateway", "default"],
)
async def test_plain_text_faults_have_a_text_body(
    client: httpx.AsyncClient, sandbox: Sandbox, path: str, fault: Fault, status: int, text: str
) -> None:
    sandbox.faults.add(fault)
    response = await client.get(path)
    assert (response.status_code, response.text) == (status, text)


async def test_a_cut_in_process_raises_a_connection_error(
    sandbox: Sandbox, api: httpx.AsyncClient, path: str
) -> None:
    sandbox.faults.add(Fault(FaultKind.CUT_BEFORE))
    with pytest.raises(ConnectionAbortedError):
        await api.get(path)
