"""The events of a subscription, each answered like a request of its own."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from resolvers.context import RequestContext

T = TypeVar("T")


async def with_fresh_reads(
    context: RequestContext, changes: AsyncGenerator[T, None]
) -> AsyncGenerator[T, None]:
    """Forget before each event what was read for the one before it."""
    async with aclosing(changes):
        async for change in changes:
            context.reset_reads()
            yield change
