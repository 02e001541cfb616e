"""Timeouts and waiting in tests, which must pass on slow machines."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import httpx

from gateway.operations.store.health import StoreTimeouts

T = TypeVar("T")

HANG_TIMEOUT_S: Final = 300.0
"""A test that waits this long hangs."""

LONG_TIMEOUTS: Final = StoreTimeouts.from_setting(HANG_TIMEOUT_S / 2)
"""Timeouts of stores that are not expected to fail."""


async def eventually(read: Callable[[], Awaitable[T]], is_so: Callable[[T], bool]) -> T:
    """Read repeatedly until a condition holds; for changes without a notification."""
    async with asyncio.timeout(HANG_TIMEOUT_S):
        while not is_so(found := await read()):  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.005)
    return found


async def run_ready_tasks() -> None:
    """Let each task run until it waits for I/O or a timer. Takes no time."""
    for _ in range(20):
        await asyncio.sleep(0)


def is_ready(response: httpx.Response) -> bool:
    return bool(response.json()["status"] == "ready")
