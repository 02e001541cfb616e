import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from gateway.upstream.coalesce import Coalescer
from gateway.upstream.errors import TimedOut, Unavailable
from tests.support.clock import FakeClock
from tests.support.waiting import run_ready_tasks


def timeout_error() -> TimedOut:
    error = TimedOut("late")
    error.hit_deadline = True
    return error


class Fetches:
    """Fetches that end when the test allows it."""

    def __init__(self) -> None:
        self.results: list[asyncio.Future[object]] = []
        self.cancelled = 0

    async def __call__(self) -> object:
        result = asyncio.get_running_loop().create_future()
        self.results.append(result)
        try:
            return await result
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


def start_read(
    coalescer: Coalescer,
    fetch: Callable[[], Coroutine[Any, Any, object]],
    *,
    key: str = "key",
    deadline: float = 1000.0,
) -> asyncio.Task[object]:
    return asyncio.create_task(coalescer.share(key, deadline, fetch))


@pytest.fixture
def coalescer() -> Coalescer:
    return Coalescer(FakeClock(now=0.0))


async def test_identical_reads_in_flight_share_one_fetch_and_its_value(
    coalescer: Coalescer,
) -> None:
    fetch, value = Fetches(), object()
    tasks = [start_read(coalescer, fetch) for _ in range(5)]
    await run_ready_tasks()
    assert len(fetch.results) == 1
    fetch.results[0].set_result(value)
    assert [await task is value for task in tasks] == [True] * 5


async def test_different_reads_share_nothing(coalescer: Coalescer) -> None:
    fetch = Fetches()
    tasks = [start_read(coalescer, fetch, key=key) for key in ("a", "b")]
    await run_ready_tasks()
    for number, result in enumerate(fetch.results):
        result.set_result(number)
    assert await asyncio.gather(*tasks) == [0, 1]


async def test_a_value_is_not_cached(coalescer: Coalescer) -> None:
    for number in range(2):
        fetch = Fetches()
        task = start_read(coalescer, fetch)
        await run_ready_tasks()
        fetch.results[0].set_result(number)
        assert await task == number


async def test_an_error_reaches_every_waiter_and_is_not_cached(coalescer: Coalescer) -> None:
    fetch = Fetches()
    tasks = [start_read(coalescer, fetch) for _ in range(2)]
    await run_ready_tasks()
    fetch.results[0].set_exception(KeyError("no"))
    for task in tasks:
        with pytest.raises(KeyError):
            await task
    again = start_read(coalescer, fetch)
    await run_ready_tasks()
    fetch.results[1].set_result("yes")
    assert await again == "yes"


async def test_a_cancelled_waiter_does_not_affect_the_others(coalescer: Coalescer) -> None:
    fetch = Fetches()
    tasks = [start_read(coalescer, fetch) for _ in range(3)]
    await run_ready_tasks()
    tasks[1].cancel()
    await run_ready_tasks()
    fetch.results[0].set_result("value")
    assert [await tasks[0], await tasks[2]] == ["value", "value"]
    assert tasks[1].cancelled()


async def test_a_fetch_continues_when_the_caller_that_started_it_leaves(
    coalescer: Coalescer,
) -> None:
    fetch = Fetches()
    first, *others = [start_read(coalescer, fetch) for _ in range(3)]
    await run_ready_tasks()
    first.cancel()
    await run_ready_tasks()
    assert first.cancelled()
    assert (len(fetch.results), fetch.cancelled) == (1, 0)
    fetch.results[0].set_result("value")
    assert await asyncio.gather(*others) == ["value", "value"]


async def test_a_fetch_continues_while_any_caller_waits(
    coalescer: Coalescer,
) -> None:
    fetch = Fetches()
    waiting = start_read(coalescer, fetch)
    for _ in range(40):
        await run_ready_tasks()
        leaving, waiting = waiting, start_read(coalescer, fetch)
        await run_ready_tasks()
        leaving.cancel()
    await run_ready_tasks()
    assert len(fetch.results) == 1
    fetch.results[0].set_result("value")
    assert await waiting == "value"


