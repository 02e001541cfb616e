"""Reads in bursts have the results of reads that are sent one by one, whatever goes wrong."""

import asyncio
import contextlib
import gzip
import os
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from gateway.credentials import SecretToken
from gateway.sandbox.app import Sandbox
from gateway.sandbox.options import SandboxOptions, ThrottleOptions
from gateway.upstream.client import UpstreamClient
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.scope import CallBudget, RequestScope
from gateway.upstream.tokens.sandbox import SandboxTokens
from gateway.upstream.tokens.static import StaticTokens
from gateway.upstream.transport.asyncio_transport import AsyncioTransport
from gateway.upstream.transport.base import OutgoingRequest, Transport, UpstreamResponse
from tests.gateway.engine.document_writer import DocumentWriter, RandomDocument
from tests.support.clock import FakeClock
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.misbehaving_server import raw_server
from tests.support.upstream import GraphOverUpstream, cached_graph
from tests.support.waiting import HANG_TIMEOUT_S, run_ready_tasks

TRANSIENT_FAULTS = ["drop", "cut", "503", "429", "408"]
PERMANENT_FAULTS = ["drop", "500", "403", "malformed"]
FRAMINGS = ["trickle", "chunked", "gzip", "until closed", "plain", "plain", "plain"]
DOCUMENTS = int(os.environ.get("BURST_EQUALITY_DOCUMENTS", "40"))
UPGRADES = """
query Upgrades($id: ID!) {
  customer(id: $id) {
    companyProfile { companyName }
    subscriptions(first: 100) {
      nodes { id offer { name } upgrades { isEligible targetOffer { id } } }
    }
  }
}
"""


