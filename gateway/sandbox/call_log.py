"""The log of the latest calls."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class CallLogEntry:
    """One call. Its times are the sandbox's; `ended_s` is None while the call runs."""

    method: str
    path: str
    operation: str
    request_id: str | None
    correlation_id: str | None
    started_s: float
    query: str = ""
    status: int | None = None
    """None while the call runs, and if the connection was cut before a response."""
    ended_s: float | None = None
    faults: tuple[str, ...] = ()
    is_replay: bool = False
    """Whether the response of an earlier call with the same MS-RequestId was replayed."""

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class CallLog:
    """The latest API calls in the order of their start, and separately the token requests."""

    max_entries: int
    max_in_flight: int = 0
    in_flight: int = 0
    entries: deque[CallLogEntry] = field(init=False)
    token_requests: deque[CallLogEntry] = field(init=False)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the next call starts or ends, and then replaced."""

    def __post_init__(self) -> None:
        self.entries = deque(maxlen=self.max_entries)
        self.token_requests = deque(maxlen=self.max_entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[CallLogEntry]:
        return iter(self.entries)

    def for_operation(self, operation: str) -> list[CallLogEntry]:
        return [call for call in self.entries if call.operation == operation]

    def count(self, operation: str | None = None) -> int:
        """Count the calls in the log, of one operation or of all."""
        return len(self.entries) if operation is None else len(self.for_operation(operation))

    def running(self, operation: str) -> list[CallLogEntry]:
        return [call for call in self.for_operation(operation) if call.ended_s is None]

    def start(self, call: CallLogEntry) -> None:
        self.entries.append(call)
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        self._notify()

    def finish(self, call: CallLogEntry, ended_s: float) -> None:
        call.ended_s = ended_s
        self.in_flight -= 1
        self._notify()

    async def wait_until(self, condition: Callable[["CallLog"], bool]) -> None:
        """Wait until `condition` is true. It is evaluated whenever an API call starts or ends."""
        while not condition(self):
            await self._changed.wait()

    def clear(self) -> None:
        """Empty the log. Calls in progress still count as such."""
        self.entries.clear()
        self.token_requests.clear()
        self.max_in_flight = self.in_flight

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
