"""The whole gateway, in process, with a sandbox over HTTP."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from gateway.app import create_app
from gateway.clock import Clock
from gateway.edge.app import GatewayApp
from gateway.sandbox.app import Sandbox
from gateway.sandbox.call_log import CallLog
from gateway.sandbox.options import SandboxOptions
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.long_timeouts import long_timeout_settings
from tests.support.secrets import assert_no_secret
from tests.support.server import serving
from tests.support.waiting import HANG_TIMEOUT_S


@dataclass(frozen=True, slots=True)
class Journey:
    """A gateway, and the sandbox that records its calls."""

    client: httpx.AsyncClient
    sandbox: Sandbox
    sandbox_url: str = ""

    @property
    def url(self) -> str:
        """The base URL of the gateway, if it is served over HTTP."""
        return str(self.client.base_url).rstrip("/")

    async def execute(self, document: str, **variables: object) -> dict[str, Any]:
        """Send a document and return the decoded response."""
        body = {"query": document, "variables": variables}
        response = await self.client.post("/graphql", json=body)
        assert response.status_code in (200, 400, 422), response.text
        content: dict[str, Any] = response.json()
        assert_no_secret(str(content.get("errors")))
        return content

    async def data(self, document: str, **variables: object) -> Any:
        """Send a document that must succeed and return its data."""
        response = await self.execute(document, **variables)
        assert "errors" not in response, response["errors"]
        return response["data"]

    def take_call_counts(self) -> dict[str, int]:
        """Count the upstream calls by operation, and reset the counts."""
        counts: dict[str, int] = {}
        for call in self.sandbox.calls:
            counts[call.operation] = counts.get(call.operation, 0) + 1
        self.sandbox.calls.clear()
        return counts

    async def wait_until(self, is_so: Callable[[CallLog], bool]) -> None:
        """Wait until the sandbox's calls fulfil a condition."""
        calls = self.sandbox.calls
        try:
            async with asyncio.timeout(HANG_TIMEOUT_S):
                await calls.wait_until(is_so)
        except TimeoutError:
            raise AssertionError(
                f"{calls.in_flight} in flight, made {self.take_call_counts()}"
            ) from None

    def list_call_paths(self) -> list[str]:
        return [f"{call.method} {call.path}?{call.query}" for call in self.sandbox.calls]


@contextlib.asynccontextmanager
async def journey(
    options: SandboxOptions | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    clock: Clock | None = None,
) -> AsyncIterator[Journey]:
    """Start a sandbox and a gateway with the settings, by section."""
    async with _gateway(options, settings, clock) as (app, sandbox, sandbox_url):
        transport = httpx.ASGITransport(app)
        async with (
            app.site.router.lifespan_context(app.site),
            httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1", timeout=HANG_TIMEOUT_S
            ) as client,
        ):
            yield Journey(client, sandbox, sandbox_url)


@contextlib.asynccontextmanager
async def served_journey(
    options: SandboxOptions | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    clock: Clock | None = None,
) -> AsyncIterator[Journey]:
    """Like `journey`, with the gateway over HTTP, as streams and WebSockets need it."""
    async with (
        _gateway(options, settings, clock) as (app, sandbox, sandbox_url),
        serving(app) as url,
        httpx.AsyncClient(base_url=url, timeout=HANG_TIMEOUT_S) as client,
    ):
        yield Journey(client, sandbox, sandbox_url)


@contextlib.asynccontextmanager
async def _gateway(
    options: SandboxOptions | None, settings: Mapping[str, Any] | None, clock: Clock | None
) -> AsyncIterator[tuple[GatewayApp, Sandbox, str]]:
    sandbox = frozen_clock_sandbox(options)
    given = dict(settings or {})
    async with serving(sandbox) as sandbox_url, contextlib.AsyncExitStack() as stack:
        database = stack.enter_context(tempfile.TemporaryDirectory(prefix="operations-"))
        given.setdefault("database_url", f"sqlite:///{database}/operations.db")
        given["partner"] = {"auth": "sandbox", "base_url": sandbox_url, **given.get("partner", {})}
        yield create_app(long_timeout_settings(given), clock=clock), sandbox, sandbox_url
