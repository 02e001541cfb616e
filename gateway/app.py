"""The composition root: builds the ASGI app from the settings."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
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
from gateway.edge.factory import build_graphql_apps
from gateway.edge.http.traced import TracedApp
from gateway.edge.pipeline import RequestPipeline
from gateway.edge.request_observer import RequestObserver
from gateway.edge.site import landing, probes, static
from gateway.edge.site.examples import ExampleDocument, ExampleIds, example_documents
from gateway.edge.site.graphiql import GraphiQLPage
from gateway.edge.site.protected_routes import (
    ERROR_HANDLERS,
    METRICS_PATH,
    metrics_route,
    schema_route,
)
from gateway.edge.site.static import BuiltPages
from gateway.edge.traced_pipeline import TracedPipeline
from gateway.families.write_services import WriteServices
from gateway.limits.factory import build_limits
from gateway.limits.reloadable import ReloadableLimits
from gateway.observability.metrics import Metrics
from gateway.observability.tracing import Tracing
from gateway.persisted.documents import DocumentRegistry
from gateway.persisted.factory import build_document_registry
from gateway.readiness import ReadinessChecks
from gateway.request_context import RequestContextFactory
from gateway.sampling import MetricsSampler, count_operation
from gateway.settings import Settings
from gateway.settings.principals import shared_principal
from gateway.upstream.factory import resolve_base_url
from gateway.upstream.partner_center import PartnerCenter
from gateway.upstream.sandbox_examples import SandboxExamples
from resolvers.federation.subgraph import build_subgraph
from resolvers.graph import Graph, build_graph
from schema.scopes import Scope


@dataclass(frozen=True, slots=True)
class Components:
    """The objects that live as long as the process."""

    settings: Settings
    clock: Clock
    metrics: Metrics
    tracing: Tracing | None
    sampler: MetricsSampler
    graph: Graph
    limits: ReloadableLimits
    upstream: PartnerCenter
    documents: DocumentRegistry
    authenticator: Authenticator
    scope_policy: ScopePolicy
    writes: WriteServices
    draining: Draining

    @classmethod
    def build(cls, settings: Settings, clock: Clock) -> "Components":
        """Build everything from the settings. Raises ValueError that names an invalid setting."""
        metrics = Metrics()
        build = build_subgraph if settings.federation else build_graph
        graph = build(suggests_fields=settings.profile == "dev")
        limits = build_limits(graph, settings, clock)
        tracing = Tracing.from_environment() if settings.traces == "otlp" else None
        upstream = PartnerCenter(settings, metrics.upstream_calls.observe, clock, tracing)
        writes = WriteServices(
            settings,
            upstream,
            clock,
            lambda: limits.current.numbers.max_upstream_calls,
        )
        writes.runtime.observe_results(partial(count_operation, metrics))
        if tracing is not None:
            writes.runtime.trace_with(tracing)
        return cls(
            settings=settings,
            clock=clock,
            metrics=metrics,
            tracing=tracing,
            sampler=MetricsSampler(metrics, upstream.client, writes.runtime, clock),
            graph=graph,
            limits=limits,
            upstream=upstream,
            documents=build_document_registry(settings, OWN_DOCUMENTS, clock.monotonic),
            authenticator=_build_authenticator(settings, upstream, clock),
            scope_policy=_build_scope_policy(settings, graph),
            writes=writes,
            draining=Draining(clock.monotonic),
        )

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Run operations and file watchers beside the requests."""
        starting = asyncio.create_task(self.writes.start())
        try:
            async with self.limits.watch(self.clock.sleep), self.sampler.running():
                yield
        finally:
            await starting
            grace_s = self.draining.remaining_s(self.settings.operations.shutdown_grace_s)
            await self.writes.stop(grace_s)
            await self.authenticator.aclose()
            await self.upstream.client.aclose()
            if self.tracing is not None:
                await asyncio.to_thread(self.tracing.shutdown)


def create_app(settings: Settings, *, clock: Clock | None = None) -> GatewayApp:
    """Build the app. Raises ValueError that names an invalid setting."""
    components = Components.build(settings, clock or SystemClock())
    pages = BuiltPages.load()
    graphql = build_graphql_apps(
        settings,
        _build_pipeline(components),
        components.limits,
        components.authenticator,
        components.draining,
        components.clock,
    )
    if components.tracing is not None:
        graphql = replace(graphql, http=TracedApp(graphql.http, components.tracing))
    load_examples = partial(_load_examples, _build_sandbox_examples(components))
    open_paths = [*probes.PATHS, METRICS_PATH]
    return GatewayApp(
        AllowedHosts.from_settings(settings.host, settings.http.allowed_hosts, open_paths),
        graphql,
        GraphiQLPage(pages, load_examples),
        _build_site(components, pages),
        components.draining,
    )


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
    """Build the policy; in production, introspection needs the scope `admin`."""
    is_open = settings.profile == "dev"
    return ScopePolicy(graph.root_scopes, introspection=None if is_open else Scope.ADMIN)


def _build_pipeline(components: Components) -> RequestPipeline:
    contexts = RequestContextFactory(
        components.settings,
        components.limits,
        components.upstream,
        components.writes,
        components.clock,
        components.tracing,
    )
    observer = RequestObserver(components.metrics, logs=components.settings.access_log)
    components.sampler.watch(observer, contexts.loader_counts)
    build: Callable[..., RequestPipeline] = RequestPipeline
    if components.tracing is not None:
        build = partial(TracedPipeline, tracing=components.tracing)
    return build(
        components.documents,
        components.limits,
        components.scope_policy.check,
        contexts.create,
        observer=observer,
        monotonic=components.clock.monotonic,
    )


def _build_site(components: Components, pages: BuiltPages) -> Starlette:
    """Build the routes of every path but GraphQL's."""
    authenticator = components.authenticator
    check_introspection = components.scope_policy.check_introspection
    upstream_url = resolve_base_url(components.settings.partner)
    return Starlette(
        routes=[
            *landing.routes(pages, version=gateway.__version__, upstream=upstream_url),
            *probes.routes(_build_readiness(components).evaluate),
            metrics_route(components.sampler.render, authenticator),
            schema_route(components.graph.as_str, authenticator, check_introspection),
            *static.routes(pages),
        ],
        exception_handlers=ERROR_HANDLERS,
        middleware=[Middleware(SecurityHeaders)],
        lifespan=components.lifespan,
    )


def _build_readiness(components: Components) -> ReadinessChecks:
    has_own_tokens = components.settings.partner.auth != "passthrough"
    return ReadinessChecks(
        components.upstream.ensure_token if has_own_tokens else None,
        components.writes.runtime,
        components.writes.admission,
        components.limits,
        components.authenticator,
        components.documents,
    )


def _build_sandbox_examples(components: Components) -> SandboxExamples | None:
    if components.settings.partner.auth != "sandbox":
        return None
    settings = components.settings
    return SandboxExamples(
        components.upstream.transport,
        resolve_base_url(settings.partner),
        settings.limits.deadline_s,
    )


async def _load_examples(sandbox: SandboxExamples | None) -> Sequence[ExampleDocument]:
    """Return GraphiQL's examples, with ids if the upstream is a sandbox that lists them."""
    ids = None if sandbox is None else await sandbox()
    return example_documents(None if ids is None else ExampleIds.from_sandbox(ids))
