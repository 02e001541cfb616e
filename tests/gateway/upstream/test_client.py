import asyncio
import json
from collections.abc import Callable

import msgspec
import pytest

from gateway.upstream.call import Call
from gateway.upstream.client import Client, Pressure
from gateway.upstream.endpoints import (
    GET_CUSTOMER,
    LIST_OFFERS,
    LIST_UPGRADES,
    PERFORM_UPGRADE,
    PRODUCT_UPGRADE_ELIGIBILITY,
    ThrottleBucket,
)
from gateway.upstream.errors import (
    CallBudgetExceeded,
    Forbidden,
    InvalidAnswer,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
    UpstreamError,
)
from gateway.upstream.scope import SecretToken
from gateway.upstream.tokens import Tokens
from gateway.upstream.tokens.given import StaticTokens
from gateway.upstream.transport import (
    AnswerLost,
    AnswerTimedOut,
    AnswerTruncated,
    NotSent,
    OutgoingRequest,
)
from tests.gateway.upstream.scripted import (
    Reply,
    ScriptedTokens,
    ScriptedTransport,
    answer,
    request_scope,
)
from tests.support.clock import FakeClock
from tests.support.waiting import settle

CALL = Call(GET_CUSTOMER, ("customer-1",))
BUSY = answer(503, {"code": 1, "description": "Busy."})


def client_of(
    transport: ScriptedTransport,
    clock: FakeClock | None = None,
    *,
    tokens: Tokens | None = None,
    pressure: Pressure | None = None,
) -> Client:
    return Client(
        transport,
        tokens or ScriptedTokens(),
        "http://partner.test/",
        clock=clock or FakeClock(),
        pressure=pressure or Pressure(),
        jitter=lambda: 1.0,
    )


async def test_a_read_sends_the_headers_of_the_contract_and_decodes_the_answer() -> None:
    transport = ScriptedTransport(answer(200, {"id": "customer-1"}))
    assert await client_of(transport).read(CALL, request_scope(), json.loads) == {
        "id": "customer-1"
    }
    sent = transport.requests[0]
    assert (sent.method, sent.url) == ("GET", "http://partner.test/v1/customers/customer-1")
    headers = transport.sent_headers(0)
    assert len(headers["MS-RequestId"]) == 36
    assert {name: headers[name] for name in headers if name != "ms-requestid"} == {
        "authorization": "Bearer token-1",
        "accept": "application/json",
        "ms-correlationid": "correlation-1",
        "ms-contract-version": "v1",
        "ms-partnercenter-application": "Upgrade Gateway",
        "x-locale": "en-US",
        "user-agent": headers["User-Agent"],
    }


async def test_a_locale_of_the_call_replaces_the_default() -> None:
    transport = ScriptedTransport(answer())
    call = Call(LIST_OFFERS, query=(("country", "DE"),), headers=(("X-Locale", "de-DE"),))
    await client_of(transport).read(call, request_scope(), json.loads)
    locales = [value for name, value in transport.requests[0].headers if name == "X-Locale"]
    assert locales == ["de-DE"]


async def test_a_read_by_post_has_a_body_and_its_type() -> None:
    transport = ScriptedTransport(answer())
    call = Call(PRODUCT_UPGRADE_ELIGIBILITY, body=b'{"customerId":"a"}')
    await client_of(transport).read(call, request_scope(), json.loads)
    assert transport.requests[0].body == b'{"customerId":"a"}'
    assert transport.sent_headers(0)["Content-Type"] == "application/json"


async def test_a_write_cannot_be_read() -> None:
    call = Call(PERFORM_UPGRADE, ("customer-1", "subscription-1"), body=b"{}")
    with pytest.raises(ValueError, match="perform_upgrade changes something"):
        await client_of(ScriptedTransport()).read(call, request_scope(), json.loads)


async def test_a_lost_answer_is_retried_with_the_same_request_id() -> None:
    clock = FakeClock()
    transport = ScriptedTransport(AnswerLost("reset"), BUSY, NotSent("refused"), answer(200, 1))
    assert await client_of(transport, clock).read(CALL, request_scope(), json.loads) == 1
    assert clock.slept == [0.5, 1.5, 3.5]
    assert len({transport.sent_headers(index)["MS-RequestId"] for index in range(4)}) == 1


async def test_each_call_has_a_request_id_of_its_own() -> None:
    transport = ScriptedTransport(answer(), answer())
    client = client_of(transport)
    for _ in range(2):
        await client.read(CALL, request_scope(), json.loads)
    assert len({transport.sent_headers(index)["MS-RequestId"] for index in range(2)}) == 2


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (BUSY, Unavailable),
        (NotSent("refused"), Unavailable),
        (AnswerLost("reset"), TimedOut),
        (AnswerTruncated("3 of 100"), InvalidAnswer),
    ],
    ids=["busy", "unreachable", "cut before the answer", "cut inside the answer"],
)
async def test_what_keeps_failing_is_given_up_after_the_last_attempt(
    reply: Reply, kind: type[UpstreamError]
) -> None:
    transport = ScriptedTransport(*[reply] * 4)
    with pytest.raises(kind) as raised:
        await client_of(transport).read(CALL, request_scope(), json.loads)
    assert type(raised.value) is kind
    assert len(transport.requests) == 4
    assert raised.value.request_id == transport.sent_headers(0)["MS-RequestId"]
    assert raised.value.correlation_id == "correlation-1"


