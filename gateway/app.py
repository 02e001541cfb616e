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
from gateway.clock import Clock, SystemClock
from gateway.edge.allowed_hosts import AllowedHosts
from gateway.edge.app import GatewayApp
from gateway.edge.browsers.security_headers import SecurityHeaders
from gateway.edge.cancellation.draining import Draining
from gateway.edge.factory import build_graphql_app
from gateway.edge.pipeline import RequestPipeline
from gateway.edge.site import error_handlers, landing, metrics, probes, sdl, static
from gateway.edge.site.examples import ExampleDocument, ExampleIds, example_documents
from gateway.edge.site.graphiql import GraphiQLPage
from gateway.edge.site.static import BuiltPages
from gateway.limits.factory import build_limits
from gateway.limits.reloadable import ReloadableLimits
from gateway.observability.metrics import Metrics
from gateway.performing.writes import Writes
from gateway.persisted.documents import DocumentRegistry
from gateway.persisted.factory import build_document_registry
from gateway.readiness import ReadinessChecks
from gateway.request_context import RequestContextFactory
from gateway.settings import Settings
from gateway.settings.principals import shared_principal
from gateway.upstream.factory import resolve_base_url
from gateway.upstream.partner_center import PartnerCenter
from gateway.upstream.sandbox_examples import SandboxExamples
from resolvers.graph import Graph, build_graph
from schema.scopes import Scope


@dataclass(frozen=True, slots=True)
class Components:
    """What lives as long as the process."""

    settings: Settings
    clock: Clock
    metrics: Metrics
    graph: Graph
    limits: ReloadableLimits
    upstream: PartnerCenter
    documents: DocumentRegistry
    authenticator: Authenticator
    scope_policy: ScopePolicy
    writes: Writes
    draining: Draining

    @classmethod
    def build(cls, settings: Settings, clock: Clock) -> "Components":
        """Make the parts. Raises ValueError naming a setting that does not fit the others."""
        metrics = Metrics()
        graph = build_graph(suggests_fields=settings.profile == "dev")
        limits = build_limits(graph, settings, clock)
        upstream = PartnerCenter(settings, metrics.upstream_calls.observe, clock)
        return cls(
            settings=settings,
            clock=clock,
            metrics=metrics,
            graph=graph,
            limits=limits,
            upstream=upstream,
            documents=build_document_registry(settings, OWN_DOCUMENTS, clock.monotonic),
            authenticator=_build_authenticator(settings, upstream, clock),
            scope_policy=_build_scope_policy(settings, graph),
            writes=Writes(
                settings, upstream, clock, lambda: limits.current.numbers.max_upstream_calls
            ),
            draining=Draining(clock.monotonic),
        )

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Start what runs beside the requests, and end it."""
        starting = asyncio.create_task(self.writes.engine.start())
        try:
            async with self.limits.watch(self.clock.sleep):
                yield
        finally:
            await starting
            grace_s = self.draining.remaining_s(self.settings.operations.stop_grace_s)
            await self.writes.engine.stop(grace_s)
            await self.authenticator.aclose()
            await self.upstream.client.aclose()


def create_app(settings: Settings, *, clock: Clock | None = None) -> GatewayApp:
    """Join the parts. Raises ValueError naming a setting that does not fit the others."""
    components = Components.build(settings, clock or SystemClock())
    pages = BuiltPages.load()
    endpoint = build_graphql_app(
        settings,
        _build_pipeline(components),
        components.limits,
        components.authenticator,
        components.draining,
        components.clock,
    )
    examples = partial(_load_examples, _build_sandbox_examples(components))
    graphiql = GraphiQLPage(endpoint, pages, examples)
    behind = _site_app(components, pages)
    hosts = AllowedHosts.from_settings(
        settings.host, settings.http.allowed_hosts, [*probes.PATHS, metrics.PATH]
    )
    return GatewayApp(hosts, {"/graphql": graphiql}, behind, components.draining)


def _build_authenticator(
    settings: Settings, upstream: PartnerCenter, clock: Clock
) -> Authenticator:
    return build_authenticator(
        settings.auth,
        upstream.transport,
        clock,
        anonymous_principal=shared_principal(settings.partner),
        passes_tokens_on=settings.partner.auth == "passthrough",
    )


def _build_scope_policy(settings: Settings, graph: Graph) -> ScopePolicy:
    """In production, only who administers the gateway may ask for the graph itself."""
    is_open = settings.profile == "dev"
    return ScopePolicy(graph.root_scopes, introspection=None if is_open else Scope.ADMIN)


def _build_pipeline(components: Components) -> RequestPipeline:
    contexts = RequestContextFactory(
        components.settings,
        components.limits,
        components.upstream,
        components.writes,
        components.clock,
    )
    return RequestPipeline(
        components.documents,
        components.limits,
        components.scope_policy.check,
        contexts.create,
        observe=components.metrics.requests.observe,
        monotonic=components.clock.monotonic,
    )


def _site_app(components: Components, pages: BuiltPages) -> Starlette:
    """Answer at all addresses but GraphQL's."""
    address = resolve_base_url(components.settings.partner)
    return Starlette(
        routes=[
            *landing.routes(pages, version=gateway.__version__, upstream=address),
            *probes.routes(_build_readiness(components).evaluate),
            *metrics.routes(components.metrics.render, components.authenticator),
            *sdl.routes(
                components.graph.as_str,
                components.authenticator,
                components.scope_policy.check_introspection,
            ),
            *static.routes(pages),
        ],
        exception_handlers=error_handlers.HANDLERS,
        middleware=[Middleware(SecurityHeaders)],
        lifespan=components.lifespan,
    )


def _build_readiness(components: Components) -> ReadinessChecks:
    has_own_tokens = components.settings.partner.auth != "passthrough"
    return ReadinessChecks(
        components.upstream.ensure_token if has_own_tokens else None,
        components.writes.engine,
        components.writes.admission,
        components.limits,
        components.authenticator,
        components.documents,
    )


def _build_sandbox_examples(components: Components) -> SandboxExamples | None:
    if components.settings.partner.auth != "sandbox":
        return None
    address, within_s = (
        resolve_base_url(components.settings.partner),
        components.settings.limits.deadline_s,
    )
    return SandboxExamples(components.upstream.transport, address, within_s)


async def _load_examples(sandbox: SandboxExamples | None) -> Sequence[ExampleDocument]:
    """Return the documents GraphiQL opens with; with ids where a sandbox is behind."""
    known = None if sandbox is None else await sandbox()
    return example_documents(None if known is None else ExampleIds.from_sandbox(known))
