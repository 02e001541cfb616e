"""The composition root: settings in, one ASGI app out."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware

import gateway
from gateway.auth.authenticators import Authenticator
from gateway.auth.factory import build_authenticator
from gateway.auth.scope_policy import ScopePolicy
from gateway.client.documents import ALL as OWN_DOCUMENTS
from gateway.contexts import Contexts
from gateway.edge.browsers.security_headers import SecurityHeaders
from gateway.edge.front import Front
from gateway.edge.hosts import Hosts
from gateway.edge.lifetimes.draining import Draining
from gateway.edge.opening import open_endpoint
from gateway.edge.pages import landing, metrics, probes, sdl, static, strangers
from gateway.edge.pages.examples import ExampleDocument, ExampleIds, example_documents
from gateway.edge.pages.graphiql import GraphiQL
from gateway.edge.pages.static import BuiltPages
from gateway.edge.pipeline import Pipeline
from gateway.limits.factory import build_limits
from gateway.limits.reloadable import ReloadableLimits
from gateway.observability.metrics import Metrics
from gateway.performing.writes import Writes
from gateway.persisted.documents import Documents
from gateway.persisted.opening import open_documents
from gateway.readiness import ReadinessChecks
from gateway.settings import Settings
from gateway.settings.principals import shared_principal
from gateway.upstream.clock import Clock, SystemClock
from gateway.upstream.opening import base_url
from gateway.upstream.sandbox_examples import SandboxExamples
from gateway.upstream.upstream import Upstream
from resolvers.graph import Graph, build_graph
from schema.scopes import Scope


@dataclass(frozen=True, slots=True)
class Parts:
    """What lives as long as the process."""

    settings: Settings
    clock: Clock
    counts: Metrics
    graph: Graph
    limits: ReloadableLimits
    upstream: Upstream
    documents: Documents
    authenticator: Authenticator
    scopes: ScopePolicy
    writes: Writes
    draining: Draining

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> "Parts":
        """Make the parts. Raises ValueError naming a setting that does not fit the others."""
        counts = Metrics()
        graph = build_graph(suggests_fields=settings.profile == "dev")
        limits = build_limits(graph, settings, clock)
        upstream = Upstream(settings, counts.upstream_calls.observe, clock)
        return cls(
            settings=settings,
            clock=clock,
            counts=counts,
            graph=graph,
            limits=limits,
            upstream=upstream,
            documents=open_documents(settings, OWN_DOCUMENTS, clock.monotonic),
            authenticator=_authenticator(settings, upstream, clock),
            scopes=_scope_policy(settings, graph),
            writes=Writes(
                settings, upstream, clock, lambda: limits.current.numbers.max_upstream_calls
            ),
            draining=Draining(clock.monotonic),
        )

    @asynccontextmanager
    async def running(self, app: Starlette) -> AsyncIterator[None]:
        """Start what runs beside the requests, and end it."""
        starting = asyncio.create_task(self.writes.engine.start())
        try:
            async with self.limits.watch(self.clock.sleep):
                yield
        finally:
            await starting
            grace_s = self.draining.left_s(self.settings.operations.stop_grace_s)
            await self.writes.engine.stop(grace_s)
            await self.authenticator.aclose()
            await self.upstream.client.aclose()


def create_app(settings: Settings, *, clock: Clock | None = None) -> Front:
    """Join the parts. Raises ValueError naming a setting that does not fit the others."""
    parts = Parts.of(settings, clock or SystemClock())
    pages = BuiltPages.load()
    endpoint = open_endpoint(
        settings, _pipeline(parts), parts.limits, parts.authenticator, parts.draining, parts.clock
    )
    examples = partial(_examples, _sandbox_examples(parts))
    graphiql = GraphiQL(endpoint, pages, examples)
    behind = _behind(parts, pages)
    hosts = Hosts.of(settings.host, settings.http.allowed_hosts, [*probes.PATHS, metrics.PATH])
    return Front(hosts, {"/graphql": graphiql}, behind, parts.draining)


def _authenticator(settings: Settings, upstream: Upstream, clock: Clock) -> Authenticator:
    return build_authenticator(
        settings.auth,
        upstream.transport,
        clock,
        anonymous_principal=shared_principal(settings.partner),
        passes_tokens_on=settings.partner.auth == "passthrough",
    )


def _scope_policy(settings: Settings, graph: Graph) -> ScopePolicy:
    """In production, only who administers the gateway may ask for the graph itself."""
    is_open = settings.profile == "dev"
    return ScopePolicy(graph.root_scopes, introspection=None if is_open else Scope.ADMIN)


def _pipeline(parts: Parts) -> Pipeline:
    contexts = Contexts(parts.settings, parts.limits, parts.upstream, parts.writes, parts.clock)
    return Pipeline(
        parts.documents,
        parts.limits,
        parts.scopes.check,
        contexts.context,
        observe=parts.counts.requests.observe,
        monotonic=parts.clock.monotonic,
    )


def _behind(parts: Parts, pages: BuiltPages) -> Starlette:
    """Answer at all addresses but GraphQL's."""
    address = base_url(parts.settings.partner)
    return Starlette(
        routes=[
            *landing.routes(pages, version=gateway.__version__, upstream=address),
            *probes.routes(_readiness(parts).now),
            *metrics.routes(parts.counts.printed, parts.authenticator),
            *sdl.routes(parts.graph.as_str, parts.authenticator, parts.scopes.check_introspection),
            *static.routes(pages),
        ],
        exception_handlers=strangers.HANDLERS,
        middleware=[Middleware(SecurityHeaders)],
        lifespan=parts.running,
    )


def _readiness(parts: Parts) -> ReadinessChecks:
    has_own_tokens = parts.settings.partner.auth != "passthrough"
    return ReadinessChecks(
        parts.upstream.have_token if has_own_tokens else None,
        parts.writes.engine,
        parts.writes.admission,
        parts.limits,
        parts.authenticator,
        parts.documents,
    )


def _sandbox_examples(parts: Parts) -> SandboxExamples | None:
    if parts.settings.partner.auth != "sandbox":
        return None
    address, within_s = base_url(parts.settings.partner), parts.settings.limits.deadline_s
    return SandboxExamples(parts.upstream.transport, address, within_s)


async def _examples(sandbox: SandboxExamples | None) -> Sequence[ExampleDocument]:
    """Return the documents GraphiQL opens with; with ids where a sandbox is behind."""
    known = None if sandbox is None else await sandbox()
    return example_documents(None if known is None else ExampleIds.of_sandbox(known))
