"""Several waits at once, of which none harms another."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def gather_results(reads: Iterable[Coroutine[Any, Any, T]]) -> list[T | BaseException]:
    """Answer n waits with n values or exceptions, in order; one alone needs no task."""
    listed = list(reads)
    if len(listed) != 1:
        return await asyncio.gather(*listed, return_exceptions=True)
    try:
        return [await listed[0]]
    except Exception as error:  # noqa: BLE001 - handed on as a value
        return [error]
