"""A sandbox whose clock stands still, and an HTTP client in the same process."""

from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.sandbox.app import Sandbox, create_sandbox
from gateway.sandbox.examples import Examples
from gateway.sandbox.world import World

NOW_S = 1_750_000_000.25


@pytest.fixture
def sandbox() -> Sandbox:
    return create_sandbox(clock=lambda: NOW_S)


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return sandbox.world


@pytest.fixture
def examples(sandbox: Sandbox) -> Examples:
    return sandbox.world.examples


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(sandbox)
    headers = {"Authorization": "Bearer sandbox"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sandbox.test", headers=headers
    ) as client:
        yield client
