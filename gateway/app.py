"""The composition root: settings in, one ASGI app out."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from random import Random

from cachetools import LRUCache, TTLCache
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.middleware import Middleware

import gateway
from gateway.auth.caller import Caller
from gateway.auth.opening import open_authenticator
from gateway.auth.scope_policy import ScopePolicy
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
from gateway.limits.in_force import LimitsInForce
from gateway.limits.opening import open_limits
from gateway.observability.correlation import CorrelationIds
from gateway.observability.metrics import Metrics
from gateway.operations.admission import Admission, Gate
from gateway.operations.engine import Engine
from gateway.operations.guards_file import GuardsFile
from gateway.operations.opening import store_at
from gateway.operations.patience import Patience
from gateway.operations.principal import PrincipalOperations
from gateway.operations.principal_batches import PrincipalBatches
from gateway.operations.record import Policy
from gateway.performing.acts import Acts
from gateway.performing.partner import PartnerByKind
from gateway.performing.product_upgrade_watches import (
    ProductUpgradeWatches,
    WatchedProductUpgrades,
)
from gateway.performing.seats import seats_of
from gateway.persisted.opening import open_documents
from gateway.readiness import ReadinessChecks
from gateway.settings import Settings
from gateway.upstream import transports
from gateway.upstream.catalog import CatalogCache
from gateway.upstream.client import Client
from gateway.upstream.clock import Clock, SystemClock
from gateway.upstream.commands import PartnerCommands
from gateway.upstream.directory import PartnerDirectory
from gateway.upstream.measured import MeasuredTransport
from gateway.upstream.opening import base_url, check_files, open_tokens, pressure
from gateway.upstream.sandbox_examples import SandboxExamples
from gateway.upstream.scope import CallBudget, RequestScope, SecretToken
from gateway.upstream.tokens import Tokens
from resolvers.context import RequestContext
from resolvers.graph import Graph, build_graph
from resolvers.loaders import RequestLoaders
from resolvers.permitted import Ports, permitted, permitted_directory
from schema.scopes import Scope

_WRITE_WITHIN_S = 90.0
_REMEMBERED_TOKENS = 10_000


class Upstream:
    """What all requests of this process share, and how one request begins."""

    def __init__(
        self, settings: Settings, limits: LimitsInForce, clock: Clock, counts: Metrics
    ) -> None:
        check_files(settings.partner)
        transport = MeasuredTransport(
            transports.choose(settings.partner.transport),
            counts.upstream_calls.observe,
            clock.monotonic,
        )
        self._settings = settings
        self._limits = limits
        self._clock = clock
        self._new_correlation_id = CorrelationIds(Random())  # noqa: S311 - they prove nothing
        self.tokens: Tokens = open_tokens(settings.partner, transport, clock)
        self.authenticator = open_authenticator(
            settings.auth,
            transport,
            clock,
            anybody=self.tokens.identity(None),
            is_passed_on=settings.partner.auth == "passthrough",
        )
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
        # In memory alone: what a principal's open operations are sent with.
        self._tokens_of: LRUCache[str, SecretToken] = LRUCache(_REMEMBERED_TOKENS)
        kept = settings.operations
        self._policy = Policy(
            trust_s=kept.trust_s, give_up_s=kept.give_up_s, first_pause_s=kept.first_pause_s
        )
        acts = Acts(self._begin, self._directory, self._commands, clock)
        self.engine = Engine(
            store_at(settings.database_url),
            PartnerByKind(acts),
            clock,
            lines_at_once=settings.batches.lines_at_once,
            patience=Patience.of(kept.refuse_after_s),
        )
        file = settings.guards.file
        self._admission = None if file is None else Admission(GuardsFile(file), self.engine.seats)
        self._product_upgrades = ProductUpgradeWatches(acts, self.engine)
        is_passed_on = settings.partner.auth == "passthrough"
        self.readiness = ReadinessChecks(
            None if is_passed_on else self._token, self.engine, self._admission, limits
        )

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
            correlation_id=self._new_correlation_id(),
            deadline=self._clock.monotonic() + deadline_s,
            budget=CallBudget(self._limits.now.numbers.max_upstream_calls),
        )

    def context(self, caller: Caller) -> RequestContext:
        """Make the context of one GraphQL request."""
        limits = self._limits.now.numbers
        scope = self.scope(caller.token, limits.deadline_s)
        self._arrived(caller)
        ports = permitted(self._ports(scope, caller), caller.customers)
        return RequestContext(
            directory=ports.directory,
            loaders=RequestLoaders(ports.directory, ports.operations, ports.batches),
            correlation_id=scope.correlation_id,
            max_page_size=limits.max_page_size,
            operations=ports.operations,
            batches=ports.batches,
            product_upgrades=ports.product_upgrades,
            calls_made=scope.budget.made,
            wall=self._clock.wall,
            preview_ttl_s=self._settings.operations.preview_ttl_s,
            renewed_directory=lambda: permitted_directory(
                self._directory(self._renewed(scope, limits.deadline_s)), caller.customers
            ),
        )

    async def _token(self, within_s: float) -> None:
        """Have a token of the gateway's own. Raises UpstreamError."""
        await self.tokens.bearer(self.scope(None, within_s))

    def _arrived(self, caller: Caller) -> None:
        """Let a caller's operations that wait for a token go on with the one it came with."""
        if caller.token is not None:
            self._tokens_of[caller.principal] = caller.token
        self.engine.callers.arrived(caller.principal)

    def _ports(self, scope: RequestScope, caller: Caller) -> Ports:
        principal = caller.principal
        directory = self._directory(scope)
        gate = None
        if self._admission is not None:
            gate = Gate(self._admission, principal, partial(seats_of, directory))
        return Ports(
            directory=directory,
            operations=PrincipalOperations(
                self.engine, principal, self._policy, gate, sees_all=self._sees_all(caller)
            ),
            batches=PrincipalBatches(self.engine, principal, self._policy, gate),
            product_upgrades=WatchedProductUpgrades(self._product_upgrades, principal),
        )

    def _sees_all(self, caller: Caller) -> bool:
        """Whether every principal's operations are its business; nobody unverified may say so."""
        return Scope.ADMIN in caller.scopes and self._settings.partner.auth != "passthrough"

    def _renewed(self, scope: RequestScope, deadline_s: float) -> RequestScope:
        """Let the time of a request begin again; its budget goes on."""
        return replace(scope, deadline=self._clock.monotonic() + deadline_s)

    def _directory(self, scope: RequestScope) -> PartnerDirectory:
        return PartnerDirectory(self.client, scope, self._catalog)

    def _commands(self, scope: RequestScope, request_id: str) -> PartnerCommands:
        return PartnerCommands(self.client, scope, request_id)

    def _begin(self, principal: str, correlation_id: str | None) -> RequestScope | None:
        """Begin an operation's use of the upstream in the name of its principal."""
        token = self._tokens_of.get(principal)
        if token is None and self._settings.partner.auth == "passthrough":
            return None
        scope = self.scope(token, _WRITE_WITHIN_S)
        return scope if correlation_id is None else replace(scope, correlation_id=correlation_id)


