"""Limits that change while clients send requests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.clock import ManualClock
from tests.support.journey import Journey, journey, served_journey
from tests.support.waiting import HANG_TIMEOUT_S

SHALLOW = "{ customers(first: 1) { nodes { id } } }"
DEEP = "{ customers(first: 1) { nodes { companyProfile { companyName } } } }"
CLIENTS = 3
ANSWERS = 2


class Changing:
    """A gateway with a limits file and a clock."""

    def __init__(self, gateway: Journey, clock: ManualClock, file: Path) -> None:
        self.gateway = gateway
        self._clock = clock
        self._file = file

    async def change(self, text: str, is_in_force: Callable[[], Awaitable[bool]]) -> None:
        """Replace the file and send requests until it applies."""
        new = self._file.with_suffix(".new")
        new.write_text(text)
        new.replace(self._file)
        async with asyncio.timeout(HANG_TIMEOUT_S):
            while not await is_in_force():
                self._clock.advance(1)
                await asyncio.sleep(0)  # in process, some responses never suspend

    async def deep_is_refused(self) -> bool:
        return is_refused(await self.gateway.execute(DEEP), "depth")

    async def allows_deep(self) -> bool:
        return not await self.deep_is_refused()

    async def is_degraded(self) -> bool:
        """Whether `/ready` reports that the file is invalid."""
        ready = (await self.gateway.client.get("/ready")).json()
        assert str(self._file.parent) not in str(ready)
        return bool(ready["checks"]["limits"]["status"] == "degraded")


def is_refused(response: dict[str, Any], rule: str) -> bool:
    """Whether a limit rejected it. Any other response must have data."""
    if "errors" not in response:
        return False
    (error,) = response["errors"]
    assert (error["extensions"]["code"], error["extensions"]["rule"]) == ("LIMIT_EXCEEDED", rule)
    return True


@asynccontextmanager
async def changing(tmp_path: Path, *, served: bool = False) -> AsyncIterator[Changing]:
    file, clock = tmp_path / "limits.toml", ManualClock()
    file.write_text("")
    opened = served_journey if served else journey
    async with opened(settings={"limits": {"file": file}}, clock=clock) as gateway:
        yield Changing(gateway, clock, file)


async def test_limits_are_reloaded_under_load_without_a_failed_request(tmp_path: Path) -> None:
    async with changing(tmp_path, served=True) as limits, asyncio.TaskGroup() as clients:
        responses = asyncio.Semaphore(0)

        async def send() -> None:
            while True:
                assert not is_refused(await limits.gateway.execute(SHALLOW), "depth")
                is_refused(await limits.gateway.execute(DEEP), "depth")
                responses.release()

        async def wait_for_responses() -> None:
            for _ in range(CLIENTS * ANSWERS):
                await responses.acquire()

        sending = [clients.create_task(send()) for _ in range(CLIENTS)]
        for _ in range(2):
            await wait_for_responses()
            await limits.change("max_depth = 3", limits.deep_is_refused)
            await wait_for_responses()
            await limits.change("max_depth = ", limits.is_degraded)
            await wait_for_responses()
            assert await limits.deep_is_refused()
            await limits.change("max_depth = 4", limits.allows_deep)
            assert not await limits.is_degraded()
        await wait_for_responses()
        for each in sending:
            each.cancel()


@pytest.mark.parametrize(
    ("text", "document", "variables", "status"),
    [
        ("max_tokens = 5", SHALLOW, {}, 422),
        ("max_cost = 1", "{ customers(first: 2) { nodes { customDomains } } }", {}, 422),
        ("max_variables_bytes = 9", SHALLOW, {"unused": "much"}, 422),
        ("max_page_size = 50", "{ customers(first: 51) { nodes { id } } }", {}, 200),
        (
            "max_upstream_calls = 1",
            "{ customers(first: 2) { nodes { customDomains } } }",
            {},
            200,
        ),
        ("max_body_bytes = 20\nmax_batch_bytes = 20", SHALLOW, {}, 413),
        ("calls_per_minute = 1", SHALLOW, {}, 429),
    ],
    ids=["document", "cost", "variables", "page", "calls", "body", "rate"],
)
async def test_every_kind_of_limit_is_reloaded(
    tmp_path: Path, text: str, document: str, variables: Any, status: int
) -> None:
    async with changing(tmp_path) as limits:
        body = {"query": document, "variables": variables}

        async def response() -> tuple[int, Any]:
            response = await limits.gateway.client.post("/graphql", json=body)
            errors = response.json().get("errors", [{"extensions": {"code": None}}])
            return response.status_code, errors[0]["extensions"]["code"]

        async def is_refused() -> bool:
            return await response() == (status, "LIMIT_EXCEEDED")

        assert await response() == (200, None)
        await limits.change(text, is_refused)
