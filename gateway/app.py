"""The composition root: settings in, one ASGI app out."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from cachetools import TTLCache
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.routing import Route
from starlette.websockets import WebSocket

import gateway
from gateway.edge import landing, probes, sdl, static
from gateway.edge.examples import ExampleDocument, ExampleIds, example_documents
from gateway.edge.graphiql import GraphiQL
from gateway.edge.graphql import GraphQLEndpoint
from gateway.edge.static import BuiltPages
from gateway.settings import Settings
from gateway.settings.addresses import is_loopback
from gateway.upstream import transports
from gateway.upstream.catalog import CatalogCache
from gateway.upstream.client import Client
from gateway.upstream.clock import Clock, SystemClock
from gateway.upstream.directory import PartnerDirectory
from gateway.upstream.errors import UpstreamError
from gateway.upstream.opening import base_url, check_files, open_tokens, pressure
from gateway.upstream.sandbox_examples import SandboxExamples
from gateway.upstream.scope import CallBudget, RequestScope, SecretToken
from gateway.upstream.tokens import Tokens
from resolvers.context import RequestContext
from resolvers.graph import build_graph
from resolvers.loaders import RequestLoaders

READY_WITHIN_S = 2.0


class Upstream:
    """What all requests of this process share, and how one request begins."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        check_files(settings.partner)
        transport = transports.choose(settings.partner.transport)
        self._settings = settings
        self._clock = clock
        self.tokens: Tokens = open_tokens(settings.partner, transport, clock)
        self.client = Client(
            transport,
            self.tokens,
            base_url(settings.partner),
            clock=clock,
            pressure=pressure(settings.throttle),
        )
        self._catalog: CatalogCache = TTLCache(
            settings.catalog.cache_max_entries, settings.catalog.cache_ttl_s, clock.monotonic
        )
        self._sandbox = SandboxExamples(transport, base_url(settings.partner))

    async def examples(self) -> Sequence[ExampleDocument]:
        """Return the documents GraphiQL opens with; with ids where a sandbox is behind."""
        is_sandbox = self._settings.partner.auth == "sandbox"
        known = await self._sandbox() if is_sandbox else None
        return example_documents(None if known is None else ExampleIds.of_sandbox(known))

    def scope(self, token: SecretToken | None, deadline_s: float) -> RequestScope:
        """Begin a request's use of the upstream."""
        return RequestScope(
            identity=self.tokens.identity(token),
            token=token,
            correlation_id=str(uuid.uuid4()),
            deadline=self._clock.monotonic() + deadline_s,
            budget=CallBudget(self._settings.limits.max_upstream_calls),
        )

    def context(self, request: Request | WebSocket) -> RequestContext:
        """Make the context of one GraphQL request."""
        limits = self._settings.limits
        scope = self.scope(self._own_token(request), limits.deadline_s)
        directory = PartnerDirectory(self.client, scope, self._catalog)
        return RequestContext(
            directory=directory,
            loaders=RequestLoaders(directory),
            correlation_id=scope.correlation_id,
            max_page_size=limits.max_page_size,
        )

    def _own_token(self, request: Request | WebSocket) -> SecretToken | None:
        if self._settings.partner.auth != "passthrough":
            return None
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return SecretToken(token.strip()) if scheme.lower() == "bearer" and token.strip() else None

    async def readiness(self) -> probes.Readiness:
        """Tell whether tokens can be had; no call is spent on asking."""
        if self._settings.partner.auth == "passthrough":
            check = probes.Check(probes.Status.READY, "callers bring their own tokens")
            return probes.Readiness.of({"token": check})
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await self.tokens.bearer(self.scope(None, READY_WITHIN_S))
            check = probes.Check(probes.Status.READY, "there is a token")
        except TimeoutError:
            check = probes.Check(
                probes.Status.DEGRADED, f"there is no token after {READY_WITHIN_S:g} s"
            )
        except UpstreamError as error:
            check = probes.Check(probes.Status.DEGRADED, error.public)
        return probes.Readiness.of({"token": check})


def create_app(settings: Settings, *, clock: Clock | None = None) -> Starlette:
    """Join the parts. Raises ValueError naming a setting that does not fit the others."""
    upstream = Upstream(settings, clock or SystemClock())
    graph = build_graph(suggests_fields=settings.profile == "dev")
    compiles = settings.engine == "compiled"
    endpoint = GraphQLEndpoint(graph, upstream.context, compiles=compiles)
    pages = BuiltPages.load()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await upstream.client.aclose()

    return Starlette(
        routes=[
            Route(
                "/graphql",
                GraphiQL(endpoint, pages, upstream.examples),
            ),
            *landing.routes(
                pages, version=gateway.__version__, upstream=base_url(settings.partner)
            ),
            *probes.routes(upstream.readiness),
            *sdl.routes(graph.as_str()),
            *static.routes(pages),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=trusted_hosts(settings.host))],
        lifespan=lifespan,
    )


def trusted_hosts(host: str) -> list[str]:
    """Return the names this gateway answers to.

    On loopback they are this machine's own: a web page could otherwise rebind its name to
    127.0.0.1 and read with the partner's identity. Elsewhere a proxy in front knows the names.
    """
    return ["localhost", "127.0.0.1", "[::1]", host] if is_loopback(host) else ["*"]
