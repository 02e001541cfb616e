"""Reads the event streams of the small graph."""

import json
from typing import Any, Final

import httpx

EVENTS: Final = {"Accept": "text/event-stream"}
NUMBERS: Final = "subscription { numbers }"


class Stream:
    """What comes in a stream: events as they come, comments left out."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def event(self) -> dict[str, str]:
        """Return the fields of the next event; none at the end."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line and fields:
                break
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.strip()
        return fields

    async def all(self) -> list[dict[str, str]]:
        """Return all events to the end."""
        events = []
        while event := await self.event():
            events.append(event)
        return events

    async def data(self) -> Any:
        """Return what the next event says."""
        return json.loads((await self.event())["data"])
