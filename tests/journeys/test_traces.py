"""Traces that a collector receives: each span, and its parent."""

import asyncio
from collections.abc import Iterator
from typing import Final

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from gateway.sandbox.faults import Fault, FaultKind
from tests.support.journey import journey, served_journey
from tests.support.otlp import Collector, collecting
from tests.support.upgrades import find_first_upgrade, request_upgrade

TRACE_ID: Final = "0af7651916cd43dd8448eb211c80319c"
CLIENT_SPAN: Final = "b7ad6b7169203331"
SAMPLED: Final = {"traceparent": f"00-{TRACE_ID}-{CLIENT_SPAN}-01"}
NOT_SAMPLED: Final = {"traceparent": f"00-{TRACE_ID}-{CLIENT_SPAN}-00"}
SETTINGS: Final = {"traces": "otlp"}
QUERY: Final = "query Nested($id: ID!) { customer(id: $id) { id subscriptions { nodes { id } } } }"
SERVER: Final = "POST /graphql"
GRAPHQL: Final = "query unregistered"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as found:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.url)
        yield found


async def test_a_nested_query_is_a_trace_below_the_span_of_its_client(collector: Collector) -> None:
    async with served_journey(settings=SETTINGS) as gateway:
        body = {
            "query": QUERY,
            "variables": {"id": gateway.sandbox.world.examples.legacy_customer_id},
        }
        for _ in range(2):  # the second repeats the head of the first
            response = await gateway.client.post("/graphql", json=body, headers=SAMPLED)
            assert "errors" not in response.json()
        calls = {call.request_id: call for call in gateway.sandbox.calls}
    servers = collector.named(SERVER)
    assert [(s.parent_id, s.kind) for s in servers] == [(CLIENT_SPAN, Span.SPAN_KIND_SERVER)] * 2
    assert {span.trace_id for span in servers} == {TRACE_ID}
    for server in servers:
        assert server.attributes["http.request.method"] == "POST"
        assert server.attributes["http.response.status_code"] == 200
    operation = collector.named(GRAPHQL)[0]
    assert operation.attributes == {
        "graphql.operation.name": "Nested",
        "graphql.operation.type": "query",
    }
    attempts = [
        span
        for span in collector.named("GET /v1/customers/{}/subscriptions")
        if span.trace_id == TRACE_ID
    ]
    assert len(attempts) == 2
    for attempt in attempts:
        path = [SERVER, GRAPHQL, "list_subscriptions", attempt.name]
        assert collector.path(attempt) == path
        assert attempt.kind == Span.SPAN_KIND_CLIENT
        assert attempt.attributes["http.response.status_code"] == 200
        call = calls[str(attempt.attributes["partner_center.request_id"])]
        assert attempt.attributes["partner_center.correlation_id"] == call.correlation_id


async def test_an_upgrade_is_a_trace_with_its_steps_and_attempts(collector: Collector) -> None:
    async with journey(settings=SETTINGS) as gateway:
        upgrade = await find_first_upgrade(gateway)
        gateway.sandbox.faults.add(Fault(FaultKind.STATUS, "list_upgrades", status=503))
        gateway.client.headers.update(SAMPLED)
        payload = await request_upgrade(gateway.client, upgrade.input("key-1"))
    operation = payload["operation"]
    assert operation["state"] == "DONE"
    head = [SERVER, "mutation unregistered", "operation UPGRADE_SUBSCRIPTION"]
    assert collector.path(collector.one("check")) == [*head, "check"]
    write = next(
        span
        for span in collector.named("POST /v1/customers/{}/subscriptions/{}/upgrades")
        if span.trace_id == TRACE_ID
    )
    assert collector.path(write) == [*head, "send", write.name]
    assert write.attributes["partner_center.request_id"] == operation["requestId"]
    correlation_id = operation["attempts"][0]["correlationId"]
    assert write.attributes["partner_center.correlation_id"] == correlation_id
    reads = [
        span
        for span in collector.named("GET /v1/customers/{}/subscriptions/{}/upgrades")
        if span.trace_id == TRACE_ID
    ]
    failed = [span for span in reads if span.is_error]
    assert [span.attributes["error.type"] for span in failed] == ["503"]
    (call,) = {span.parent_id for span in reads if span.parent_id == failed[0].parent_id}
    assert len([span for span in reads if span.parent_id == call]) == 2
    assert collector.path(failed[0])[:3] == head
    exported = {span.span_id for span in collector.spans}
    orphans = [s for s in collector.spans if s.trace_id == TRACE_ID and s.parent_id not in exported]
    assert {(span.name, span.parent_id) for span in orphans} == {(SERVER, CLIENT_SPAN)}


async def test_readers_of_a_shared_call_link_to_it(collector: Collector) -> None:
    async with journey(settings=SETTINGS) as gateway:
        customer_id = gateway.sandbox.world.examples.legacy_customer_id
        gateway.sandbox.faults.add(Fault(FaultKind.HOLD, "get_customer"))
        document = "query Profile($id: ID!) { customer(id: $id) { companyProfile { domain } } }"
        reading = [asyncio.create_task(gateway.data(document, id=customer_id)) for _ in range(3)]
        await gateway.wait_until(lambda calls: calls.in_flight > 0)
        gateway.sandbox.faults.release()
        await asyncio.gather(*reading)
    call = collector.one("get_customer")
    shared = collector.named("get_customer (shared)")
    assert [span.links for span in shared] == [(call.span_id,)] * 2
    assert len({span.trace_id for span in (call, *shared)}) == 3


async def test_a_batch_of_a_loader_is_a_span_with_its_size(collector: Collector) -> None:
    async with journey(settings=SETTINGS) as gateway:
        upgrade = await find_first_upgrade(gateway)
        document = (
            "query Two($customer: ID!, $id: ID!) {"
            " a: subscription(customerId: $customer, id: $id) { id }"
            " b: subscription(customerId: $customer, id: $other) { id } }"
        ).replace("$id: ID!", "$id: ID!, $other: ID!")
        await gateway.execute(
            document,
            customer=upgrade.customer_id,
            id=upgrade.subscription_id,
            other="00000000-0000-0000-0000-000000000000",
        )
    batches = [
        span
        for span in collector.named("load batch")
        if span.attributes["upgrade_gateway.batch.keys"] == "SubscriptionKey"
    ]
    assert [span.attributes["upgrade_gateway.batch.size"] for span in batches] == [2]
    assert collector.path(batches[0]) == [SERVER, GRAPHQL, "load batch"]


async def test_the_client_decides_whether_its_trace_is_sampled(collector: Collector) -> None:
    async with served_journey(settings=SETTINGS) as gateway:
        gateway.client.headers.update(NOT_SAMPLED)
        upgrade = await find_first_upgrade(gateway)
        payload = await request_upgrade(gateway.client, upgrade.input("key-1"))
    assert payload["operation"]["state"] == "DONE"
    assert collector.spans == []


async def test_without_the_setting_nothing_is_exported(collector: Collector) -> None:
    async with journey() as gateway:
        await gateway.data("{ offerCategories { id } }")
    assert collector.spans == []