async def test_a_refusal_is_final_and_keeps_the_vendors_ids() -> None:
    refused = answer(403, {"code": 20002, "description": "No."}, MS_CorrelationId="theirs")
    transport = ScriptedTransport(refused)
    with pytest.raises(Forbidden) as raised:
        await client_of(transport).read(CALL, request_scope(), json.loads)
    assert (raised.value.upstream_code, raised.value.correlation_id) == ("20002", "theirs")
    assert len(transport.requests) == 1


class Shape(msgspec.Struct):
    id: str


@pytest.mark.parametrize(
    ("body", "decode"),
    [
        (b'{"id":', json.loads),
        (b"<html>", json.loads),
        (b'{"id": 1}', msgspec.json.Decoder(Shape).decode),
        (b"", msgspec.json.Decoder(Shape).decode),
        (b"[" * 100_000, json.loads),
    ],
    ids=["cut", "not JSON", "another shape", "empty", "too deep"],
)
async def test_an_answer_that_cannot_be_read_is_invalid_and_not_asked_for_again(
    body: bytes, decode: Callable[[bytes], object]
) -> None:
    transport = ScriptedTransport(answer(200, body), answer(200, {"id": "a"}))
    client = client_of(transport)
    with pytest.raises(InvalidAnswer, match="answer to get_customer cannot be read") as raised:
        await client.read(CALL, request_scope(), decode)
    assert raised.value.correlation_id == "correlation-1"
    assert len(transport.requests) == 1
    await client.read(CALL, request_scope(), decode)  # and it was not kept


async def test_a_redirect_is_an_invalid_answer_and_is_not_followed() -> None:
    transport = ScriptedTransport(answer(302, b"", Location="http://evil.test/"))
    with pytest.raises(InvalidAnswer, match="302"):
        await client_of(transport).read(CALL, request_scope(), json.loads)
    assert len(transport.requests) == 1


async def test_an_expired_token_is_replaced_once() -> None:
    expired = answer(401, {"code": 400, "description": "Access denied."})
    transport = ScriptedTransport(expired, answer(200, 1))
    assert await client_of(transport).read(CALL, request_scope(), json.loads) == 1
    tokens = [transport.sent_headers(index)["Authorization"] for index in range(2)]
    assert tokens == ["Bearer token-1", "Bearer token-2"]


async def test_a_second_refusal_of_tokens_is_final() -> None:
    transport = ScriptedTransport(*[answer(401, {"code": 400})] * 2)
    with pytest.raises(Unauthorized):
        await client_of(transport).read(CALL, request_scope(), json.loads)
    assert len(transport.requests) == 2


async def test_a_refused_token_that_cannot_be_replaced_says_what_to_do() -> None:
    transport = ScriptedTransport(answer(401, {"code": 400}))
    client = client_of(transport, tokens=StaticTokens(SecretToken("fixed-token")))
    with pytest.raises(Unauthorized, match="set a new one") as raised:
        await client.read(CALL, request_scope(), json.loads)
    assert raised.value.correlation_id == "correlation-1"
    assert "fixed-token" not in repr(raised.value)


async def test_a_429_pauses_its_scope_and_the_call_is_sent_when_the_pause_is_over() -> None:
    clock = FakeClock()
    transport = ScriptedTransport(answer(429, {}, Retry_After="7"), answer(200, 1))
    assert await client_of(transport, clock).read(CALL, request_scope(), json.loads) == 1
    assert clock.now == 1007.0


async def test_a_pause_that_outlasts_the_deadline_is_reported_without_waiting_or_sending() -> None:
    clock = FakeClock()
    transport = ScriptedTransport(answer(429, {}, Retry_After="57"), answer(200, 1))
    client = client_of(transport, clock)
    for _ in range(2):
        with pytest.raises(Throttled) as raised:
            await client.read(CALL, request_scope(), json.loads)
        assert raised.value.retry_after_s == 57.0
    assert (len(transport.requests), clock.slept) == (1, [])
    elsewhere = Call(LIST_UPGRADES, ("customer-1", "subscription-1"))
    assert await client.read(elsewhere, request_scope(), json.loads) == 1
    [state] = client.throttle_states("partner")
    assert (state.bucket, state.paused_for_s) == (ThrottleBucket.CUSTOMER_READS, 57.0)


async def test_identical_reads_of_two_requests_are_one_call_and_both_pay_for_it() -> None:
    transport = ScriptedTransport(answer(200, {"id": "a"}))
    client, first, second = client_of(transport), request_scope(), request_scope()
    one, other = await asyncio.gather(
        client.read(CALL, first, json.loads), client.read(CALL, second, json.loads)
    )
    assert one is other
    assert (first.budget.spent, second.budget.spent) == (1, 1)
    assert len(transport.requests) == 1


