"""Durable writes: let in, recorded, and sent in the names of their principals."""

from collections.abc import Callable
from functools import partial
from typing import Final

from cachetools import LRUCache
from msgspec.structs import replace

from gateway.clock import Clock
from gateway.credentials import SecretToken
from gateway.operations.admission import Admission, Gate
from gateway.operations.calls import MutationCalls, OperationCalls
from gateway.operations.guards_file import GuardsFile
from gateway.operations.preview_key import PrincipalPreviewSigner
from gateway.operations.principal import PrincipalOperations
from gateway.operations.principal_batches import PrincipalBatches
from gateway.operations.record import Policy
from gateway.operations.runtime import OperationRuntime
from gateway.operations.store.factory import build_store
from gateway.operations.store.health import StoreTimeouts
from gateway.performing.acts import Acts
from gateway.performing.partner import PartnerByKind
from gateway.performing.product_upgrade_watches import (
    ProductUpgradeWatches,
    WatchedProductUpgrades,
)
from gateway.performing.seats import seats_of
from gateway.settings import Settings
from gateway.settings.principals import PrincipalForms
from gateway.upstream.partner_center import PartnerCenter
from gateway.upstream.scope import RequestScope
from resolvers.authorized.ports import RequestPorts
from resolvers.ports.directory import Directory

_WRITE_WITHIN_S: Final = 90.0
_REMEMBERED_TOKENS: Final = 10_000


class Writes:
    """The operations of this process.

    Args:
        max_calls: how many upstream calls one use of the upstream may make, at this moment.

    Attributes:
        engine: records and carries out.
        admission: lets new orders in; None where all are.
        calls: counts the calls of operations for the mutations that wait for them.
    """

    def __init__(
        self,
        settings: Settings,
        upstream: PartnerCenter,
        clock: Clock,
        max_calls: Callable[[], int],
    ) -> None:
        self._upstream = upstream
        self._max_calls = max_calls
        self._needs_callers_tokens = settings.partner.auth == "passthrough"
        # In memory alone: what a principal's open operations are sent with.
        self._tokens_of: LRUCache[str, SecretToken] = LRUCache(_REMEMBERED_TOKENS)
        kept = settings.operations
        self._policy = Policy(
            idempotency_window_s=kept.idempotency_window_s,
            retry_timeout_s=kept.retry_timeout_s,
            initial_backoff_s=kept.initial_backoff_s,
        )
        acts = Acts(self._begin, upstream.create_directory, upstream.create_commands, clock)
        self.calls = OperationCalls()
        timeouts = StoreTimeouts.from_setting(kept.store_timeout_s)
        self.engine = OperationRuntime(
            build_store(settings.database_url, timeouts),
            PartnerByKind(acts, self.calls),
            clock,
            lines_at_once=settings.batches.lines_at_once,
            timeouts=timeouts,
        )
        self.admission: Admission | None = None
        if settings.guards.file is not None:
            forms = PrincipalForms(settings.auth, settings.partner)
            file = GuardsFile(settings.guards.file, forms)
            self.admission = Admission(file, self.engine.seats)
        self._product_upgrades = ProductUpgradeWatches(acts, self.engine)

    def arrived(self, principal: str, token: SecretToken | None) -> None:
        """Let operations that wait for their principal go on with the token it came with."""
        if token is not None:
            self._tokens_of[principal] = token
        self.engine.callers.arrived(principal)

    def ports(
        self,
        directory: Directory,
        principal: str,
        calls: MutationCalls | None = None,
        *,
        sees_all: bool,
    ) -> RequestPorts:
        """Join a directory with the writes of one principal, who may see everybody's."""
        gate = None
        if self.admission is not None:
            gate = Gate(self.admission, principal, partial(seats_of, directory))
        return RequestPorts(
            directory=directory,
            operations=PrincipalOperations(
                self.engine, principal, self._policy, gate, calls, sees_all=sees_all
            ),
            batches=PrincipalBatches(
                self.engine, principal, self._policy, gate, calls, sees_all=sees_all
            ),
            product_upgrades=WatchedProductUpgrades(self._product_upgrades, principal),
            preview_signer=PrincipalPreviewSigner(self.engine.preview_key, principal),
        )

    def _begin(self, principal: str, correlation_id: str | None) -> RequestScope | None:
        """Begin an operation's use of the upstream in the name of its principal."""
        token = self._tokens_of.get(principal)
        if token is None and self._needs_callers_tokens:
            return None
        scope = self._upstream.create_scope(token, _WRITE_WITHIN_S, self._max_calls())
        return scope if correlation_id is None else replace(scope, correlation_id=correlation_id)