class OneByOne:
    """A transport that cannot send bursts."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def send(self, request: OutgoingRequest) -> UpstreamResponse:
        return await self._transport.send(request)

    async def aclose(self) -> None:
        await self._transport.aclose()


@dataclass(slots=True)
class FaultyUpstream:
    """Passes requests on to a sandbox. Each path has its own faults, in the same order each time.

    Attributes:
        reads: the ids of the requests that were received, by path.
    """

    sandbox: Sandbox
    seed: int = 0
    reads: dict[str, set[str]] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)

    def begin(self, seed: int) -> None:
        self.seed = seed
        self.reads, self.visits = {}, {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transport = httpx.ASGITransport(self.sandbox)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                request_line, *lines = head.rstrip().split("\r\n")
                method, target, _ = request_line.split(" ")
                headers = httpx.Headers(dict(line.split(": ", 1) for line in lines))
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                response = await client.request(method, target, headers=headers, content=body)
                request_id = headers.get("ms-requestid", "")
                self.reads.setdefault(target, set()).add(request_id)
                if not await self._respond(target, response, writer):
                    return

    async def _respond(
        self, target: str, response: httpx.Response, writer: asyncio.StreamWriter
    ) -> bool:
        """Respond, perhaps with a fault. Returns whether the connection is kept."""
        visit = self.visits[target] = self.visits.get(target, -1) + 1
        fault, framing = self._plan(target, visit)
        status, body = response.status_code, response.content
        if fault == "drop":
            return False
        if fault == "malformed":
            body = body[: len(body) // 2]
        elif fault is not None and fault.isdigit():
            status, body = int(fault), b'{"code": 1, "description": "A fault."}'
        head = f"HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\n"
        head += "Retry-After: 0\r\n" if fault == "429" else ""
        if fault == "cut":
            writer.write(f"{head}Content-Length: {len(body) + 1}\r\n\r\n".encode() + body)
            return False
        return await _write(writer, head, body, framing)

    def _plan(self, target: str, visit: int) -> tuple[str | None, str]:
        if "/v1/" not in target:
            return None, "plain"
        choices = random.Random(f"{self.seed} {target}")  # noqa: S311 - the same each time
        framing = choices.choice(FRAMINGS)
        kind = choices.random()
        if kind < 0.15:
            return choices.choice(PERMANENT_FAULTS), framing
        faults = choices.choices(TRANSIENT_FAULTS, k=choices.choice([1, 2])) if kind < 0.4 else []
        return (faults[visit] if visit < len(faults) else None), framing


async def _write(writer: asyncio.StreamWriter, head: str, body: bytes, framing: str) -> bool:
    if framing == "chunked":
        parts = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:7], body[7:]))
        writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + parts + b"0\r\n\r\n")
        return True
    if framing == "until closed":
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + body)
        return False
    if framing == "gzip":
        head, body = f"{head}Content-Encoding: gzip\r\n", gzip.compress(body)
    whole = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    step = len(whole) // 3 if framing == "trickle" else len(whole)
    for start in range(0, len(whole), step):
        writer.write(whole[start : start + step])
        await writer.drain()
        await asyncio.sleep(0)
    return True


@dataclass(slots=True)
class Twin:
    """A graph over the upstream, with its client."""

    graph: GraphOverUpstream
    client: UpstreamClient
    upstream: FaultyUpstream

    async def execute(self, document: RandomDocument, seed: int) -> tuple[Any, Any, dict[str, int]]:
        """Return the data, the errors without their ids, and how many reads each path had."""
        self.graph.reset_catalog()
        self.upstream.begin(seed)
        result = await self.graph.execute(document.text, **document.variables)
        errors = sorted((_without_ids(error) for error in result.errors), key=str)
        reads = {path: len(ids) for path, ids in self.upstream.reads.items() if "/v1/" in path}
        return result.data, errors, reads

    def is_idle(self) -> bool:
        bursts = self.client._bursts
        states = self.client.rate_limit_states("partner")
        in_flight = sum(state.in_flight for state in states)
        return not (bursts.in_flight or bursts.cancelled or in_flight)


def _without_ids(error: Any) -> dict[str, Any]:
    extensions = {
        name: value for name, value in error["extensions"].items() if not name.endswith("RequestId")
    }
    return {**error, "extensions": extensions}


class PatientGraph(GraphOverUpstream):
    """Has a deadline that the pauses of a fake clock do not reach."""

    def context(self) -> Any:
        context: Any = super().context()
        context.directory._scope.deadline = 1_000_000.0
        return context


@pytest.fixture
async def twins() -> AsyncIterator[tuple[Twin, Twin]]:
    sandbox = frozen_clock_sandbox(
        SandboxOptions(customers=15, throttle=ThrottleOptions(enabled=False))
    )
    async with contextlib.AsyncExitStack() as stack:
        opened = []
        for wrap in (OneByOne, lambda transport: transport):
            upstream = FaultyUpstream(sandbox)
            url = await stack.enter_async_context(raw_server(upstream.serve))
            transport = wrap(AsyncioTransport(connect_timeout_s=HANG_TIMEOUT_S))
            token = await SandboxTokens(transport, url, FakeClock()).get(
                RequestScope("partner", "c", 1_000_000.0, CallBudget(0))
            )
            client = UpstreamClient(
                transport,
                StaticTokens(SecretToken(token)),
                url,
                clock=FakeClock(),
                limits=ClientLimits(max_in_flight=4, attempt_timeout_s=HANG_TIMEOUT_S),
                jitter=lambda: 0.0,
            )
            stack.push_async_callback(client.aclose)
            opened.append(Twin(PatientGraph(client), client, upstream))
        yield opened[0], opened[1]


def build_writer(sandbox: Sandbox) -> DocumentWriter:
    examples = sandbox.world.examples
    customers = [
        examples.customer_id,
        examples.legacy_customer_id,
        examples.transition_customer_id,
        examples.azure_customer_id,
        examples.removed_customer_id,
    ]
    offers = [examples.offer_id, examples.us_only_offer_id, "no-offer"]
    values: dict[str, list[Any]] = {
        "id": [*customers, *offers, examples.upgradable_subscription_id],
        "customerId": customers,
        "subscriptionId": [examples.upgradable_subscription_id],
        "country": ["US", "DE"],
        "locale": ["en-US"],
        "first": [1, 3, 20],
        "after": [None],
        "categoryId": [None],
    }
    return DocumentWriter(cached_graph()._schema, 1, values)


def documents(sandbox: Sandbox) -> list[RandomDocument]:
    writer = build_writer(sandbox)
    ids = [sandbox.world.examples.legacy_customer_id, sandbox.world.examples.customer_id]
    written = [RandomDocument(UPGRADES, {"id": customer_id}) for customer_id in ids * 4]
    while len(written) < DOCUMENTS:
        document = writer.document()
        # The state of the throttle depends on timing.
        if document.text.startswith("query") and "throttle" not in document.text:
            written.append(document)
    return written


async def test_documents_have_the_results_of_reads_one_by_one(twins: tuple[Twin, Twin]) -> None:
    one_by_one, in_bursts = twins
    calls = 0
    for seed, document in enumerate(documents(in_bursts.upstream.sandbox)):
        expected = await one_by_one.execute(document, seed)
        assert await in_bursts.execute(document, seed) == expected, (seed, document.text)
        assert in_bursts.is_idle(), document.text
        calls += sum(expected[2].values())
    assert calls > DOCUMENTS


async def test_a_cancelled_request_leaves_nothing_behind(twins: tuple[Twin, Twin]) -> None:
    one_by_one, in_bursts = twins
    customer_id = in_bursts.upstream.sandbox.world.examples.legacy_customer_id
    document = RandomDocument(UPGRADES, {"id": customer_id})
    expected = await one_by_one.execute(document, 3)
    for received in range(0, 24, 3):
        in_bursts.graph.reset_catalog()
        in_bursts.upstream.begin(3)
        context = in_bursts.graph.context()
        task = asyncio.ensure_future(
            cached_graph().execute(document.text, document.variables, context)
        )
        while len(in_bursts.upstream.reads) < received and not task.done():  # noqa: ASYNC110
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        context.loaders.close()
        await run_ready_tasks()
        assert in_bursts.is_idle()
        assert await in_bursts.execute(document, 3) == expected
