"""Answers to writes, remembered by MS-RequestId (CONTRACT 3.2).

A repeated write gets the first one's answer and does nothing; one that arrives while the first
still runs waits for it.
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
    """What makes two calls the same write."""

    partner: str
    method: str
    path: str
    request_id: str


@dataclass(slots=True)
class _StoredWrite:
    """A write that runs or ran; who does it and who waits hold it even when it was forgotten."""

    body: bytes
    expires_s: float
    done: asyncio.Event = field(default_factory=asyncio.Event)
    response: SandboxResponse | None = None


class IdempotencyStore:
    """The writes of the last `memory_s` seconds, at most 50,000 of them."""

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
        """The answer to a write, and whether it was given before; does `work` where it was not.

        When the work that others wait for breaks off without an answer, one of them does it anew.
        Raises Refusal 800002 when the id was used with another body.
        """
        self._forget_expired(now_s)
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
        """Forget every answer; calls that wait still get theirs."""
        self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)

    def _complete(self, key: IdempotencyKey, entry: _StoredWrite) -> None:
        """Let those go on who wait; keep the answer if it is final and was not forgotten."""
        entry.done.set()
        is_final = entry.response is not None and entry.response.status in FINAL_STATUSES
        if not is_final and self._entries.get(key) is entry:
            del self._entries[key]

    def _forget_expired(self, now_s: float) -> None:
        while self._entries and next(iter(self._entries.values())).expires_s <= now_s:
            self._entries.popitem(last=False)
