"""How long tests wait for what must come to be, on the slowest of machines."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import httpx

from gateway.operations.store.health import StoreTimeouts

T = TypeVar("T")

HANG_TIMEOUT_S: Final = 300.0
"""What has not come to be by then hangs; nothing that passes waits so long."""

LONG_TIMEOUTS: Final = StoreTimeouts.from_setting(HANG_TIMEOUT_S / 2)
"""Of a store that is not expected to fail, which a busy machine may keep for long."""


async def eventually(read: Callable[[], Awaitable[T]], is_so: Callable[[T], bool]) -> T:
    """Read again and again until it is as it should come to be; for what tells nobody."""
    async with asyncio.timeout(HANG_TIMEOUT_S):
        while not is_so(found := await read()):  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.005)
    return found


async def run_ready_tasks() -> None:
    """Let every task run until it waits for something outside; takes no time by any clock."""
    for _ in range(20):
        await asyncio.sleep(0)


def is_ready(answer: httpx.Response) -> bool:
    """Whether `/ready` says that nothing is missing."""
    return bool(answer.json()["status"] == "ready")
