"""Streams the status of product upgrades. All subscribers of one upgrade share its status calls."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

import msgspec

from gateway.families.base import UpstreamAccess
from gateway.families.step_results import blocker_from
from gateway.operations.decisions import poll_delay_s
from gateway.operations.presenter import operation_to_graphql
from gateway.operations.runtime import OperationRuntime
from gateway.operations.shared_streams import SharedStreams
from gateway.upstream.errors import Unauthorized, UpstreamError
from gateway.upstream.scope import RequestScope
from schema.keys import ProductUpgradeStatusKey
from schema.product_upgrade import ProductUpgradesStatus, ProductUpgradeState

FINAL_STATES: Final = frozenset({ProductUpgradeState.COMPLETED, ProductUpgradeState.FAILED})


class ProductUpgradeStreams:
    """The status streams of this process. Principals that the vendor sees as one share them."""

    def __init__(self, access: UpstreamAccess, operations: OperationRuntime) -> None:
        self._access = access
        self._operations = operations
        self._shared: SharedStreams[object, ProductUpgradesStatus] = SharedStreams()

    def watch(
        self, principal: str, key: ProductUpgradeStatusKey
    ) -> AsyncGenerator[ProductUpgradesStatus, None]:
        """Yield the current status and each change, up to a final status.

        Raises UpstreamError if a status call fails permanently. Transient errors are retried.
        """
        identity = self._require_scope(principal).identity
        return self._shared.follow(
            (identity, key.normalized), lambda: self._changes(principal, identity, key)
        )

    async def _changes(
        self, principal: str, identity: str, key: ProductUpgradeStatusKey
    ) -> AsyncGenerator[ProductUpgradesStatus, None]:
        polls = 0
        while True:
            async with aclosing(self._statuses_of_operation(identity, key)) as statuses:
                async for status in statuses:
                    yield status
                    if status.status in FINAL_STATES:
                        return
            current = await self._read_status(principal, key)
            if current is not None:
                yield current
                if current.status in FINAL_STATES:
                    return
            await self._access.clock.sleep(poll_delay_s(polls))
            polls += 1

    async def _statuses_of_operation(
        self, identity: str, key: ProductUpgradeStatusKey
    ) -> AsyncGenerator[ProductUpgradesStatus, None]:
        """Yield what an operation of this process reads while it polls the same upgrade."""
        records = self._operations.records_with_reference(key.upgrade_id)
        own = (record for record in records if self._has_identity(identity, record.principal))
        record = next(own, None)
        if record is None:
            return
        async with aclosing(self._operations.streams.watch(record.id)) as snapshots:
            async for found in snapshots:
                status = operation_to_graphql(found, self._operations.families).product_upgrade
                if status is not None:
                    yield status

    def _has_identity(self, identity: str, principal: str) -> bool:
        scope = self._access.open_scope(principal, None)
        return scope is not None and scope.identity == identity

    async def _read_status(
        self, principal: str, key: ProductUpgradeStatusKey
    ) -> ProductUpgradesStatus | None:
        """Read the status from the vendor; None after a transient error."""
        directory = self._access.directory(self._require_scope(principal))
        try:
            return await directory.product_upgrade_status(key)
        except UpstreamError as error:
            if blocker_from(error).is_transient:
                return None
            raise

    def _require_scope(self, principal: str) -> RequestScope:
        scope = self._access.open_scope(principal, None)
        if scope is None:
            raise Unauthorized("The gateway no longer has your token. Subscribe again.")
        return scope


class PrincipalProductUpgradeStreams(msgspec.Struct, frozen=True, eq=False):
    """Implements `resolvers.ports.product_upgrades.ProductUpgrades` for one principal."""

    streams: ProductUpgradeStreams
    principal: str

    def watch(self, key: ProductUpgradeStatusKey) -> AsyncGenerator[ProductUpgradesStatus, None]:
        return self.streams.watch(self.principal, key)
