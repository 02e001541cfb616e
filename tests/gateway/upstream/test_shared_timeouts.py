import asyncio

import pytest

from gateway.upstream.shared_timeouts import SharedTimeouts


def watched(deadlines: SharedTimeouts, in_s: float, text: str = "late") -> "asyncio.Future[str]":
    loop = asyncio.get_running_loop()
    wait = loop.create_future()
    deadlines.add(wait, loop.time() + in_s, lambda: TimeoutError(text))
    return wait


async def test_a_wait_fails_with_what_was_made_for_it() -> None:
    with pytest.raises(TimeoutError, match="too late"):
        await watched(SharedTimeouts(), 0.0, "too late")


async def test_each_wait_has_its_own_deadline_in_whatever_order_they_are_watched() -> None:
    deadlines = SharedTimeouts()
    far, near, nearest = (watched(deadlines, in_s) for in_s in (60.0, 0.002, 0.0))
    with pytest.raises(TimeoutError):
        await nearest
    assert not near.done()
    with pytest.raises(TimeoutError):
        await near
    assert not far.done()


async def test_a_wait_that_ended_or_was_forgotten_is_left_alone() -> None:
    deadlines = SharedTimeouts()
    ended, forgotten, last = (watched(deadlines, in_s) for in_s in (0.0, 0.0, 0.001))
    ended.set_result("in time")
    deadlines.remove(forgotten)
    with pytest.raises(TimeoutError):
        await last
    assert ended.result() == "in time"
    assert not forgotten.done()


async def test_waits_of_growing_deadlines_share_a_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, timers = asyncio.get_running_loop(), list[float]()
    call_at = loop.call_at

    def counted(at: float, *rest: object) -> asyncio.TimerHandle:
        timers.append(at)
        return call_at(at, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "call_at", counted)
    deadlines = SharedTimeouts()
    for in_s in (10.0, 20.0, 30.0):
        deadlines.remove(watched(deadlines, in_s))
    assert len(timers) == 1
