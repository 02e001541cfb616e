"""Looks for evidence about operations in doubt, and settles those for which it is certain.

Evidence is only ever positive: nothing is concluded from a record that does not exist.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

import structlog

from gateway.clock import Clock
from gateway.operations.model.audit import AuditFinding, AuditMatch
from gateway.operations.model.steps import Settlement
from gateway.operations.store.base import StoredOperation, StoreUnavailable
from resolvers.ports.errors import OperationsUnavailable

LOG: Final = structlog.get_logger("gateway.operations")

AUDIT_PRINCIPAL: Final = "gateway:audit"
"""`settledBy` of operations that a review has settled. No caller has this name."""

_EVERY_S: Final = 60.0
_MIN_DELAY_S: Final = 15 * 60.0
_MAX_DELAY_S: Final = 24 * 3600.0
# Partner Center keeps audit records for 90 days.
_REVIEWED_FOR_S: Final = 80 * 24 * 3600.0
_NEVER_S: Final = 10 * 365 * 24 * 3600.0


class ReviewStore(Protocol):
    """The methods of the store that reviews use. Both raise StoreUnavailable."""

    async def claim_reviews(
        self, now: float, next_due: Callable[[StoredOperation], float]
    ) -> list[StoredOperation]:
        """Return the operations in doubt whose review is due at `now`.

        Also moves their next review to the time that `next_due` returns, so that no other process
        reviews them before that.
        """
        ...

    async def store_finding(self, finding: AuditFinding) -> None:
        """Store the result of a review, in place of the previous one."""
        ...


class EvidenceSource(Protocol):
    async def find(
        self, operations: Sequence[StoredOperation]
    ) -> Mapping[str, tuple[AuditMatch, ...]]:
        """Return the matching audit records by operation id.

        Operations whose read failed are left out.
        """
        ...

    def decide(self, operation: StoredOperation, matches: Sequence[AuditMatch]) -> bool | None:
        """Return whether the order was executed; None if that is not certain."""
        ...


class AuditReviews:
    """Looks for evidence about operations in doubt, in a task that runs until the process ends.

    Args:
        settle: stores an outcome for an operation, unless one is stored already.
        settles: whether certain evidence settles an operation; if not, it is only shown.
    """

    def __init__(
        self,
        store: ReviewStore,
        source: EvidenceSource,
        settle: Callable[[Settlement], Awaitable[Settlement]],
        clock: Clock,
        *,
        settles: bool,
    ) -> None:
        self._store = store
        self._source = source
        self._settle = settle
        self._clock = clock
        self._settles = settles
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self.review_due()
            except (StoreUnavailable, OperationsUnavailable) as error:
                LOG.warning("operations in doubt cannot be reviewed", reason=str(error))
            except Exception as fault:  # the next run may succeed
                LOG.error("reviews of operations failed", exc_info=fault)
            await asyncio.sleep(_EVERY_S)

    async def review_due(self) -> None:
        now = self._clock.wall()
        due = await self._store.claim_reviews(now, lambda stored: next_review_at(stored, now))
        found = await self._source.find(due)
        for operation in due:
            matches = found.get(operation.record.id)
            if matches:
                await self._keep(operation, matches, now)

    async def _keep(
        self, operation: StoredOperation, matches: tuple[AuditMatch, ...], now: float
    ) -> None:
        operation_id = operation.record.id
        await self._store.store_finding(
            AuditFinding(operation_id=operation_id, at=now, matches=matches)
        )
        is_done = self._source.decide(operation, matches) if self._settles else None
        if is_done is None:
            return
        LOG.info("audit feed settles an operation", operation_id=operation_id, is_done=is_done)
        await self._settle(
            Settlement(
                operation_id=operation_id,
                principal=AUDIT_PRINCIPAL,
                is_done=is_done,
                note=describe(matches),
                at=now,
            )
        )


def next_review_at(operation: StoredOperation, now: float) -> float:
    """Return the time of the next review. Older operations are reviewed less often."""
    since = operation.result.outcome.at if operation.result else now
    age_s = now - since
    if age_s > _REVIEWED_FOR_S:
        return now + _NEVER_S
    return now + min(max(age_s / 4, _MIN_DELAY_S), _MAX_DELAY_S)


def describe(matches: Sequence[AuditMatch]) -> str:
    """Describe audit records in a sentence for people."""
    return " ".join(map(_describe_match, matches))


def _describe_match(match: AuditMatch) -> str:
    at = f" at {match.executed_at}" if match.executed_at else ""
    reason = (
        "It has the correlation id of this operation."
        if match.is_strong
        else "It names the same subscription and target, but may belong to another change."
    )
    return (
        f"Partner Center's audit record {match.record_id} is of {match.operation_type}{at}:"
        f" {match.status}. {reason}"
    )
