"""The content of `/metrics` after requests, upstream calls and operations."""

import asyncio
import re
from pathlib import Path
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from gateway.client.documents import OPERATIONS
from gateway.sandbox.faults import Fault, FaultKind
from tests.support.journey import Journey, journey, served_journey
from tests.support.metrics import labels_by_family, read_filled_metrics
from tests.support.streaming_clients import graphql_socket
from tests.support.upgrades import PossibleUpgrade, find_first_upgrade, request_upgrade

GUIDE: Final = Path(__file__).parents[2] / "docs/guides/metrics.md"
ROW: Final = re.compile(r"^\| (`[^|]+`) \| (histogram|gauge|counter) \| ([^|]*)\|", re.MULTILINE)


async def read_text(of: Journey) -> str:
    response = await of.client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    return response.text


class Metrics:
    """The samples of `/metrics` by name, without the prefix, and labels."""

    def __init__(self, text: str) -> None:
        self._found = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def __call__(self, name: str, **labels: str) -> float:
        return self._found.get((f"upgrade_gateway_{name}", frozenset(labels.items())), 0.0)


async def read_metrics(of: Journey) -> Metrics:
    return Metrics(await read_text(of))


async def test_requests_are_counted_by_registered_operation_and_outcome() -> None:
    async with journey() as of:
        for name in ("Mine", "Other"):
            await of.data(f"query {name} {{ offerCategories {{ id }} }}")
        body = {"query": OPERATIONS, "variables": {}}
        await of.client.post("/graphql", json=body)
        await of.execute('{ customer(id: "00000000-0000-0000-0000-000000000000") { id } }')
        await of.client.post("/graphql", json={"query": "{ nothingLikeThis }"})
        found = await read_metrics(of)
    count, strange = "request_duration_seconds_count", "unregistered"
    assert found(count, operation=strange, type="query", outcome="ok") == 2
    assert found(count, operation="Operations", type="query", outcome="ok") == 1
    assert found(count, operation=strange, type="query", outcome="FORBIDDEN") == 1
    assert found(count, operation=strange, type="unknown", outcome="INVALID_INPUT") == 1
    assert found("requests_in_flight") == 0


async def test_upstream_attempts_are_counted_by_endpoint_and_outcome() -> None:
    async with journey() as of:
        of.sandbox.faults.add(Fault(FaultKind.STATUS, "list_offer_categories", status=503))
        await of.data("{ offerCategories { id } }")
        await of.execute('{ customer(id: "00000000-0000-0000-0000-000000000000") { id } }')
        found = await read_metrics(of)
    count = "upstream_duration_seconds_count"
    assert found(count, endpoint="list_offer_categories", outcome="503") == 1
    assert found(count, endpoint="list_offer_categories", outcome="200") == 1
    assert found(count, endpoint="get_customer", outcome="403") == 1
    assert found(count, endpoint="sign_in", outcome="200") >= 1
    assert found("upstream_in_flight") == found("upstream_waiting") == 0


async def test_errors_are_counted_by_code_and_refusals_by_rule() -> None:
    async with journey(settings={"limits": {"max_depth": 3}}) as of:
        deep = "{ customers { nodes { subscriptions { nodes { id } } } } }"
        await of.client.post("/graphql", json={"query": deep})
        await of.client.post("/graphql", content=b"{")
        found = await read_metrics(of)
    assert found("errors_total", code="LIMIT_EXCEEDED") == 1
    assert found("errors_total", code="INVALID_INPUT") == 1
    assert found("limit_refusals_total", rule="depth") == 1


async def test_shared_reads_and_batches_of_loaders_are_counted(gateway: Journey) -> None:
    document = "query Of($id: ID!) { customer(id: $id) { companyProfile { companyName } } }"
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    before = await read_metrics(gateway)
    await asyncio.gather(*(gateway.data(document, id=customer_id) for _ in range(5)))
    found = await read_metrics(gateway)
    sent, shared = (
        found("upstream_reads_total", result=result) - before("upstream_reads_total", result=result)
        for result in ("sent", "shared")
    )
    assert sent + shared == 5
    assert shared >= 1


async def test_operations_are_counted_by_kind_and_state(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    await request_upgrade(gateway.client, upgrade.input("key-1"))
    found = await read_metrics(gateway)
    kind = "UPGRADE_SUBSCRIPTION"
    assert found("operations_ended_total", kind=kind, state="DONE") == 1
    assert found("seats_bought_total", kind=kind) >= 1
    assert found("operations_open", kind=kind) == found("operations_in_doubt", kind=kind) == 0
    assert found("oldest_in_doubt_seconds") == 0


async def test_an_operation_in_doubt_has_an_age() -> None:
    async with journey(settings={"operations": {"idempotency_window_s": 0.0}}) as of:
        upgrade = await find_first_upgrade(of)
        of.sandbox.faults.add(Fault(FaultKind.CUT_BEFORE, "perform_upgrade"))
        await request_upgrade(of.client, upgrade.input("key-1"))
        found = await read_metrics(of)
    kind = "UPGRADE_SUBSCRIPTION"
    assert found("operations_ended_total", kind=kind, state="IN_DOUBT") == 1
    assert found("operations_in_doubt", kind=kind) == 1
    assert found("oldest_in_doubt_seconds") > 0


async def test_the_guide_lists_every_metric_with_its_type_and_labels() -> None:
    listed = {
        (name, kind): set(re.findall(r"`(\w+)`", labels))
        for names, kind, labels in ROW.findall(GUIDE.read_text("utf-8"))
        for name in re.findall(r"`(\w+)`", names)
    }
    assert listed == labels_by_family(await read_filled_metrics())


async def test_refusals_over_websocket_are_counted_by_rule() -> None:
    streams = {"max_running": 1, "max_connections": 1}
    async with (
        served_journey(settings={"streams": streams}) as of,
        graphql_socket(of.url) as socket,
    ):
        of.sandbox.faults.add(Fault(FaultKind.HOLD, "list_offer_categories"))
        for operation_id in ("1", "2"):
            await socket.subscribe(operation_id, "{ offerCategories { id } }")
        refused = await socket.receive()
        found = await read_metrics(of)
        of.sandbox.faults.release()
    assert (refused["type"], refused["id"]) == ("error", "2")
    assert found("limit_refusals_total", rule="running") == 1
    assert found("requests_in_flight") == 1
