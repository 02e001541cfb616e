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


class ManualSleep:
    """A sleep that lasts until the test ends it."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self._over = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        assert seconds == 1
        self.started.set()
        await self._over.wait()
        self._over.clear()

    async def end(self) -> None:
        """End the current sleep, and wait for the next one."""
        await self.started.wait()
        self.started.clear()
        self._over.set()
        await self.started.wait()


class LimitsWithFile:
    """Limits with a file that is checked when the test says so."""

    def __init__(self, path: Path, **settings: object) -> None:
        self.sleep = ManualSleep()
        self.path = path
        self.path.write_text("")
        limits = LimitsSettings.model_validate({"file": path, **settings})
        self.limits: ReloadableLimits = build_limits(GRAPH, Settings(limits=limits), FakeClock())

    async def change(self, text: str) -> None:
        """Change the file, and let the limits check it."""
        self.write(text)
        await self.sleep.end()

    def write(self, text: str) -> None:
        """Replace the file, as editors do."""
        new = self.path.with_suffix(".new")
        new.write_text(text)
        new.replace(self.path)

    def operation(self, text: str = THREE_DEEP) -> PreparedOperation:
        found = self.limits.current.engine.prepare(text).operation()
        assert found is not None
        return found

    def send_query(self, units: int) -> None:
        """Send a query with so many estimated calls. Raises RateLimitExceeded."""
        query = f"{{ customers(first: {units - 1}) {{ nodes {{ customDomains }} }} }}"
        self.limits.current.requests.check(self.operation(query), None, "a")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "limits.toml"


async def test_a_cached_document_is_checked_against_new_limits(path: Path) -> None:
    watched = LimitsWithFile(path)
    async with watched.limits.watch(watched.sleep):
        watched.operation()
        await watched.change("max_depth = 2")
        with pytest.raises(LimitExceeded) as caught:
            watched.operation()
        assert caught.value.rule == "depth"
        await watched.change("")
        watched.operation()


async def test_documents_stay_cached_if_no_number_changes(path: Path) -> None:
    watched = LimitsWithFile(path)
    async with watched.limits.watch(watched.sleep):
        before = watched.operation()
        await watched.change("# the default\nmax_depth = 12")
        assert watched.operation() is before


async def test_an_invalid_file_keeps_the_last_numbers_and_is_not_current(path: Path) -> None:
    watched = LimitsWithFile(path)
    async with watched.limits.watch(watched.sleep):
        await watched.change("max_depth = 9")
        for text in ("max_depth = ", "max_depth = 0"):
            await watched.change(text)
            assert watched.limits.current.numbers.max_depth == 9
            assert not watched.limits.is_current
        await watched.change("max_depth = 8")
        assert watched.limits.current.numbers.max_depth == 8
        assert watched.limits.is_current


async def test_a_bucket_stays_as_full_in_proportion_under_a_new_rate_limit(path: Path) -> None:
    watched = LimitsWithFile(path, calls_per_minute=100)
    async with watched.limits.watch(watched.sleep):
        watched.send_query(50)
        await watched.change("calls_per_minute = 20")
        watched.send_query(10)
        with pytest.raises(RateLimitExceeded):
            watched.send_query(2)


async def test_cost_and_body_limits_follow_the_file(path: Path) -> None:
    watched = LimitsWithFile(path)
    async with watched.limits.watch(watched.sleep):
        await watched.change("max_cost = 3\nmax_body_bytes = 10\nbody_within_s = 1.5")
    with pytest.raises(LimitExceeded, match="upstream calls"):
        watched.send_query(4)
    bodies = watched.limits.current.bodies
    assert (bodies.size.maximum, bodies.mutation_size.maximum, bodies.timeout_s) == (
        10,
        2_097_152,
        1.5,
    )


async def test_the_file_is_not_checked_after_the_block(path: Path) -> None:
    watched = LimitsWithFile(path)
    async with watched.limits.watch(watched.sleep):
        await watched.sleep.started.wait()
    watched.write("max_depth = 2")
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert watched.limits.current.numbers.max_depth == 12
