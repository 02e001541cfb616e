import asyncio

import pytest

from gateway.edge.cancellation.watcher import run_with_watcher


class Noting:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def start(self) -> None:
        self.told.append("start")

    def stop(self) -> None:
        self.told.append("stop")


async def never() -> None:
    await asyncio.Event().wait()


async def test_what_never_waits_is_not_watched() -> None:
    async def work() -> int:
        return 1

    noting = Noting()
    assert await run_with_watcher(work(), noting) == 1
    assert noting.told == []


async def test_what_waits_several_times_is_watched_once() -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        noting.told.append("again")
        await asyncio.sleep(0)
        return 1

    noting = Noting()
    assert await run_with_watcher(work(), noting) == 1
    assert noting.told == ["start", "again", "stop"]


async def test_what_fails_after_a_wait_is_watched_no_longer() -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        raise LookupError

    noting = Noting()
    with pytest.raises(LookupError):
        await run_with_watcher(work(), noting)
    assert noting.told == ["start", "stop"]


async def test_a_cancellation_reaches_the_work() -> None:
    noting = Noting()
    task = asyncio.create_task(watched_in_a_task(noting))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert noting.told == ["start", "stop"]


async def watched_in_a_task(noting: Noting) -> None:
    await run_with_watcher(never(), noting)


@pytest.mark.parametrize("waits", [0, 1], ids=["ends", "waits-once-more"])
async def test_work_may_answer_its_cancellation(waits: int) -> None:
    async def work() -> str:
        try:
            await never()
        except asyncio.CancelledError:
            for _ in range(waits):
                await asyncio.sleep(0)
        return "done"

    async def request() -> str:
        return await run_with_watcher(work(), Noting())

    task = asyncio.create_task(request())
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "done"


async def test_work_that_is_given_up_is_closed() -> None:
    closed = []

    async def work() -> None:
        try:
            await never()
        finally:
            closed.append(True)

    async def request() -> None:
        await run_with_watcher(work(), noting)

    noting = Noting()
    waiting = request()
    waiting.send(None)
    waiting.close()
    assert closed == [True]
    assert noting.told == ["start", "stop"]
