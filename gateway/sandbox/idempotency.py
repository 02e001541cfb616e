"""Responses to writes, kept by MS-RequestId (CONTRACT 3.2).

A repeated write gets the response of the first one and changes nothing. If the first one is
still running, the repeated write waits for it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from gateway.sandbox.errors import invalid_input_error
from gateway.sandbox.response_writer import SandboxResponse

FINAL_STATUSES: Final = frozenset({200, 201, 202, 204, 400, 403, 404, 409})
_MAX_ENTRIES: Final = 50_000


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """Identifies a write. Two calls with equal keys are the same write."""

    partner: str
    method: str
    path: str
    request_id: str


@dataclass(slots=True)
class _StoredWrite:
    """A write that is running or has ended. Calls that wait for it keep a reference to it."""

    body: bytes
    expires_s: float
    done: asyncio.Event = field(default_factory=asyncio.Event)
    response: SandboxResponse | None = None


class IdempotencyStore:
    """Remembers the writes of the last `memory_s` seconds, at most `max_entries`."""

    def __init__(self, memory_s: float, max_entries: int = _MAX_ENTRIES) -> None:
        self._memory_s = memory_s
        self._max_entries = max_entries
        self._entries: OrderedDict[IdempotencyKey, _StoredWrite] = OrderedDict()

    async def run_once(
        self,
        key: IdempotencyKey,
        body: bytes,
        now_s: float,
        execute: Callable[[], Awaitable[SandboxResponse]],
    ) -> tuple[SandboxResponse, bool]:
        """Return the response to a write, and whether it repeats an earlier response.

        Calls `execute` if the write is new. If `execute` ends without a response, one of the calls
        that wait for it executes the write. Raises VendorError 800002 if the id was used with
        another body.
        """
        self._remove_expired(now_s)
        while (entry := self._entries.get(key)) is not None:
            if entry.body != body:
                raise invalid_input_error("the MS-RequestId was already used with another body")
            await entry.done.wait()
            if entry.response is not None:
                return entry.response, True
        if len(self._entries) >= self._max_entries:
            self._entries.popitem(last=False)
        entry = self._entries[key] = _StoredWrite(body, now_s + self._memory_s)
        try:
            entry.response = await execute()
        finally:
            self._complete(key, entry)
        return entry.response, False

    def clear(self) -> None:
        """Remove all responses. Calls that wait for a running write still get its response."""
        self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)

    def _complete(self, key: IdempotencyKey, entry: _StoredWrite) -> None:
        """Wake the waiting calls. Keep the response if it is final and was not removed."""
        entry.done.set()
        is_final = entry.response is not None and entry.response.status in FINAL_STATUSES
        if not is_final and self._entries.get(key) is entry:
            del self._entries[key]

    def _remove_expired(self, now_s: float) -> None:
        while self._entries and next(iter(self._entries.values())).expires_s <= now_s:
            self._entries.popitem(last=False)
