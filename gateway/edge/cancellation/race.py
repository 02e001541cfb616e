"""Several things that go on at a time, of which one ends them all."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def race(*work: Coroutine[Any, Any, T]) -> T:
    """Return what the first of several returns, or raise what it raises; the others are stopped.

    Of those that end at once, the first as they are listed.
    """
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        first = next(task for task in tasks if task.done())
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return first.result()