def create_app(settings: Settings, *, clock: Clock | None = None) -> Front:
    """Join the parts. Raises ValueError naming a setting that does not fit the others."""
    clock = clock or SystemClock()
    counts = Metrics()
    graph = build_graph(suggests_fields=settings.profile == "dev")
    limits = open_limits(graph, settings, clock)
    upstream = Upstream(settings, limits, clock, counts)
    scopes = _scope_policy(settings, graph)
    pipeline = Pipeline(
        open_documents(settings),
        limits,
        scopes.check,
        upstream.context,
        observe=counts.requests.observe,
        monotonic=clock.monotonic,
    )
    draining = Draining(clock.monotonic)
    endpoint = open_endpoint(settings, pipeline, limits, upstream.authenticator, draining)
    pages = BuiltPages.load()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        starting = asyncio.create_task(upstream.engine.start())
        try:
            async with limits.following(clock.sleep):
                yield
        finally:
            await starting
            await upstream.engine.stop(draining.left_s(settings.operations.stop_grace_s))
            await upstream.authenticator.aclose()
            await upstream.client.aclose()

    behind = Starlette(
        routes=[
            *landing.routes(
                pages, version=gateway.__version__, upstream=base_url(settings.partner)
            ),
            *probes.routes(upstream.readiness.now),
            *metrics.routes(counts.printed, upstream.authenticator),
            *sdl.routes(graph.as_str, upstream.authenticator, scopes.check_introspection),
            *static.routes(pages),
        ],
        exception_handlers=strangers.HANDLERS,
        middleware=[Middleware(SecurityHeaders)],
        lifespan=lifespan,
    )
    graphiql = GraphiQL(endpoint, pages, upstream.examples)
    return Front(Hosts.of(settings.host), {"/graphql": graphiql}, behind, draining)


def _scope_policy(settings: Settings, graph: Graph) -> ScopePolicy:
    """In production, only who administers the gateway may ask for the graph itself."""
    is_open = settings.profile == "dev"
    return ScopePolicy(graph.root_scopes, introspection=None if is_open else Scope.ADMIN)
