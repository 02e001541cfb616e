"""Creates the context of each GraphQL request."""

from gateway.auth.caller import Caller
from gateway.clock import Clock
from gateway.families.write_services import WriteServices
from gateway.limits.reloadable import ReloadableLimits
from gateway.observability.tracing import Tracing
from gateway.operations.call_counter import MutationCallCounter
from gateway.settings import Settings
from gateway.traced_loaders import TracedLoaderCounts
from gateway.upstream.partner_center import PartnerCenter
from resolvers.authorized.ports import RequestPorts, authorize_directory, authorize_ports
from resolvers.context import RequestContext
from resolvers.dataloaders import LoaderCounts
from resolvers.ports.directory import Directory
from resolvers.request_loaders import RequestLoaders
from schema.scopes import Scope


class RequestContextFactory:
    """Creates request contexts from the components of the process.

    Attributes:
        loader_counts: counts the keys and batches that loaders of all requests have loaded.
    """

    def __init__(
        self,
        settings: Settings,
        limits: ReloadableLimits,
        upstream: PartnerCenter,
        writes: WriteServices,
        clock: Clock,
        tracing: Tracing | None = None,
    ) -> None:
        self.loader_counts = LoaderCounts()
        self._tracing = tracing
        self._limits = limits
        self._upstream = upstream
        self._writes = writes
        self._clock = clock
        self._preview_ttl_s = settings.operations.preview_ttl_s
        self._are_callers_verified = settings.partner.auth != "passthrough"

    def create(self, caller: Caller) -> RequestContext:
        """Create a context with the caller's permissions, a deadline and a call budget."""
        limits, upstream = self._limits.current.numbers, self._upstream
        scope = upstream.create_scope(caller.token, limits.deadline_s, limits.max_upstream_calls)
        self._writes.caller_seen(caller.principal, caller.token)
        unlimited = upstream.create_directory(scope)
        directory = authorize_directory(unlimited, caller.customers)
        ports = LazyPorts(self, caller, unlimited)
        counts = self.loader_counts
        if self._tracing is not None and scope.trace is not None:
            counts = TracedLoaderCounts(counts, self._tracing, scope.trace)
        return RequestContext(
            directory=directory,
            loaders=RequestLoaders(directory, ports, counts),
            ports=ports,
            correlation_id=scope.correlation_id,
            max_page_size=limits.max_page_size,
            calls_made=scope.budget.get_spent,
            operation_calls_made=ports.calls_made,
            wall_clock=self._clock.wall,
            preview_ttl_s=self._preview_ttl_s,
            create_directory=lambda: authorize_directory(
                upstream.create_directory(upstream.with_new_deadline(scope, limits.deadline_s)),
                caller.customers,
            ),
        )

    def create_ports(
        self, caller: Caller, directory: Directory
    ) -> tuple[RequestPorts, MutationCallCounter]:
        """Create a caller's ports of operations and batches, and the counter of their calls."""
        calls = self._writes.call_counter.start_mutation()
        # The scopes of passed-through tokens are not verified, so they grant nothing here.
        sees_all = self._are_callers_verified and Scope.ADMIN in caller.scopes
        ports = self._writes.ports_for(directory, caller.principal, calls, sees_all=sees_all)
        return authorize_ports(ports, caller.customers), calls


class LazyPorts:
    """Creates the ports of one request when they are first needed."""

    __slots__ = ("_caller", "_created", "_directory", "_factory")

    def __init__(
        self, factory: RequestContextFactory, caller: Caller, directory: Directory
    ) -> None:
        self._factory = factory
        self._caller = caller
        self._directory = directory
        self._created: tuple[RequestPorts, MutationCallCounter] | None = None

    def __call__(self) -> RequestPorts:
        if self._created is None:
            self._created = self._factory.create_ports(self._caller, self._directory)
        return self._created[0]

    def calls_made(self) -> int:
        """Return the number of upstream calls of the operation that the request waited for."""
        return 0 if self._created is None else self._created[1].count
