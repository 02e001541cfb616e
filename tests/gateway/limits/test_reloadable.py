"""What is in force while a file changes."""

import asyncio
from pathlib import Path

import pytest

from gateway.engine.prepare import PreparedOperation
from gateway.limits.factory import build_limits
from gateway.limits.rate_limiter import RateLimitExceeded
from gateway.limits.reloadable import ReloadableLimits
from gateway.settings import LimitsSettings, Settings
from resolvers.graph import build_graph
from schema.errors import LimitExceeded
from tests.support.clock import FakeClock

GRAPH = build_graph()
THREE_DEEP = "{ customers { nodes { id } } }"


class Sleep:
    """Lasts until it is told to end."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self._over = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        assert seconds == 1
        self.begun.set()
        await self._over.wait()
        self._over.clear()

    async def end(self) -> None:
        """Let it end, and wait for the next one."""
        await self.begun.wait()
        self.begun.clear()
        self._over.set()
        await self.begun.wait()


class Bounded:
    """Limits with a file, which is looked at when the test says so."""

    def __init__(self, path: Path, **settings: object) -> None:
        self.sleep = Sleep()
        self.path = path
        self.path.write_text("")
        limits = LimitsSettings.model_validate({"file": path, **settings})
        self.limits: ReloadableLimits = build_limits(GRAPH, Settings(limits=limits), FakeClock())

    async def says(self, text: str) -> None:
        """Change the file, and let a second pass."""
        self.write(text)
        await self.sleep.end()

    def write(self, text: str) -> None:
        """Put another file in the place of the one there is."""
        new = self.path.with_suffix(".new")
        new.write_text(text)
        new.replace(self.path)

    def operation(self, text: str = THREE_DEEP) -> PreparedOperation:
        found = self.limits.current.engine.prepare(text).operation()
        assert found is not None
        return found

    def take(self, units: int) -> None:
        """Take calls as a caller. Raises RateExceeded."""
        query = f"{{ customers(first: {units - 1}) {{ nodes {{ customDomains }} }} }}"
        self.limits.current.requests.check(self.operation(query), None, "a")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "limits.toml"


async def test_a_document_of_before_is_held_against_the_new_numbers(path: Path) -> None:
    bounded = Bounded(path)
    async with bounded.limits.watch(bounded.sleep):
        bounded.operation()
        await bounded.says("max_depth = 2")
        with pytest.raises(LimitExceeded) as caught:
            bounded.operation()
        assert caught.value.rule == "depth"
        await bounded.says("")
        bounded.operation()


async def test_the_same_numbers_leave_documents_as_they_are(path: Path) -> None:
    bounded = Bounded(path)
    async with bounded.limits.watch(bounded.sleep):
        before = bounded.operation()
        await bounded.says("# as set\nmax_depth = 12")
        assert bounded.operation() is before


async def test_a_broken_file_leaves_the_last_numbers_in_force_and_is_told(path: Path) -> None:
    bounded = Bounded(path)
    async with bounded.limits.watch(bounded.sleep):
        await bounded.says("max_depth = 9")
        for text in ("max_depth = ", "max_depth = 0"):
            await bounded.says(text)
            assert bounded.limits.current.numbers.max_depth == 9
            assert not bounded.limits.is_current
        await bounded.says("max_depth = 8")
        assert bounded.limits.current.numbers.max_depth == 8
        assert bounded.limits.is_current


async def test_what_was_taken_is_the_same_share_of_a_new_quota(path: Path) -> None:
    bounded = Bounded(path, calls_per_minute=100)
    async with bounded.limits.watch(bounded.sleep):
        bounded.take(50)
        await bounded.says("calls_per_minute = 20")
        bounded.take(10)
        with pytest.raises(RateLimitExceeded):
            bounded.take(2)


async def test_what_needs_a_number_finds_the_new_one(path: Path) -> None:
    bounded = Bounded(path)
    async with bounded.limits.watch(bounded.sleep):
        await bounded.says("max_cost = 3\nmax_body_bytes = 10\nbody_within_s = 1.5")
    with pytest.raises(LimitExceeded, match="upstream calls"):
        bounded.take(4)
    bodies = bounded.limits.current.bodies
    assert (bodies.size.maximum, bodies.mutation_size.maximum, bodies.timeout_s) == (
        10,
        2_097_152,
        1.5,
    )


async def test_after_its_end_the_file_is_not_looked_at(path: Path) -> None:
    bounded = Bounded(path)
    async with bounded.limits.watch(bounded.sleep):
        await bounded.sleep.begun.wait()
    bounded.write("max_depth = 2")
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert bounded.limits.current.numbers.max_depth == 12