async def test_principals_share_nothing() -> None:
    transport = ScriptedTransport(answer(200, 1), answer(200, 2))
    client = client_of(transport)
    one, other = await asyncio.gather(
        client.read(CALL, request_scope(identity="a"), json.loads),
        client.read(CALL, request_scope(identity="b"), json.loads),
    )
    assert (one, other) == (1, 2)


async def test_the_call_that_would_pass_the_requests_cap_is_not_sent() -> None:
    transport = ScriptedTransport(answer())
    client, scope = client_of(transport), request_scope(max_calls=1)
    await client.read(CALL, scope, json.loads)
    with pytest.raises(CallBudgetExceeded):
        await client.read(CALL, scope, json.loads)
    assert len(transport.requests) == 1


class HeldTransport(ScriptedTransport):
    """Answers nothing until the test lets it, and counts what is in flight."""

    def __init__(self) -> None:
        super().__init__(script=self._hold)
        self.released = asyncio.Event()
        self.in_flight = self.most_in_flight = 0

    async def _hold(self, request: OutgoingRequest) -> Reply:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            async with asyncio.timeout(request.timeout_s):
                await self.released.wait()
        except TimeoutError:
            return AnswerTimedOut("no complete answer")
        finally:
            self.in_flight -= 1
        return answer(200, request.url)


async def test_no_more_calls_are_in_flight_than_set_over_all_requests() -> None:
    transport = HeldTransport()
    client = client_of(transport, pressure=Pressure(max_in_flight=3))
    tasks = [
        asyncio.create_task(
            client.read(Call(GET_CUSTOMER, (f"{number}",)), request_scope(), json.loads)
        )
        for number in range(20)
    ]
    await settle()
    assert transport.in_flight == 3
    transport.released.set()
    assert len(set(await asyncio.gather(*tasks))) == 20
    assert transport.most_in_flight == 3


async def test_a_read_that_is_cancelled_is_cancelled_upstream_too() -> None:
    transport = HeldTransport()
    task = asyncio.create_task(client_of(transport).read(CALL, request_scope(), json.loads))
    await settle()
    assert transport.in_flight == 1
    task.cancel()
    await settle()
    assert transport.in_flight == 0


async def test_an_attempt_has_the_time_that_is_left_and_no_more_than_its_share() -> None:
    transport = ScriptedTransport(answer(), answer())
    client = client_of(transport, pressure=Pressure(attempt_timeout_s=20.0))
    await client.read(CALL, request_scope(deadline=1005.0), json.loads)
    await client.read(CALL, request_scope(deadline=1100.0), json.loads)
    assert [request.timeout_s for request in transport.requests] == [5.0, 20.0]


async def test_a_read_after_its_deadline_is_not_sent() -> None:
    transport = ScriptedTransport()
    with pytest.raises(TimedOut, match="before the deadline") as raised:
        await client_of(transport).read(CALL, request_scope(deadline=1000.0), json.loads)
    assert raised.value.correlation_id == "correlation-1"
    assert transport.requests == []


async def test_silence_ends_at_the_deadline() -> None:
    transport = HeldTransport()
    with pytest.raises(TimedOut, match="before the deadline"):
        await client_of(transport).read(CALL, request_scope(deadline=1000.02), json.loads)
    await settle()
    assert transport.in_flight == 0


async def test_a_patient_request_does_not_inherit_the_deadline_of_a_hurried_one() -> None:
    transport = HeldTransport()
    client = client_of(transport)
    hurried = asyncio.create_task(client.read(CALL, request_scope(deadline=1000.02), json.loads))
    await asyncio.sleep(0)
    patient = asyncio.create_task(client.read(CALL, request_scope(), json.loads))
    with pytest.raises(TimedOut):
        await hurried
    transport.released.set()
    assert await patient == "http://partner.test/v1/customers/customer-1"


async def test_closing_the_client_ends_what_is_in_flight_and_closes_its_transport() -> None:
    transport = HeldTransport()
    client = client_of(transport)
    task = asyncio.create_task(client.read(CALL, request_scope(), json.loads))
    await settle()
    await client.aclose()
    assert (transport.in_flight, transport.is_closed) == (0, True)
    with pytest.raises(Unavailable, match="stopping"):
        await task


async def test_identical_reads_of_a_failing_upstream_are_the_sends_of_one() -> None:
    clock = FakeClock()
    transport = ScriptedTransport(*[answer(503, {})] * 80)
    client = client_of(transport, clock)
    scopes = [request_scope(deadline=clock.now + 20 + number) for number in range(20)]
    reads = [client.read(CALL, scope, json.loads) for scope in scopes]
    outcomes = await asyncio.gather(*reads, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert len(transport.requests) == 4


async def test_sends_of_a_failing_read_are_within_the_requests_cap() -> None:
    transport = ScriptedTransport(*[answer(503, {})] * 4)
    scope = request_scope(max_calls=2)
    with pytest.raises(Unavailable):
        await client_of(transport).read(CALL, scope, json.loads)
    assert (len(transport.requests), scope.budget.spent) == (2, 2)
