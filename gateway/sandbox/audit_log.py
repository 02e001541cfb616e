"""The audit records of writes, newest first (CONTRACT 4.22, G25)."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gateway.sandbox.options import AuditOptions
from gateway.sandbox.records import Profile

MAX_ENTRIES: Final = 10_000
_MICROSECONDS: Final = 1_000_000
_TICKS_OF_1970: Final = 621_355_968_000_000_000


@dataclass(frozen=True, slots=True)
class AuditedWrite:
    """A write to record in the audit feed. Its values are JSON with PascalCase members.

    `ends_s` is the end of asynchronous work. Until then, the record's status is `progress`.
    """

    profile: Profile
    operation_type: str
    resource_type: str
    resource_id: str
    application_id: str
    user: str | None = None
    correlation_id: str | None = None
    old_value: str | None = None
    new_value: str | None = None
    customized: tuple[tuple[str, str | None], ...] = ()
    fails: bool = False
    ends_s: float = 0.0
    has_id: bool = True
    """Q38: some records have neither `id` nor `participants`."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An audit record. `number` counts all records; `happened_us` is in microseconds since 1970."""

    number: int
    id: str
    happened_us: int
    visible_s: float
    partner_id: str
    write: AuditedWrite

    @property
    def happened_s(self) -> float:
        """The time of the write in seconds, rounded so that its microseconds are exact."""
        return (self.happened_us + 0.5) / _MICROSECONDS


class AuditLog:
    """The latest audit records."""

    def __init__(self, options: AuditOptions, max_entries: int = MAX_ENTRIES) -> None:
        self.options = options
        self._entries: deque[AuditEntry] = deque(maxlen=max_entries)
        self._recorded = 0
        self._last_us = 0

    def add(self, write: AuditedWrite, partner_id: str, now_s: float) -> None:
        """Record a write.

        The record becomes visible after a delay; its time differs from all others.
        """
        if not self.options.is_recording:
            return
        self._recorded += 1
        self._last_us = max(int(now_s * _MICROSECONDS), self._last_us + 1)
        self._entries.appendleft(
            AuditEntry(
                number=self._recorded,
                id=_build_id(write, partner_id, self._last_us),
                happened_us=self._last_us,
                visible_s=now_s + self.options.delay_s,
                partner_id=partner_id,
                write=write,
            )
        )

    def iter_visible(self, now_s: float) -> Iterator[AuditEntry]:
        """Iterate over the records that are visible at this time, newest first."""
        return (entry for entry in self._entries if now_s >= entry.visible_s)

    def find(self, record_id: str, now_s: float) -> AuditEntry | None:
        return next(
            (entry for entry in self.iter_visible(now_s) if entry.id == record_id.lower()), None
        )


def _build_id(write: AuditedWrite, partner_id: str, happened_us: int) -> str:
    """Join the ids, the operation without underscores, and the .NET ticks of its time."""
    ticks = _TICKS_OF_1970 + happened_us * 10 + 5
    operation = write.operation_type.replace("_", "")
    return f"{partner_id}_{write.profile.id}_{write.resource_id}_{operation}_{ticks}".lower()
