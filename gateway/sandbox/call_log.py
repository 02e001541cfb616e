"""The log of what was called, for tests and people to read; bounded."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class CallLogEntry:
    """One call; times are the sandbox's clock, `ended_s` is None while it runs."""

    method: str
    path: str
    operation: str
    request_id: str | None
    correlation_id: str | None
    started_s: float
    query: str = ""
    status: int | None = None
    """None while it runs, and for good when the connection was cut before an answer."""
    ended_s: float | None = None
    faults: tuple[str, ...] = ()
    is_replay: bool = False
    """Whether the answer to an earlier call with the same MS-RequestId was given again."""

    def to_json(self) -> dict[str, Any]:
        """The call as the control address shows it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class CallLog:
    """API calls in the order of their start, and token requests apart from them."""

    kept: int
    max_in_flight: int = 0
    in_flight: int = 0
    entries: deque[CallLogEntry] = field(init=False)
    token_requests: deque[CallLogEntry] = field(init=False)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once, by the next call that begins or ends."""

    def __post_init__(self) -> None:
        """Make the bounded logs."""
        self.entries = deque(maxlen=self.kept)
        self.token_requests = deque(maxlen=self.kept)

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[CallLogEntry]:
        return iter(self.entries)

    def for_operation(self, operation: str) -> list[CallLogEntry]:
        """The calls of one operation."""
        return [call for call in self.entries if call.operation == operation]

    def count(self, operation: str | None = None) -> int:
        """How many calls there were, of one operation or of all."""
        return len(self.entries) if operation is None else len(self.for_operation(operation))

    def running(self, operation: str) -> list[CallLogEntry]:
        """The calls of one operation that are in flight."""
        return [call for call in self.for_operation(operation) if call.ended_s is None]

    def start(self, call: CallLogEntry) -> None:
        """Log an API call at its start."""
        self.entries.append(call)
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        self._notify()

    def finish(self, call: CallLogEntry, ended_s: float) -> None:
        """Complete an API call that was begun."""
        call.ended_s = ended_s
        self.in_flight -= 1
        self._notify()

    async def wait_until(self, is_so: Callable[["CallLog"], bool]) -> None:
        """Wait until it is so of this log; asked anew when an API call begins or ends."""
        while not is_so(self):
            await self._changed.wait()

    def clear(self) -> None:
        """Forget everything but the calls in flight, which still count as such."""
        self.entries.clear()
        self.token_requests.clear()
        self.max_in_flight = self.in_flight

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
