"""The client with every transport against the embedded sandbox, over real HTTP."""

import json
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest

from gateway.clock import SystemClock
from gateway.sandbox.options import MIN_CUSTOMERS, SandboxOptions
from gateway.upstream.call import Call
from gateway.upstream.client import UpstreamClient
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.endpoints import GET_CUSTOMER, LIST_CUSTOMERS, LIST_SUBSCRIPTIONS
from gateway.upstream.errors import UpstreamForbidden
from gateway.upstream.scope import RequestScope
from gateway.upstream.tokens.sandbox import SandboxTokens
from gateway.upstream.transport.factory import create_transport
from tests.gateway.upstream.scripted_client import build_scope
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.server import serving
from tests.support.waiting import HANG_TIMEOUT_S


@pytest.fixture(params=["asyncio", "httpx"])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[UpstreamClient]:
    kind: Literal["asyncio", "httpx"] = request.param
    clock, transport = SystemClock(), create_transport(kind, connect_timeout_s=HANG_TIMEOUT_S)
    async with serving(frozen_clock_sandbox(SandboxOptions(customers=MIN_CUSTOMERS))) as url:
        tokens, pressure = (
            SandboxTokens(transport, url, clock),
            ClientLimits(attempt_timeout_s=HANG_TIMEOUT_S),
        )
        opened = UpstreamClient(transport, tokens, url, clock=clock, limits=pressure)
        yield opened
        await opened.aclose()


def scope() -> RequestScope:
    return build_scope(SystemClock().monotonic() + HANG_TIMEOUT_S / 2, identity="sandbox")


def decode(body: bytes) -> Any:
    return json.loads(body.decode("utf-8-sig"))


async def test_pages_of_customers_are_read_to_the_last(client: UpstreamClient) -> None:
    call, names = Call(LIST_CUSTOMERS, query=(("size", "5"),)), list[str]()
    while True:
        page = await client.read(call, scope(), decode)
        names += [customer["companyProfile"]["companyName"] for customer in page["items"]]
        following = page.get("links", {}).get("next")
        if following is None:
            break
        pairs = tuple((header["key"], header["value"]) for header in following["headers"])
        call = call.follow_link(following["uri"], pairs)
    assert len(set(names)) == len(names) == MIN_CUSTOMERS


async def test_a_customer_and_its_subscriptions_are_read(client: UpstreamClient) -> None:
    page = await client.read(Call(LIST_CUSTOMERS), scope(), decode)
    customer_id = page["items"][0]["id"]
    customer = await client.read(Call(GET_CUSTOMER, (customer_id,)), scope(), decode)
    assert customer["id"] == customer_id
    subscriptions = await client.read(Call(LIST_SUBSCRIPTIONS, (customer_id,)), scope(), decode)
    assert subscriptions["items"]


async def test_a_customer_of_another_partner_is_forbidden_with_the_vendors_code(
    client: UpstreamClient,
) -> None:
    unknown = Call(GET_CUSTOMER, ("00000000-0000-0000-0000-000000000001",))
    with pytest.raises(UpstreamForbidden) as raised:
        await client.read(unknown, scope(), decode)
    assert raised.value.upstream_code == "20002"
    assert raised.value.request_id
