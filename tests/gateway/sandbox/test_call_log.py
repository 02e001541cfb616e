import asyncio

from gateway.sandbox.call_log import CallLog, CallLogEntry


def create_call(operation: str = "get_customer") -> CallLogEntry:
    return CallLogEntry("GET", "/v1/customers/c", operation, None, None, started_s=0)


async def test_a_condition_that_already_holds_does_not_wait() -> None:
    await CallLog(max_entries=5).wait_until(lambda calls: calls.in_flight == 0)


async def test_a_wait_ends_with_the_call_that_fulfils_the_condition() -> None:
    log, call = CallLog(max_entries=5), create_call()
    started = asyncio.create_task(log.wait_until(lambda calls: calls.in_flight == 1))
    ended = asyncio.create_task(
        log.wait_until(lambda calls: calls.count() == 1 and not calls.in_flight)
    )
    await asyncio.sleep(0)
    log.start(call)
    await started
    assert not ended.done()
    log.finish(call, ended_s=1)
    await ended


def test_running_calls_are_found_by_their_operation() -> None:
    log, ended, running = CallLog(max_entries=5), create_call(), create_call()
    for call in (ended, running, create_call("list_offers")):
        log.start(call)
    log.finish(ended, ended_s=1)
    assert log.running("get_customer") == [running]
    assert log.running("list_customers") == []
