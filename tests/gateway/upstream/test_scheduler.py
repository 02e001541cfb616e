import asyncio

import pytest

from gateway.upstream.call import Call
from gateway.upstream.circuits import FAILURES_TO_OPEN, OPEN_S
from gateway.upstream.endpoints import GET_CUSTOMER, LIST_CUSTOMERS, UpstreamBucket
from gateway.upstream.errors import CircuitOpen, Throttled
from gateway.upstream.fair_semaphore import FairSemaphore
from gateway.upstream.rate_limits import RateLimitScope, RateLimitTracker, WindowLimit
from gateway.upstream.scheduler import RequestScheduler
from gateway.upstream.scope import RequestScope
from tests.gateway.upstream.scripted_client import build_scope
from tests.support.clock import FakeClock
from tests.support.waiting import run_ready_tasks

CALL = Call(GET_CUSTOMER, ("customer-1",))
OTHER_CALL = Call(GET_CUSTOMER, ("customer-2",))


class SlotHolder:
    """Acquires a slot and holds it until `end` is called."""

    def __init__(
        self, scheduler: RequestScheduler, call: Call = CALL, scope: RequestScope | None = None
    ) -> None:
        self._ends = asyncio.Event()
        self.is_in = False
        self._retry_after_s: float | None = None
        self.task = asyncio.create_task(self._hold(scheduler, call, scope or build_scope()))

    async def _hold(self, scheduler: RequestScheduler, call: Call, scope: RequestScope) -> None:
        free_slot = scheduler.try_acquire(call, scope)
        with free_slot or await scheduler.acquire(call, scope, scope.deadline) as slot:
            self.is_in = True
            await self._ends.wait()
            slot.retry_after_s = self._retry_after_s
            slot.is_accepted = self._retry_after_s is None

    async def end(self, retry_after_s: float | None = None) -> None:
        self._retry_after_s = retry_after_s
        self._ends.set()
        await self.task


def build_scheduler(
    clock: FakeClock, *, places: int = 10, limits: dict[UpstreamBucket, WindowLimit] | None = None
) -> RequestScheduler:
    return RequestScheduler(RateLimitTracker(limits or {}), FairSemaphore(places), clock)


async def test_a_call_waits_while_its_rate_limit_window_is_full() -> None:
    clock = FakeClock()
    scheduler = build_scheduler(clock, limits={UpstreamBucket.CUSTOMER_READS: WindowLimit(1, 20.0)})
    await SlotHolder(scheduler).end()
    await SlotHolder(scheduler).end()
    assert clock.slept == [20.0]


async def test_a_pause_beyond_the_deadline_fails_at_once_with_the_delay() -> None:
    clock = FakeClock()
    scheduler = build_scheduler(clock)
    await SlotHolder(scheduler).end(retry_after_s=57.0)
    with pytest.raises(Throttled, match="customer reads calls for customer customer-1 for 57 s"):
        await SlotHolder(scheduler).end()
    assert clock.slept == []


async def test_the_error_for_a_partner_wide_limit_names_the_partner() -> None:
    scheduler = build_scheduler(FakeClock())
    await SlotHolder(scheduler, Call(LIST_CUSTOMERS)).end(retry_after_s=57.0)
    with pytest.raises(Throttled, match="for this partner") as raised:
        await SlotHolder(scheduler, Call(LIST_CUSTOMERS)).end()
    assert raised.value.retry_after_s == 57.0


async def test_after_a_pause_one_call_is_sent_and_each_response_allows_more() -> None:
    clock = FakeClock()
    scheduler = build_scheduler(clock)
    await SlotHolder(scheduler).end(retry_after_s=5.0)
    holders = [SlotHolder(scheduler) for _ in range(4)]
    await run_ready_tasks()
    assert [holder.is_in for holder in holders] == [True, False, False, False]
    await holders[0].end()
    await run_ready_tasks()
    assert [holder.is_in for holder in holders[1:]] == [True, True, False]
    for holder in holders[1:]:
        await holder.end()


async def test_if_the_first_call_after_a_pause_is_cancelled_another_is_sent() -> None:
    scheduler = build_scheduler(FakeClock())
    await SlotHolder(scheduler).end(retry_after_s=5.0)
    first, second, third = (SlotHolder(scheduler) for _ in range(3))
    await run_ready_tasks()
    first.task.cancel()
    await run_ready_tasks()
    assert (second.is_in, third.is_in) == (True, False)
    await second.end()
    await third.end()


async def test_calls_of_a_paused_scope_leave_their_slots_to_others() -> None:
    clock = FakeClock()
    scheduler = build_scheduler(clock, places=1)
    first, queued, other = (
        SlotHolder(scheduler),
        SlotHolder(scheduler),
        SlotHolder(scheduler, OTHER_CALL),
    )
    await run_ready_tasks()
    assert (queued.is_in, other.is_in) == (False, False)
    await first.end(retry_after_s=5.0)
    await run_ready_tasks()
    assert other.is_in
    await other.end()
    await queued.end()
    assert clock.slept == [5.0]


async def test_calls_that_wait_for_a_slot_fail_when_their_circuit_opens() -> None:
    clock = FakeClock()
    scheduler = build_scheduler(clock, places=1)
    call = Call(LIST_CUSTOMERS)
    sent, waiting = SlotHolder(scheduler, call), SlotHolder(scheduler, call)
    await run_ready_tasks()
    assert (sent.is_in, waiting.is_in) == (True, False)
    key = RateLimitScope(LIST_CUSTOMERS.bucket, build_scope().identity, None)
    for _ in range(FAILURES_TO_OPEN):
        scheduler.circuits.on_failure(key, clock.now)
    await sent.end(retry_after_s=0.0)  # a 429 leaves the circuit open
    with pytest.raises(CircuitOpen, match="customer list calls") as raised:
        await waiting.end()
    assert raised.value.retry_after_s == OPEN_S
    assert clock.slept == []


async def test_one_call_of_a_group_is_sent_while_its_circuit_is_open() -> None:
    clock = FakeClock()
    scheduler = build_scheduler(clock)
    key = RateLimitScope(LIST_CUSTOMERS.bucket, "partner", None)
    for _ in range(FAILURES_TO_OPEN):
        scheduler.circuits.on_failure(key, clock.now)
    early, later = [GroupedProbe() for _ in range(3)], [GroupedProbe() for _ in range(3)]
    scheduler.send_group(key, "request", early)
    clock.now += OPEN_S
    scheduler.send_group(key, "request", later)
    assert [probe.was_sent for probe in early] == [False, False, False]
    assert [probe.was_sent for probe in later] == [True, False, False]


async def test_a_circuit_never_asks_for_a_retry_within_a_moment() -> None:
    clock = FakeClock()
    scheduler = build_scheduler(clock)
    key = RateLimitScope(LIST_CUSTOMERS.bucket, build_scope().identity, None)
    for _ in range(FAILURES_TO_OPEN):
        scheduler.circuits.on_failure(key, clock.now)
    clock.now += OPEN_S - 1e-7
    with pytest.raises(CircuitOpen) as raised:
        await SlotHolder(scheduler, Call(LIST_CUSTOMERS)).end()
    assert raised.value.retry_after_s == 1.0


class GroupedProbe:
    """Records whether it was sent, or has to wait alone."""

    was_sent: bool | None = None

    def send(self, key: RateLimitScope) -> bool:
        self.was_sent = True
        return True

    def wait_alone(self) -> None:
        self.was_sent = False
