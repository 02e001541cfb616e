import asyncio

import pytest

from gateway.edge.cancellation.watcher import run_with_watcher


class RecordingWatcher:
    """Records its calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")

    def stop(self) -> None:
        self.calls.append("stop")


async def never() -> None:
    await asyncio.Event().wait()


async def test_work_that_never_waits_starts_no_watcher() -> None:
    async def work() -> int:
        return 1

    watcher = RecordingWatcher()
    assert await run_with_watcher(work(), watcher) == 1
    assert watcher.calls == []


async def test_work_that_waits_several_times_starts_the_watcher_once() -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        watcher.calls.append("again")
        await asyncio.sleep(0)
        return 1

    watcher = RecordingWatcher()
    assert await run_with_watcher(work(), watcher) == 1
    assert watcher.calls == ["start", "again", "stop"]


async def test_the_watcher_stops_when_the_work_fails() -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        raise LookupError

    watcher = RecordingWatcher()
    with pytest.raises(LookupError):
        await run_with_watcher(work(), watcher)
    assert watcher.calls == ["start", "stop"]


async def test_a_cancellation_reaches_the_work() -> None:
    watcher = RecordingWatcher()
    task = asyncio.create_task(watched_in_a_task(watcher))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert watcher.calls == ["start", "stop"]


async def watched_in_a_task(watcher: RecordingWatcher) -> None:
    await run_with_watcher(never(), watcher)


@pytest.mark.parametrize("waits", [0, 1], ids=["ends", "waits-once-more"])
async def test_work_may_return_a_result_when_cancelled(waits: int) -> None:
    async def work() -> str:
        try:
            await never()
        except asyncio.CancelledError:
            for _ in range(waits):
                await asyncio.sleep(0)
        return "done"

    async def request() -> str:
        return await run_with_watcher(work(), RecordingWatcher())

    task = asyncio.create_task(request())
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "done"


async def test_abandoned_work_is_closed() -> None:
    closed = []

    async def work() -> None:
        try:
            await never()
        finally:
            closed.append(True)

    async def request() -> None:
        await run_with_watcher(work(), watcher)

    watcher = RecordingWatcher()
    waiting = request()
    waiting.send(None)
    waiting.close()
    assert closed == [True]
    assert watcher.calls == ["start", "stop"]
