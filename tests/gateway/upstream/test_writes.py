"""`UpstreamClient.acquire_slot`: waits, sends at most once, and reports the outcome."""

import asyncio

import pytest

from gateway.credentials import SecretToken
from gateway.upstream.call import Call
from gateway.upstream.client import UpstreamClient
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.endpoints import GET_CUSTOMER, PERFORM_UPGRADE
from gateway.upstream.errors import CallBudgetExceeded, Throttled, TimedOut, Unauthorized
from gateway.upstream.scope import RequestScope
from gateway.upstream.tokens.base import TokenProvider
from gateway.upstream.tokens.static import PassThroughTokens, StaticTokens
from gateway.upstream.transport.base import (
    ConnectFailed,
    ConnectionLost,
    OutgoingRequest,
    UpstreamResponse,
)
from gateway.upstream.write_outcome import Accepted, NeverSent, Rejected, Unconfirmed, WriteOutcome
from gateway.upstream.writes import WriteSlot
from tests.gateway.upstream.scripted_client import (
    ScriptedReply,
    ScriptedTokens,
    ScriptedTransport,
    build_client,
    build_scope,
    response,
)
from tests.support.clock import FakeClock
from tests.support.waiting import run_ready_tasks

CALL = Call(PERFORM_UPGRADE, ("customer-1", "subscription-1"), body=b"{}")


async def acquire_slot(client: UpstreamClient, scope: RequestScope | None = None) -> WriteSlot:
    slot = await client.acquire_slot(CALL, scope or build_scope(), "request-1")
    assert isinstance(slot, WriteSlot)
    return slot


async def send_once(
    client: UpstreamClient, scope: RequestScope | None = None, *, request_id: str = "request-1"
) -> WriteOutcome:
    """Acquire a slot and send at once."""
    slot = await client.acquire_slot(CALL, scope or build_scope(), request_id)
    return slot if isinstance(slot, NeverSent) else await slot.send()


async def test_a_write_is_sent_once_under_the_given_ids() -> None:
    transport = ScriptedTransport(response(200, {}))
    outcome = await send_once(build_client(transport), request_id="request-1")
    assert isinstance(outcome, Accepted)
    headers = transport.sent_headers(0)
    assert headers["MS-RequestId"] == "request-1"
    assert headers["MS-CorrelationId"] == "correlation-1"
    assert headers["Authorization"] == "Bearer token-1"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (response(503), Unconfirmed),
        (ConnectionLost("reset"), Unconfirmed),
        (ConnectFailed("refused"), NeverSent),
        (response(403, {"code": 2006}), Rejected),
        (response(429, Retry_After="57"), Rejected),
    ],
    ids=["503", "lost", "no connection", "403", "429"],
)
async def test_a_write_is_never_retried(reply: ScriptedReply, kind: type[object]) -> None:
    transport = ScriptedTransport(reply)
    assert isinstance(await send_once(build_client(transport)), kind)
    assert len(transport.requests) == 1


async def test_a_429_pauses_the_scope_and_the_next_write_is_not_sent() -> None:
    transport = ScriptedTransport(response(429, Retry_After="57"))
    client = build_client(transport)
    await send_once(client)
    outcome = await send_once(client)
    assert isinstance(outcome, NeverSent)
    assert isinstance(outcome.error, Throttled)
    assert outcome.error.retry_after_s == 57
    assert len(transport.requests) == 1


async def test_a_write_has_the_remaining_time_up_to_its_timeout() -> None:
    transport = ScriptedTransport(response(200, {}), response(200, {}))
    client = build_client(transport, limits=ClientLimits(write_timeout_s=20.0))
    for deadline in (1005.0, 1100.0):
        await send_once(client, build_scope(deadline=deadline))
    assert [request.timeout_s for request in transport.requests] == [5.0, 20.0]


async def test_an_unconfirmed_write_has_the_vendors_retry_after() -> None:
    transport = ScriptedTransport(
        response(503, Retry_After="3"), response(503, Retry_After="9" * 30)
    )
    client = build_client(transport, limits=ClientLimits(max_retry_after_s=60.0))
    outcomes = [await send_once(client) for _ in range(2)]
    assert [o.error.retry_after_s for o in outcomes if isinstance(o, Unconfirmed)] == [3.0, 60.0]


async def test_a_rejected_token_is_replaced_for_the_next_attempt() -> None:
    transport = ScriptedTransport(response(401), response(200, {}))
    client = build_client(transport)
    outcome = await send_once(client)
    assert isinstance(outcome, Rejected)
    assert outcome.has_fresh_token
    assert isinstance(await send_once(client), Accepted)
    assert transport.sent_headers(1)["Authorization"] == "Bearer token-2"


