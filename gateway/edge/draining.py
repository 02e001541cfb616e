"""The time between the signal that ends the gateway and its end."""

import asyncio


class Draining:
    """Tells what would never end by itself that it has to."""

    def __init__(self) -> None:
        self._begun = asyncio.Event()

    def begin(self) -> None:
        """Say so, once and for all."""
        self._begun.set()

    async def begun(self) -> None:
        """Wait until it is said."""
        await self._begun.wait()
