import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.upstream.fair_semaphore import FairSemaphore
from tests.support.waiting import HANG_TIMEOUT_S, run_ready_tasks


async def acquire(semaphore: FairSemaphore, owner: str, order: list[str]) -> None:
    await semaphore.acquire(owner, HANG_TIMEOUT_S)
    order.append(owner)


async def test_no_more_calls_acquire_than_there_are_places() -> None:
    semaphore, order = FairSemaphore(2), list[str]()
    tasks = [asyncio.create_task(acquire(semaphore, "a", order)) for _ in range(5)]
    await run_ready_tasks()
    assert len(order) == 2
    for served in (3, 4, 5):
        semaphore.release()
        await run_ready_tasks()
        assert len(order) == served
    await asyncio.gather(*tasks)


async def test_a_request_with_one_call_takes_turns_with_one_that_has_many() -> None:
    semaphore, order = FairSemaphore(1), list[str]()
    await semaphore.acquire("first", HANG_TIMEOUT_S)
    owners = ["large"] * 100 + ["small", "medium", "medium"]
    tasks = [asyncio.create_task(acquire(semaphore, owner, order)) for owner in owners]
    await run_ready_tasks()
    for _ in owners:
        semaphore.release()
        await run_ready_tasks()
    await asyncio.gather(*tasks)
    assert order[:5] == ["large", "small", "medium", "large", "medium"]
    assert order[5:] == ["large"] * 98


async def test_a_waiter_that_is_cancelled_takes_no_place() -> None:
    semaphore, order = FairSemaphore(1), list[str]()
    await semaphore.acquire("first", HANG_TIMEOUT_S)
    cancelled = asyncio.create_task(acquire(semaphore, "cancelled", order))
    waiting = asyncio.create_task(acquire(semaphore, "waiting", order))
    await run_ready_tasks()
    cancelled.cancel()
    await run_ready_tasks()
    semaphore.release()
    await waiting
    assert order == ["waiting"]


async def test_a_place_acquired_in_the_tick_of_a_cancellation_is_passed_on() -> None:
    semaphore, order = FairSemaphore(1), list[str]()
    await semaphore.acquire("first", HANG_TIMEOUT_S)
    cancelled = asyncio.create_task(acquire(semaphore, "cancelled", order))
    waiting = asyncio.create_task(acquire(semaphore, "waiting", order))
    await run_ready_tasks()
    semaphore.release()
    cancelled.cancel()
    await waiting
    assert order == ["waiting"]


@settings(max_examples=60)
@given(
    places=st.integers(1, 3),
    steps=st.lists(
        st.tuples(st.sampled_from(["acquire", "leave", "cancel"]), st.integers(0, 3)), max_size=40
    ),
)
def test_places_are_neither_lost_nor_created(places: int, steps: list[tuple[str, int]]) -> None:
    asyncio.run(_play(places, steps))


async def _play(places: int, steps: list[tuple[str, int]]) -> None:
    semaphore, acquired, waiting = FairSemaphore(places), list[str](), list[asyncio.Task[None]]()
    left = 0
    for action, choice in steps:
        if action == "acquire":
            waiting.append(asyncio.create_task(acquire(semaphore, f"owner-{choice}", acquired)))
        elif action == "leave" and len(acquired) > left:
            semaphore.release()
            left += 1
        elif action == "cancel" and waiting:
            waiting.pop(choice % len(waiting)).cancel()
        await asyncio.sleep(0)
        assert len(acquired) - left <= places
    await run_ready_tasks()
    pending = [task for task in waiting if not task.done()]
    assert not pending or len(acquired) - left == places  # nobody waits beside a free place
    while len(acquired) > left:
        semaphore.release()
        left += 1
        await run_ready_tasks()
    await asyncio.gather(*pending)


async def test_a_waiter_that_times_out_takes_no_place() -> None:
    semaphore, order = FairSemaphore(1), list[str]()
    await semaphore.acquire("first", HANG_TIMEOUT_S)
    with pytest.raises(TimeoutError):
        await semaphore.acquire("hurried", 0.0)
    waiting = asyncio.create_task(acquire(semaphore, "waiting", order))
    await run_ready_tasks()
    semaphore.release()
    await waiting
    assert order == ["waiting"]
