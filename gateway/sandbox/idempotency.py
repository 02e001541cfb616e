"""Answers to writes, remembered by MS-RequestId (CONTRACT 3.2).

A repeated write gets the first one's answer and does nothing; one that arrives while the first
still runs waits for it.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from gateway.sandbox.delivery import Reply
from gateway.sandbox.refusals import invalid_input

KEPT_STATUSES: Final = frozenset({200, 201, 202, 204, 400, 403, 404, 409})
_MAX_ENTRIES: Final = 50_000


@dataclass(frozen=True, slots=True)
class Key:
    """What makes two calls the same write."""

    partner: str
    method: str
    path: str
    request_id: str


@dataclass(slots=True)
class _Entry:
    body: bytes
    expires_s: float
    done: asyncio.Event = field(default_factory=asyncio.Event)
    reply: Reply | None = None


class Idempotency:
    """The writes of the last `memory_s` seconds, at most 50,000 of them."""

    def __init__(self, memory_s: float, max_entries: int = _MAX_ENTRIES) -> None:
        self._memory_s = memory_s
        self._max_entries = max_entries
        self._entries: OrderedDict[Key, _Entry] = OrderedDict()

    async def claim(self, key: Key, body: bytes, now_s: float) -> Reply | None:
        """The answer to give again; None when the work is the caller's, who must `settle` it.

        Raises Refusal 800002 when the id was used with another body.
        """
        self._forget(now_s)
        while (entry := self._entries.get(key)) is not None:
            if entry.body != body:
                raise invalid_input("the MS-RequestId was already used with another body")
            await entry.done.wait()
            if entry.reply is not None:
                return entry.reply
        self._entries[key] = _Entry(body, now_s + self._memory_s)
        return None

    def settle(self, key: Key, reply: Reply | None) -> None:
        """Give the answer to whoever waits; keep it when it is final. None: nothing was done."""
        entry = self._entries.get(key)
        if entry is None:
            return
        entry.reply = reply
        entry.done.set()
        if reply is None or reply.status not in KEPT_STATUSES:
            del self._entries[key]

    def clear(self) -> None:
        """Forget every answer; calls that wait still get theirs."""
        for entry in self._entries.values():
            entry.done.set()
        self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)

    def _forget(self, now_s: float) -> None:
        while self._entries:
            oldest = next(iter(self._entries.values()))
            if oldest.expires_s > now_s and len(self._entries) < self._max_entries:
                return
            self._entries.popitem(last=False)
            oldest.done.set()  # nobody would settle it for those who wait
