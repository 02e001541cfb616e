import asyncio

import pytest

from gateway.upstream.call import Call
from gateway.upstream.endpoints import GET_CUSTOMER, LIST_CUSTOMERS, UpstreamBucket
from gateway.upstream.errors import Throttled
from gateway.upstream.fair_semaphore import FairSemaphore
from gateway.upstream.rate_limits import RateLimitTracker, WindowLimit
from gateway.upstream.scheduler import RequestScheduler
from gateway.upstream.scope import RequestScope
from tests.gateway.upstream.scripted_client import build_scope
from tests.support.clock import FakeClock
from tests.support.waiting import settle

CALL = Call(GET_CUSTOMER, ("customer-1",))
OTHER = Call(GET_CUSTOMER, ("customer-2",))


class Visitor:
    """Takes a turn and keeps it until told how it ended."""

    def __init__(
        self, admission: RequestScheduler, call: Call = CALL, scope: RequestScope | None = None
    ) -> None:
        self._ends = asyncio.Event()
        self.is_in = False
        self._retry_after_s: float | None = None
        self.task = asyncio.create_task(self._visit(admission, call, scope or build_scope()))

    async def _visit(self, admission: RequestScheduler, call: Call, scope: RequestScope) -> None:
        at_once = admission.try_acquire(call, scope)
        with at_once or await admission.acquire(call, scope, scope.deadline) as turn:
            self.is_in = True
            await self._ends.wait()
            turn.retry_after_s = self._retry_after_s
            turn.is_accepted = self._retry_after_s is None

    async def end(self, retry_after_s: float | None = None) -> None:
        self._retry_after_s = retry_after_s
        self._ends.set()
        await self.task


def admission(
    clock: FakeClock, *, places: int = 10, limits: dict[UpstreamBucket, WindowLimit] | None = None
) -> RequestScheduler:
    return RequestScheduler(RateLimitTracker(limits or {}), FairSemaphore(places), clock)


async def test_a_full_window_is_waited_out_instead_of_being_refused() -> None:
    clock = FakeClock()
    way = admission(clock, limits={UpstreamBucket.CUSTOMER_READS: WindowLimit(1, 20.0)})
    await Visitor(way).end()
    await Visitor(way).end()
    assert clock.slept == [20.0]


async def test_a_wait_that_passes_the_deadline_is_refused_at_once_and_says_when_to_come_back() -> (
    None
):
    clock = FakeClock()
    way = admission(clock)
    await Visitor(way).end(retry_after_s=57.0)
    with pytest.raises(Throttled, match="customer reads calls for customer customer-1 for 57 s"):
        await Visitor(way).end()
    assert clock.slept == []


async def test_a_refusal_of_partner_wide_calls_names_the_partner() -> None:
    way = admission(FakeClock())
    await Visitor(way, Call(LIST_CUSTOMERS)).end(retry_after_s=57.0)
    with pytest.raises(Throttled, match="for this partner") as raised:
        await Visitor(way, Call(LIST_CUSTOMERS)).end()
    assert raised.value.retry_after_s == 57.0


async def test_after_a_pause_one_call_goes_first_and_each_answer_lets_more_follow() -> None:
    clock = FakeClock()
    way = admission(clock)
    await Visitor(way).end(retry_after_s=5.0)
    visitors = [Visitor(way) for _ in range(4)]
    await settle()
    assert [visitor.is_in for visitor in visitors] == [True, False, False, False]
    await visitors[0].end()
    await settle()
    assert [visitor.is_in for visitor in visitors[1:]] == [True, True, False]
    for visitor in visitors[1:]:
        await visitor.end()


async def test_when_the_first_call_after_a_pause_is_cancelled_another_goes_first() -> None:
    way = admission(FakeClock())
    await Visitor(way).end(retry_after_s=5.0)
    first, second, third = (Visitor(way) for _ in range(3))
    await settle()
    first.task.cancel()
    await settle()
    assert (second.is_in, third.is_in) == (True, False)
    await second.end()
    await third.end()


async def test_a_scope_that_closes_while_its_calls_queue_gives_their_places_to_others() -> None:
    clock = FakeClock()
    way = admission(clock, places=1)
    first, queued, other = Visitor(way), Visitor(way), Visitor(way, OTHER)
    await settle()
    assert (queued.is_in, other.is_in) == (False, False)
    await first.end(retry_after_s=5.0)
    await settle()
    assert other.is_in
    await other.end()
    await queued.end()
    assert clock.slept == [5.0]
