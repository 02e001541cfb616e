"""Creates the context of each GraphQL request."""

from gateway.auth.caller import Caller
from gateway.clock import Clock
from gateway.families.write_services import WriteServices
from gateway.limits.reloadable import ReloadableLimits
from gateway.settings import Settings
from gateway.upstream.partner_center import PartnerCenter
from resolvers.authorized.ports import authorize_directory, authorize_ports
from resolvers.context import RequestContext
from resolvers.request_loaders import RequestLoaders
from schema.scopes import Scope


class RequestContextFactory:
    """Creates request contexts from the components of the process."""

    def __init__(
        self,
        settings: Settings,
        limits: ReloadableLimits,
        upstream: PartnerCenter,
        writes: WriteServices,
        clock: Clock,
    ) -> None:
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
        calls = self._writes.call_counter.start_mutation()
        ports = authorize_ports(
            self._writes.ports_for(
                upstream.create_directory(scope),
                caller.principal,
                calls,
                sees_all=self._sees_all(caller),
            ),
            caller.customers,
        )
        return RequestContext(
            directory=ports.directory,
            loaders=RequestLoaders(ports.directory, ports.operations, ports.batches),
            correlation_id=scope.correlation_id,
            max_page_size=limits.max_page_size,
            operations=ports.operations,
            batches=ports.batches,
            product_upgrades=ports.product_upgrades,
            preview_signer=ports.preview_signer,
            calls_made=scope.budget.get_spent,
            operation_calls_made=lambda: calls.count,
            wall_clock=self._clock.wall,
            preview_ttl_s=self._preview_ttl_s,
            create_directory=lambda: authorize_directory(
                upstream.create_directory(upstream.with_new_deadline(scope, limits.deadline_s)),
                caller.customers,
            ),
        )

    def _sees_all(self, caller: Caller) -> bool:
        """Whether the caller may read the operations of every principal."""
        # The scopes of passed-through tokens are not verified, so they grant nothing here.
        return self._are_callers_verified and Scope.ADMIN in caller.scopes
