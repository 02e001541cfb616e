from collections.abc import Sequence
from typing import Final

from gateway.operations.retention import FIRST, PersonalDataRetention, Position
from gateway.operations.store.base import StoreUnavailable
from tests.support.clock import ManualClock
from tests.support.waiting import run_ready_tasks

DAY_S: Final = 24 * 3600.0


class FakeStore:
    """Has pages of operations; is away as often as a test says."""

    def __init__(self, pages: Sequence[Position], failures: int = 0) -> None:
        self.pages = list(pages)
        self.failures = failures
        self.calls: list[tuple[float, Position]] = []

    async def delete_personal_data(self, before: float, after: Position) -> Position | None:
        self.calls.append((before, after))
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("the database is away")
        return self.pages.pop(0) if self.pages else None


async def test_all_pages_are_cleaned_once_and_newer_operations_are_left_alone() -> None:
    clock, store = ManualClock(), FakeStore([(1, "a"), (2, "b")])
    retention = PersonalDataRetention(store, clock, days=30)
    await retention.delete_expired()
    await retention.delete_expired()
    before = clock.wall() - 30 * DAY_S
    positions = [FIRST, (1, "a"), (2, "b"), (2, "b")]
    assert store.calls == [(before, position) for position in positions]


async def test_an_unavailable_store_is_tried_again() -> None:
    clock, store = ManualClock(), FakeStore([], failures=1)
    retention = PersonalDataRetention(store, clock, days=0)
    retention.start()
    await run_ready_tasks()
    clock.advance(601)
    await run_ready_tasks()
    await retention.stop()
    assert len(store.calls) == 2