async def test_a_fetch_gets_the_latest_deadline(coalescer: Coalescer) -> None:
    fetch, deadlines = Fetches(), list[float]()
    waits = [
        asyncio.create_task(coalescer.share("key", deadline, fetch, deadlines.append))
        for deadline in (100.0, 900.0, 500.0, 901.0)
    ]
    await run_ready_tasks()
    assert deadlines == [900.0, 901.0]
    fetch.results[0].set_exception(timeout_error())  # with all the time there is
    outcomes = await asyncio.gather(*waits, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [TimedOut] * 4
    assert len(fetch.results) == 1


async def test_a_fetch_that_got_no_slot_is_repeated_for_waiters_with_time_left(
    coalescer: Coalescer,
) -> None:
    fetch = Fetches()
    hurried, other = [start_read(coalescer, fetch, deadline=at) for at in (100.0, 900.0)]
    await run_ready_tasks()
    fetch.results[0].set_exception(TimeoutError())
    with pytest.raises(TimeoutError):
        await hurried
    await run_ready_tasks()
    fetch.results[1].set_result("value")
    assert await other == "value"


async def test_a_read_that_is_cancelled_as_it_starts_leaves_nothing_behind(
    coalescer: Coalescer,
) -> None:
    task = start_read(coalescer, Fetches())
    await asyncio.sleep(0)
    task.cancel()
    await run_ready_tasks()
    assert (coalescer._in_flight, coalescer._cancelled) == ({}, set())


async def test_a_waiter_waits_no_longer_than_its_deadline(coalescer: Coalescer) -> None:
    fetch = Fetches()
    other = start_read(coalescer, fetch)
    hurried = start_read(coalescer, fetch, deadline=0.01)
    with pytest.raises(TimeoutError):
        await hurried
    fetch.results[0].set_result("value")
    assert await other == "value"


async def test_a_read_without_waiters_is_cancelled_and_not_joined(coalescer: Coalescer) -> None:
    fetch = Fetches()
    tasks = [start_read(coalescer, fetch) for _ in range(2)]
    await run_ready_tasks()
    for task in tasks:
        task.cancel()
    newcomer = start_read(coalescer, fetch)
    await run_ready_tasks()
    assert fetch.cancelled == 1
    fetch.results[1].set_result("fresh")
    assert await newcomer == "fresh"


async def test_a_waiter_with_a_later_deadline_starts_its_own_fetch(
    coalescer: Coalescer,
) -> None:
    fetch = Fetches()
    hurried = start_read(coalescer, fetch, deadline=100.0)
    other = start_read(coalescer, fetch, deadline=900.0)
    equal = start_read(coalescer, fetch, deadline=100.0)
    await run_ready_tasks()
    fetch.results[0].set_exception(timeout_error())
    await run_ready_tasks()
    assert len(fetch.results) == 2
    fetch.results[1].set_result("in time")
    assert await other == "in time"
    for task in (hurried, equal):
        with pytest.raises(TimedOut):
            await task


async def test_closing_cancels_what_is_in_flight(coalescer: Coalescer) -> None:
    fetch = Fetches()
    task = start_read(coalescer, fetch)
    await run_ready_tasks()
    await coalescer.aclose()
    with pytest.raises(Unavailable, match="stopping"):
        await task
    assert fetch.cancelled == 1


async def test_an_error_that_is_not_for_lack_of_time_is_shared(coalescer: Coalescer) -> None:
    fetch = Fetches()
    tasks = [start_read(coalescer, fetch, deadline=100.0 * number) for number in range(1, 6)]
    await run_ready_tasks()
    fetch.results[0].set_exception(Unavailable("down"))
    for task in tasks:
        with pytest.raises(Unavailable):
            await task
    assert len(fetch.results) == 1
