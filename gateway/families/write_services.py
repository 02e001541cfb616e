"""Connects the families with the runtime of operations, the policy and the callers' tokens."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Final

from cachetools import LRUCache
from msgspec.structs import replace

from gateway.clock import Clock
from gateway.credentials import SecretToken
from gateway.families.audit_feed import AuditFeed
from gateway.families.base import UpstreamAccess
from gateway.families.previews import FamilyPreviews
from gateway.families.product_upgrade_streams import (
    PrincipalProductUpgradeStreams,
    ProductUpgradeStreams,
)
from gateway.families.registry import build_families
from gateway.families.shared_pauses import SharedPauses
from gateway.operations.audit_reviews import AuditReviews
from gateway.operations.batch_service import BatchService
from gateway.operations.call_counter import MutationCallCounter, OperationCallCounter
from gateway.operations.model.record import Policy
from gateway.operations.operation_service import OperationService
from gateway.operations.policy.admission import AdmissionControl, PrincipalAdmission
from gateway.operations.policy.policy_file import PurchasePolicyFile
from gateway.operations.preview_key import PrincipalPreviewSigner
from gateway.operations.retention import PersonalDataRetention
from gateway.operations.runtime import OperationRuntime
from gateway.operations.store.factory import build_store
from gateway.operations.store.health import StoreTimeouts
from gateway.settings import Settings
from gateway.settings.principals import PrincipalForms
from gateway.upstream.partner_center import PartnerCenter
from gateway.upstream.scope import RequestScope
from resolvers.authorized.ports import RequestPorts
from resolvers.orders import Order
from resolvers.ports.directory import Directory
from schema.errors import NotFound

_WRITE_TIMEOUT_S: Final = 90.0
_MAX_TOKENS: Final = 10_000


class WriteServices:
    """Connects what mutations need: operations, the purchase policy and the callers' tokens.

    Args:
        max_calls: returns the current maximum of upstream calls of a scope.

    Attributes:
        admission: decides which new orders are allowed; None without a purchase policy.
        call_counter: counts the calls of operations for the mutations that wait for them.
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
        # Tokens are never stored.
        self._tokens_of: LRUCache[str, SecretToken] = LRUCache(_MAX_TOKENS)
        config = settings.operations
        self._policy = Policy(
            idempotency_window_s=config.idempotency_window_s,
            retry_timeout_s=config.retry_timeout_s,
            initial_backoff_s=config.initial_backoff_s,
        )
        self.call_counter = OperationCallCounter()
        access = UpstreamAccess(
            self._open_scope,
            upstream.create_directory,
            upstream.create_commands,
            clock,
            self.call_counter,
            removes_scheduled_changes=settings.partner.scheduled_change_removal == "confirmed",
        )
        families = build_families(access)
        self._previews = FamilyPreviews(families)
        timeouts = StoreTimeouts.from_setting(config.store_timeout_s)
        store = build_store(settings.database_url, timeouts)
        self.runtime = OperationRuntime(
            store,
            families,
            clock,
            lines_at_once=settings.batches.lines_at_once,
            timeouts=timeouts,
        )
        self.runtime.observe_processes(upstream.client.share_limits)
        partner = settings.partner
        self._reviews = AuditReviews(
            store,
            AuditFeed(access, families, partner.client_id or None),
            self.runtime.settle,
            clock,
            settles=partner.audit_correlation == "confirmed",
        )
        # The identities of passed-on tokens are digests with a key of this process.
        self._pauses = (
            None if self._needs_callers_tokens else SharedPauses(store, upstream.client, clock)
        )
        days = config.personal_data_days
        self._retention = None if days is None else PersonalDataRetention(store, clock, days=days)
        self.admission: AdmissionControl | None = None
        if settings.guards.file is not None:
            forms = PrincipalForms(settings.auth, settings.partner)
            file = PurchasePolicyFile(settings.guards.file, forms)
            self.admission = AdmissionControl(file, self.runtime.seats)
        self._product_upgrades = ProductUpgradeStreams(access, self.runtime)

    async def start(self) -> None:
        """Open the store and resume operations that have not ended. Requests may arrive earlier."""
        await self.runtime.start()
        self._reviews.start()
        if self._pauses is not None:
            self._pauses.start()
        if self._retention is not None:
            self._retention.start()

    async def stop(self, grace_s: float) -> None:
        """Reject new operations, wait for responses to sent orders, then stop all execution."""
        await self._reviews.stop()
        if self._pauses is not None:
            await self._pauses.stop()
        if self._retention is not None:
            await self._retention.stop()
        await self.runtime.stop(grace_s)

    def caller_seen(self, principal: str, token: SecretToken | None) -> None:
        """Keep a caller's token, and continue the operations that wait for it."""
        if token is not None:
            self._tokens_of[principal] = token
        self.runtime.caller_presence.notify(principal)

    def ports_for(
        self,
        directory: Directory,
        principal: str,
        calls: MutationCallCounter | None = None,
        *,
        sees_all: bool,
    ) -> RequestPorts:
        """Build the ports for one request of a principal.

        Args:
            directory: reads the subscriptions whose seats the purchase policy counts.
            principal: the owner of the orders that the request places.
            calls: counts the upstream calls of operations while the request waits for them.
            sees_all: whether the request may read the operations of all principals.
        """
        admission = None
        if self.admission is not None:
            seats_of = partial(count_seats, directory)
            admission = PrincipalAdmission(self.admission, principal, seats_of)
        return RequestPorts(
            operations=OperationService(
                self.runtime, principal, self._policy, admission, calls, sees_all=sees_all
            ),
            batches=BatchService(
                self.runtime, principal, self._policy, admission, calls, sees_all=sees_all
            ),
            product_upgrades=PrincipalProductUpgradeStreams(self._product_upgrades, principal),
            previews=self._previews,
            preview_signer=PrincipalPreviewSigner(self.runtime.preview_key, principal),
        )

    def _open_scope(self, principal: str, correlation_id: str | None) -> RequestScope | None:
        """Open a scope in the name of a principal; None if its token is required and unknown."""
        token = self._tokens_of.get(principal)
        if token is None and self._needs_callers_tokens:
            return None
        scope = self._upstream.create_scope(token, _WRITE_TIMEOUT_S, self._max_calls())
        return scope if correlation_id is None else replace(scope, correlation_id=correlation_id)


async def count_seats(directory: Directory, orders: Sequence[Order]) -> int:
    """Add up the seats of orders, with one call for each customer whose subscriptions must be read.

    A subscription that does not exist has no seats. Its order is refused later.
    """
    total, unknown = 0, defaultdict[str, set[str]](set)
    for order in orders:
        if order.seats is None and order.source_id is not None:
            unknown[order.customer_id.lower()].add(order.source_id)
        total += order.seats or 0
    read = await asyncio.gather(*(_read_seats(directory, *each) for each in unknown.items()))
    return total + sum(read)


async def _read_seats(directory: Directory, customer_id: str, source_ids: Collection[str]) -> int:
    try:
        subscriptions = await directory.subscriptions(customer_id)
    except NotFound:
        return 0
    return sum(each.quantity or 0 for each in subscriptions if each.id.lower() in source_ids)
