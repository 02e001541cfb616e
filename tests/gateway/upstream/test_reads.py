"""Reads that are not shared, by the vendor's responses."""

import json
from collections.abc import Callable

import msgspec
import pytest

from gateway.credentials import SecretToken
from gateway.upstream.call import Call
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.endpoints import GET_CUSTOMER, LIST_UPGRADES, UpstreamBucket
from gateway.upstream.errors import (
    InvalidResponse,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
    UpstreamError,
    UpstreamForbidden,
)
from gateway.upstream.tokens.static import StaticTokens
from gateway.upstream.transport.base import ConnectFailed, ConnectionLost, IncompleteResponse
from tests.gateway.upstream.scripted_client import (
    ScriptedReply,
    ScriptedTransport,
    build_client,
    build_scope,
    response,
)
from tests.support.clock import FakeClock

CALL = Call(GET_CUSTOMER, ("customer-1",))
BUSY = response(503, {"code": 1, "description": "Busy."})


async def test_a_lost_response_is_retried_with_the_same_request_id() -> None:
    clock = FakeClock()
    transport = ScriptedTransport(
        ConnectionLost("reset"), BUSY, ConnectFailed("refused"), response(200, 1)
    )
    assert await build_client(transport, clock).read(CALL, build_scope(), json.loads) == 1
    assert clock.slept == [0.5, 1.5, 3.5]
    assert len({transport.sent_headers(index)["MS-RequestId"] for index in range(4)}) == 1


async def test_each_call_has_its_own_request_id() -> None:
    transport = ScriptedTransport(response(), response())
    client = build_client(transport)
    for _ in range(2):
        await client.read(CALL, build_scope(), json.loads)
    assert len({transport.sent_headers(index)["MS-RequestId"] for index in range(2)}) == 2


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (BUSY, Unavailable),
        (ConnectFailed("refused"), Unavailable),
        (ConnectionLost("reset"), TimedOut),
        (IncompleteResponse("3 of 100"), InvalidResponse),
    ],
    ids=["busy", "unreachable", "cut before the answer", "cut inside the answer"],
)
async def test_a_read_fails_after_the_last_attempt(
    reply: ScriptedReply, kind: type[UpstreamError]
) -> None:
    transport = ScriptedTransport(*[reply] * 4)
    with pytest.raises(kind) as raised:
        await build_client(transport).read(CALL, build_scope(), json.loads)
    assert type(raised.value) is kind
    assert len(transport.requests) == 4
    assert raised.value.request_id == transport.sent_headers(0)["MS-RequestId"]
    assert raised.value.correlation_id == "correlation-1"


async def test_a_rejection_is_final_and_has_the_vendors_ids() -> None:
    refused = response(403, {"code": 20002, "description": "No."}, MS_CorrelationId="theirs")
    transport = ScriptedTransport(refused)
    with pytest.raises(UpstreamForbidden) as raised:
        await build_client(transport).read(CALL, build_scope(), json.loads)
    assert (raised.value.upstream_code, raised.value.correlation_id) == ("20002", "theirs")
    assert len(transport.requests) == 1


class WireThing(msgspec.Struct):
    id: str


@pytest.mark.parametrize(
    ("body", "decode"),
    [
        (b'{"id":', json.loads),
        (b"<html>", json.loads),
        (b'{"id": 1}', msgspec.json.Decoder(WireThing).decode),
        (b"", msgspec.json.Decoder(WireThing).decode),
        (b"[" * 100_000, json.loads),
    ],
    ids=["cut", "not JSON", "another shape", "empty", "too deep"],
)
async def test_a_response_that_cannot_be_decoded_is_invalid_and_not_retried(
    body: bytes, decode: Callable[[bytes], object]
) -> None:
    transport = ScriptedTransport(response(200, body), response(200, {"id": "a"}))
    client = build_client(transport)
    with pytest.raises(
        InvalidResponse, match="response to get_customer cannot be decoded"
    ) as raised:
        await client.read(CALL, build_scope(), decode)
    assert raised.value.correlation_id == "correlation-1"
    assert len(transport.requests) == 1
    await client.read(CALL, build_scope(), decode)  # and it was not kept


