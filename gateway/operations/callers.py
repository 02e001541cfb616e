"""Who has called since an operation began to wait for them."""

import asyncio


class Callers:
    """Tells operations that wait for their principal that it is there."""

    def __init__(self) -> None:
        self._awaited: dict[str, asyncio.Event] = {}

    def arrived(self, principal: str) -> None:
        """Wake what waits for a principal."""
        awaited = self._awaited.pop(principal, None)
        if awaited is not None:
            awaited.set()

    async def arrival(self, principal: str) -> None:
        """Wait for a principal's next call."""
        await self._awaited.setdefault(principal, asyncio.Event()).wait()
