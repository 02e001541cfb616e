"""`Client.send_once`: at most one send, and an honest account of how far it got."""

import pytest

from gateway.upstream.call import Call
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.endpoints import GET_CUSTOMER, PERFORM_UPGRADE
from gateway.upstream.errors import CallBudgetExceeded, Throttled, TimedOut, Unauthorized
from gateway.upstream.scope import SecretToken
from gateway.upstream.tokens.base import TokenProvider
from gateway.upstream.tokens.static import PassThroughTokens, StaticTokens
from gateway.upstream.transport.base import ConnectFailed, ConnectionLost
from gateway.upstream.write_outcome import Accepted, NeverSent, Rejected, Unconfirmed
from tests.gateway.upstream.scripted_client import (
    ScriptedReply,
    ScriptedTokens,
    ScriptedTransport,
    build_client,
    build_scope,
    response,
)

CALL = Call(PERFORM_UPGRADE, ("customer-1", "subscription-1"), body=b"{}")


async def test_a_write_is_sent_once_under_the_given_ids() -> None:
    transport = ScriptedTransport(response(200, {}))
    outcome = await build_client(transport).send_once(CALL, build_scope(), "request-1")
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
async def test_nothing_is_sent_again(reply: ScriptedReply, kind: type[object]) -> None:
    transport = ScriptedTransport(reply)
    assert isinstance(await build_client(transport).send_once(CALL, build_scope(), "r"), kind)
    assert len(transport.requests) == 1


async def test_a_429_closes_the_scope_and_the_next_write_never_leaves() -> None:
    transport = ScriptedTransport(response(429, Retry_After="57"))
    client = build_client(transport)
    await client.send_once(CALL, build_scope(), "r")
    outcome = await client.send_once(CALL, build_scope(), "r")
    assert isinstance(outcome, NeverSent)
    assert isinstance(outcome.error, Throttled)
    assert outcome.error.retry_after_s == 57
    assert len(transport.requests) == 1


async def test_a_write_has_the_time_that_is_left_and_no_more_than_its_share() -> None:
    transport = ScriptedTransport(response(200, {}), response(200, {}))
    client = build_client(transport, limits=ClientLimits(write_timeout_s=20.0))
    for deadline in (1005.0, 1100.0):
        await client.send_once(CALL, build_scope(deadline=deadline), "r")
    assert [request.timeout_s for request in transport.requests] == [5.0, 20.0]


async def test_a_write_says_when_the_vendor_will_hear_it_again() -> None:
    transport = ScriptedTransport(
        response(503, Retry_After="3"), response(503, Retry_After="9" * 30)
    )
    client = build_client(transport, limits=ClientLimits(max_retry_after_s=60.0))
    outcomes = [await client.send_once(CALL, build_scope(), "r") for _ in range(2)]
    assert [o.error.retry_after_s for o in outcomes if isinstance(o, Unconfirmed)] == [3.0, 60.0]


async def test_a_refused_token_is_replaced_for_the_next_attempt() -> None:
    transport = ScriptedTransport(response(401), response(200, {}))
    client = build_client(transport)
    outcome = await client.send_once(CALL, build_scope(), "r")
    assert isinstance(outcome, Rejected)
    assert outcome.has_fresh_token
    assert isinstance(await client.send_once(CALL, build_scope(), "r"), Accepted)
    assert transport.sent_headers(1)["Authorization"] == "Bearer token-2"


@pytest.mark.parametrize(
    ("reply", "tokens"),
    [
        (response(401, {"code": 900421}), ScriptedTokens()),
        (response(401), StaticTokens(SecretToken("secret"))),
    ],
    ids=["MFA is missing", "there is no other token"],
)
async def test_a_token_that_cannot_be_replaced_is_refused_for_good(
    reply: ScriptedReply, tokens: TokenProvider
) -> None:
    outcome = await build_client(ScriptedTransport(reply), tokens=tokens).send_once(
        CALL, build_scope(), "r"
    )
    assert isinstance(outcome, Rejected)
    assert not outcome.has_fresh_token


async def test_without_a_token_nothing_leaves() -> None:
    transport = ScriptedTransport()
    client = build_client(transport, tokens=PassThroughTokens(b"key"))
    outcome = await client.send_once(CALL, build_scope(), "r")
    assert isinstance(outcome, NeverSent)
    assert isinstance(outcome.error, Unauthorized)


async def test_without_budget_or_time_nothing_leaves() -> None:
    client = build_client(ScriptedTransport())
    poor = await client.send_once(CALL, build_scope(max_calls=0), "r")
    late = await client.send_once(CALL, build_scope(deadline=0), "r")
    assert isinstance(poor, NeverSent)
    assert isinstance(poor.error, CallBudgetExceeded)
    assert isinstance(late, NeverSent)
    assert isinstance(late.error, TimedOut)


async def test_a_read_is_no_write() -> None:
    with pytest.raises(ValueError, match="get_customer changes nothing"):
        await build_client(ScriptedTransport()).send_once(
            Call(GET_CUSTOMER, ("customer-1",)), build_scope(), "r"
        )