async def test_a_redirect_is_an_invalid_response_and_is_not_followed() -> None:
    transport = ScriptedTransport(response(302, b"", Location="http://evil.test/"))
    with pytest.raises(InvalidResponse, match="302"):
        await build_client(transport).read(CALL, build_scope(), json.loads)
    assert len(transport.requests) == 1


async def test_an_expired_token_is_replaced_once() -> None:
    expired = response(401, {"code": 400, "description": "Access denied."})
    transport = ScriptedTransport(expired, response(200, 1))
    assert await build_client(transport).read(CALL, build_scope(), json.loads) == 1
    tokens = [transport.sent_headers(index)["Authorization"] for index in range(2)]
    assert tokens == ["Bearer token-1", "Bearer token-2"]


async def test_a_second_rejected_token_is_final() -> None:
    transport = ScriptedTransport(*[response(401, {"code": 400})] * 2)
    with pytest.raises(Unauthorized):
        await build_client(transport).read(CALL, build_scope(), json.loads)
    assert len(transport.requests) == 2


async def test_the_error_for_a_token_that_cannot_be_replaced_says_what_to_do() -> None:
    transport = ScriptedTransport(response(401, {"code": 400}))
    client = build_client(transport, tokens=StaticTokens(SecretToken("fixed-token")))
    with pytest.raises(Unauthorized, match="Set a new one") as raised:
        await client.read(CALL, build_scope(), json.loads)
    assert raised.value.correlation_id == "correlation-1"
    assert "fixed-token" not in repr(raised.value)


async def test_a_429_pauses_its_scope_and_the_call_is_sent_when_the_pause_is_over() -> None:
    clock = FakeClock()
    transport = ScriptedTransport(response(429, {}, Retry_After="7"), response(200, 1))
    assert await build_client(transport, clock).read(CALL, build_scope(), json.loads) == 1
    assert clock.now == 1007.0


async def test_a_pause_beyond_the_deadline_fails_without_waiting_or_sending() -> None:
    clock = FakeClock()
    transport = ScriptedTransport(response(429, {}, Retry_After="57"), response(200, 1))
    client = build_client(transport, clock)
    for _ in range(2):
        with pytest.raises(Throttled) as raised:
            await client.read(CALL, build_scope(), json.loads)
        assert raised.value.retry_after_s == 57.0
    assert (len(transport.requests), clock.slept) == (1, [])
    elsewhere = Call(LIST_UPGRADES, ("customer-1", "subscription-1"))
    assert await client.read(elsewhere, build_scope(), json.loads) == 1
    [state] = client.rate_limit_states("partner")
    assert (state.bucket, state.paused_for_s) == (UpstreamBucket.CUSTOMER_READS, 57.0)


async def test_a_pause_is_never_longer_than_the_setting() -> None:
    clock = FakeClock()
    transport = ScriptedTransport(response(429, {}, Retry_After="9" * 30), response(200, 1))
    client = build_client(transport, clock, limits=ClientLimits(max_retry_after_s=60.0))
    with pytest.raises(Throttled) as raised:
        await client.read(CALL, build_scope(), json.loads)
    assert raised.value.retry_after_s == 60.0
    later = build_scope(deadline=clock.now + 90)
    assert await client.read(CALL, later, json.loads) == 1


async def test_a_503_is_retried_no_sooner_than_it_says() -> None:
    clock = FakeClock()
    transport = ScriptedTransport(response(503, {}, Retry_After="3"), response(200, 1))
    assert await build_client(transport, clock).read(CALL, build_scope(), json.loads) == 1
    assert clock.slept == [3.0]


async def test_the_timeout_of_an_attempt_does_not_depend_on_the_deadline() -> None:
    transport = ScriptedTransport(response(), response())
    client = build_client(transport, limits=ClientLimits(attempt_timeout_s=20.0))
    await client.read(CALL, build_scope(deadline=1005.0), json.loads)
    await client.read(CALL, build_scope(deadline=1100.0), json.loads)
    assert [request.timeout_s for request in transport.requests] == [20.0, 20.0]


async def test_retries_are_charged_to_the_budget() -> None:
    transport = ScriptedTransport(*[response(503, {})] * 4)
    scope = build_scope(max_calls=2)
    with pytest.raises(Unavailable):
        await build_client(transport).read(CALL, scope, json.loads)
    assert (len(transport.requests), scope.budget.spent) == (2, 2)
