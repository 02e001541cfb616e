"""Reads event streams (SSE)."""

import json
from typing import Any, Final

import httpx

EVENTS: Final = {"Accept": "text/event-stream"}
NUMBERS: Final = "subscription { numbers }"


class Stream:
    """The events of a response, without comments."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def event(self) -> dict[str, str]:
        """Return the fields of the next event; empty at the end."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line and fields:
                break
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.strip()
        return fields

    async def all(self) -> list[dict[str, str]]:
        """Return all remaining events."""
        events = []
        while event := await self.event():
            events.append(event)
        return events

    async def data(self) -> Any:
        """Return the decoded data of the next event."""
        return json.loads((await self.event())["data"])
