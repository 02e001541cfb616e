import asyncio

import pytest

from gateway.upstream.shared_timeouts import SharedTimeouts


def add_future(timeouts: SharedTimeouts, in_s: float, text: str = "late") -> "asyncio.Future[str]":
    loop = asyncio.get_running_loop()
    wait = loop.create_future()

    def fail() -> None:
        if not wait.done():
            wait.set_exception(TimeoutError(text))

    timeouts.add(wait, loop.time() + in_s, fail)
    return wait


async def test_what_is_late_is_called_back() -> None:
    with pytest.raises(TimeoutError, match="too late"):
        await add_future(SharedTimeouts(), 0.0, "too late")


async def test_each_future_has_its_own_timeout_in_any_order() -> None:
    timeouts = SharedTimeouts()
    far, near, nearest = (add_future(timeouts, in_s) for in_s in (60.0, 0.002, 0.0))
    with pytest.raises(TimeoutError):
        await nearest
    assert not near.done()
    with pytest.raises(TimeoutError):
        await near
    assert not far.done()


async def test_a_future_that_is_done_or_removed_is_not_changed() -> None:
    timeouts = SharedTimeouts()
    ended, forgotten, last = (add_future(timeouts, in_s) for in_s in (0.0, 0.0, 0.001))
    ended.set_result("in time")
    timeouts.remove(forgotten)
    with pytest.raises(TimeoutError):
        await last
    assert ended.result() == "in time"
    assert not forgotten.done()


async def test_futures_with_later_timeouts_share_a_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, timers = asyncio.get_running_loop(), list[float]()
    call_at = loop.call_at

    def counted(at: float, *rest: object) -> asyncio.TimerHandle:
        timers.append(at)
        return call_at(at, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "call_at", counted)
    timeouts = SharedTimeouts()
    for in_s in (10.0, 20.0, 30.0):
        timeouts.remove(add_future(timeouts, in_s))
    assert len(timers) == 1
