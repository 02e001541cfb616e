"""Callers with Partner Center tokens of their own, who do not see each other's responses."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.sandbox.faults import Fault, FaultKind
from tests.support.journey import Journey, journey

CUSTOMER = (
    "query Customer($id: ID!) { customer(id: $id) { provisioned: subscriptions { nodes { id } } } }"
)


@pytest.fixture
async def gateway() -> AsyncIterator[Journey]:
    async with journey(settings={"partner": {"auth": "passthrough"}}) as started:
        yield started


async def execute_as(gateway: Journey, token: str | None, **variables: object) -> dict[str, Any]:
    """Read a customer with a token."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    body = {"query": CUSTOMER, "variables": variables}
    response: dict[str, Any] = (
        await gateway.client.post("/graphql", json=body, headers=headers)
    ).json()
    return response


async def test_the_upstream_receives_the_callers_token(gateway: Journey) -> None:
    customer_id = gateway.sandbox.world.examples.customer_id

    accepted = await execute_as(gateway, "sandbox", id=customer_id)
    refused = await execute_as(gateway, "sandbox-retired-audience", id=customer_id)

    assert accepted["data"]["customer"]
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert refused["errors"][0]["extensions"]["upstreamCode"] == "900420"
    assert "sandbox-retired-audience" not in str(refused)


async def test_without_a_token_nothing_is_sent(gateway: Journey) -> None:
    response = await execute_as(gateway, None, id=gateway.sandbox.world.examples.customer_id)

    assert response["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert gateway.take_call_counts() == {}


async def test_identical_reads_of_two_callers_are_two_calls(gateway: Journey) -> None:
    customer_id = gateway.sandbox.world.examples.customer_id
    gateway.sandbox.faults.add(Fault(FaultKind.HOLD, "get_customer", times=None))

    async with asyncio.TaskGroup() as tasks:
        for token in ("sandbox", "sandbox-app-only"):
            tasks.create_task(execute_as(gateway, token, id=customer_id))
        await gateway.wait_until(lambda calls: len(calls.running("get_customer")) == 2)
        gateway.sandbox.faults.release()


async def test_readiness_needs_no_token(gateway: Journey) -> None:
    ready = await gateway.client.get("/ready")

    assert ready.json()["checks"]["token"]["detail"] == "callers send their own tokens"
