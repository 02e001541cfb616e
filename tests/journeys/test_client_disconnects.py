"""Clients that disconnect, over real HTTP on both sides."""

import asyncio

import httpx

from gateway.app import create_app
from gateway.sandbox.faults import Fault, FaultKind
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.long_timeouts import long_timeout_settings
from tests.support.server import serving
from tests.support.waiting import HANG_TIMEOUT_S

UPGRADES = """
query Upgrades($id: ID!) {
  customer(id: $id) { subscriptions(first: 100) { nodes { upgrades { isEligible } } } }
}
"""


async def upgrades_in_flight(client: httpx.AsyncClient) -> int:
    """Return the number of calls for upgrades in flight."""
    response = await client.post("/graphql", json={"query": "{ throttle { bucket inFlight } }"})
    scopes = response.json()["data"]["throttle"]
    return sum(scope["inFlight"] for scope in scopes if scope["bucket"] == "UPGRADES")


async def test_unsent_calls_are_cancelled_when_the_client_disconnects() -> None:
    sandbox = frozen_clock_sandbox()
    body = {
        "query": UPGRADES,
        "variables": {"id": sandbox.world.examples.legacy_customer_id},
    }
    sandbox.faults.add(Fault(FaultKind.HOLD, "list_upgrades", times=None))
    async with asyncio.timeout(HANG_TIMEOUT_S), serving(sandbox) as upstream:
        given = {"partner": {"base_url": upstream}, "throttle": {"max_in_flight": 4}}
        settings = long_timeout_settings(given)
        async with (
            serving(create_app(settings)) as address,
            httpx.AsyncClient(base_url=address, timeout=HANG_TIMEOUT_S) as client,
        ):
            leaving = asyncio.create_task(client.post("/graphql", json=body))
            await sandbox.calls.wait_until(lambda calls: len(calls.running("list_upgrades")) == 4)
            leaving.cancel()
            while await upgrades_in_flight(client):
                pass
            sandbox.faults.release()
            customer_id = sandbox.world.examples.customer_id
            other = {"query": UPGRADES, "variables": {"id": customer_id}}
            response = await client.post("/graphql", json=other)

    assert "errors" not in response.json()
    of_the_leaver = [
        c for c in sandbox.calls.for_operation("list_upgrades") if customer_id not in c.path
    ]
    assert len(of_the_leaver) == 4
