import time

from gateway.clock import SystemClock


async def test_the_system_clock_waits_and_reads_both_times() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0.001)
    assert clock.monotonic() > before
    assert abs(clock.wall() - time.time()) < 60