@pytest.mark.parametrize(
    ("reply", "tokens"),
    [
        (response(401, {"code": 900421}), ScriptedTokens()),
        (response(401), StaticTokens(SecretToken("secret"))),
    ],
    ids=["MFA is missing", "there is no other token"],
)
async def test_a_token_that_cannot_be_replaced_is_rejected_for_good(
    reply: ScriptedReply, tokens: TokenProvider
) -> None:
    outcome = await send_once(build_client(ScriptedTransport(reply), tokens=tokens))
    assert isinstance(outcome, Rejected)
    assert not outcome.has_fresh_token


async def test_without_a_token_nothing_is_sent() -> None:
    transport = ScriptedTransport()
    client = build_client(transport, tokens=PassThroughTokens(b"key"))
    outcome = await send_once(client)
    assert isinstance(outcome, NeverSent)
    assert isinstance(outcome.error, Unauthorized)


async def test_without_budget_or_time_nothing_is_sent() -> None:
    client = build_client(ScriptedTransport())
    poor = await send_once(client, build_scope(max_calls=0))
    late = await send_once(client, build_scope(deadline=0))
    assert isinstance(poor, NeverSent)
    assert isinstance(poor.error, CallBudgetExceeded)
    assert isinstance(late, NeverSent)
    assert isinstance(late.error, TimedOut)


async def test_a_read_cannot_be_sent_as_a_write() -> None:
    with pytest.raises(ValueError, match="get_customer is a read"):
        await build_client(ScriptedTransport()).acquire_slot(
            Call(GET_CUSTOMER, ("customer-1",)), build_scope(), "r"
        )


async def test_nothing_leaves_before_it_is_sent_and_its_turn_is_kept_until_then() -> None:
    transport = ScriptedTransport(response(200, {}), response(200, {}))
    client = build_client(transport, limits=ClientLimits(max_in_flight=1))
    first = await acquire_slot(client)
    waiting = asyncio.create_task(send_once(client))
    await run_ready_tasks()
    assert transport.requests == []
    assert not waiting.done()
    assert isinstance(await first.send(), Accepted)
    assert isinstance(await waiting, Accepted)
    assert len(transport.requests) == 2


async def test_a_released_write_frees_its_slot_and_is_never_sent() -> None:
    transport = ScriptedTransport(response(200, {}))
    client = build_client(transport, limits=ClientLimits(max_in_flight=1))
    slot = await acquire_slot(client)
    slot.release()
    slot.release()
    assert isinstance(await slot.send(), NeverSent)
    assert isinstance(await send_once(client), Accepted)
    assert len(transport.requests) == 1


async def test_a_turn_that_is_not_used_for_long_is_over() -> None:
    """For example while the database does not commit the announcement: reads must continue."""
    transport = ScriptedTransport(response(200, {}))
    client = build_client(transport, limits=ClientLimits(max_in_flight=1, write_hold_s=0.0))
    slot = await acquire_slot(client)
    assert isinstance(await send_once(client), Accepted)
    outcome = await slot.send()
    assert isinstance(outcome, NeverSent)
    assert isinstance(outcome.error, TimedOut)
    assert len(transport.requests) == 1


async def test_a_write_that_is_being_sent_keeps_its_slot() -> None:
    arrives = asyncio.Event()

    async def arrive(request: OutgoingRequest) -> UpstreamResponse:
        await arrives.wait()
        return response(200, {})

    transport = ScriptedTransport(script=arrive)
    client = build_client(transport, limits=ClientLimits(max_in_flight=1, write_hold_s=0.0))
    sending = asyncio.create_task(send_once(client))
    waiting = asyncio.create_task(client.acquire_slot(CALL, build_scope(), "request-2"))
    await run_ready_tasks()
    assert len(transport.requests) == 1
    assert not waiting.done()
    arrives.set()
    assert isinstance(await sending, Accepted)
    assert isinstance(await waiting, WriteSlot)


async def test_a_prepared_write_is_not_sent_after_its_deadline() -> None:
    clock, transport = FakeClock(), ScriptedTransport()
    slot = await acquire_slot(build_client(transport, clock), build_scope(clock.monotonic() + 5))
    await clock.sleep(5)
    assert isinstance(await slot.send(), NeverSent)
    assert transport.requests == []


async def test_a_write_cancelled_while_it_waits_for_a_token_keeps_no_slot() -> None:
    tokens = SlowTokens()
    transport = ScriptedTransport(response(200, {}))
    client = build_client(transport, tokens=tokens, limits=ClientLimits(max_in_flight=1))
    leaving = asyncio.create_task(client.acquire_slot(CALL, build_scope(), "r"))
    await tokens.requested.wait()
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    tokens.issued.set()
    assert isinstance(await send_once(client), Accepted)


class SlowTokens(ScriptedTokens):
    def __init__(self) -> None:
        super().__init__()
        self.requested, self.issued = asyncio.Event(), asyncio.Event()

    async def get(self, scope: RequestScope, *, rejected: str | None = None) -> str:
        self.requested.set()
        await self.issued.wait()
        return await super().get(scope, rejected=rejected)
