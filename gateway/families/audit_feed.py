"""Reads the audit feed for operations in doubt: one listing for each customer and day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog

from gateway.families.audit_matching import AuditCriteria, decide_settlement, find_matches
from gateway.families.base import PartnerCenterFamily, UpstreamAccess
from gateway.operations.model.audit import AuditMatch
from gateway.operations.store.base import StoredOperation
from gateway.upstream.errors import UpstreamError
from gateway.upstream.scope import RequestScope
from schema.audit_record import AuditRecord
from schema.keys import AuditDayKey

LOG: Final = structlog.get_logger("gateway.operations")

# A change may be executed and recorded a while after the attempt that asked for it.
_EXECUTED_WITHIN: Final = timedelta(hours=1)


class AuditFeed:
    """Finds evidence in the vendor's audit feed. Implements `EvidenceSource` of `audit_reviews`.

    Args:
        families: the families of upgrades, by the kind of their orders.
        application_id: the application that the gateway calls as; None if each caller has its own.
    """

    def __init__(
        self,
        access: UpstreamAccess,
        families: Mapping[str, PartnerCenterFamily[Any]],
        application_id: str | None,
    ) -> None:
        self._access = access
        self._families = families
        self._application_id = application_id and application_id.lower()

    async def find(
        self, operations: Sequence[StoredOperation]
    ) -> dict[str, tuple[AuditMatch, ...]]:
        """Return the matching audit records by operation id.

        Operations whose read failed are left out.
        """
        # Customers of one partner are read with one token, whoever ordered.
        scopes: dict[str, RequestScope] = {}
        groups: defaultdict[tuple[str, str], list[StoredOperation]] = defaultdict(list)
        for each in operations:
            scope = self._access.open_scope(each.record.principal, None)
            if scope is not None:
                scopes.setdefault(scope.identity, scope)
                groups[scope.identity, each.record.order.customer_id.lower()].append(each)
        found: dict[str, tuple[AuditMatch, ...]] = {}
        today = datetime.fromtimestamp(self._access.clock.wall(), UTC).date()
        for (identity, customer_id), members in groups.items():
            days = {each.record.id: _days_of(each, today) for each in members}
            wanted = sorted(set().union(*days.values()))
            records = await self._read_days(scopes[identity], customer_id, wanted)
            for each in members:
                if records.keys() >= days[each.record.id]:
                    own = [record for day in days[each.record.id] for record in records[day]]
                    found[each.record.id] = find_matches(each, self._criteria(each), own)
        return found

    def decide(self, operation: StoredOperation, matches: Sequence[AuditMatch]) -> bool | None:
        return decide_settlement(operation, matches)

    def _criteria(self, operation: StoredOperation) -> AuditCriteria:
        family = self._families[operation.record.kind]
        quantity = operation.result.quantity if operation.result else None
        names_change = partial(family.names_change, operation.record.order, quantity)
        return AuditCriteria(family.audit_types, names_change, self._application_id)

    async def _read_days(
        self, scope: RequestScope, customer_id: str, days: Sequence[date]
    ) -> dict[date, Sequence[AuditRecord]]:
        """Read each day once; days that cannot be read are left out."""
        directory = self._access.directory(scope)
        records: dict[date, Sequence[AuditRecord]] = {}
        for day in days:
            try:
                records[day] = await directory.audit_records(AuditDayKey(customer_id, day))
            except UpstreamError as error:
                LOG.warning("audit records cannot be read", reason=str(error))
        return records


def _days_of(stored: StoredOperation, today: date) -> set[date]:
    """Return the days until today, in UTC, on which an attempt may have been executed."""
    attempts = stored.result.attempts if stored.result else ()
    sent = [datetime.fromtimestamp(each.intent.at, UTC) for each in attempts]
    days = {at.date() for each in sent for at in (each, each + _EXECUTED_WITHIN)}
    return {day for day in days if day <= today}
