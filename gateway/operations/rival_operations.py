"""Whose is a subscription that a look has found? Others of the same customer may have made it."""

import enum
from dataclasses import dataclass
from typing import Final

from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import (
    BOUGHT,
    Blocker,
    CheckResult,
    OperationResult,
    ReconcileResult,
    SendResult,
    Settlement,
    Verdict,
)
from gateway.operations.snapshot import list_attempts
from gateway.operations.store.base import StoredOperation
from schema.operation import AttemptOutcome, OperationState

# Longer than the vendor may take to execute a request, and than clocks of processes differ.
RECENT_S: Final = 86_400.0

_BOUGHT_MEANWHILE: Final = Blocker(
    message="another operation has bought for the customer meanwhile"
)


class _ClaimStrength(enum.Enum):
    """Whether an operation may have made what another one has found."""

    NO = "NO"
    PENDING = "PENDING"
    UNCLEAR = "UNCLEAR"


@dataclass(frozen=True, slots=True)
class RivalOperations:
    """The other operations of a customer, as an operation meets them that looks for its purchase.

    Attributes:
        record: of the operation that looks.
        others: all that are open or in doubt, and those that were recorded within RECENT_S.
    """

    record: OperationRecord
    others: tuple[StoredOperation, ...]

    @property
    def owned_ids(self) -> frozenset[str]:
        """The ids of subscriptions that are theirs for certain: what they bought or started from.

        A subscription that is turned into the target in place keeps its id.
        """
        sources = (other.record.order.source_id for other in self.others)
        return self._purchased_ids.union(filter(None, sources))

    @property
    def _purchased_ids(self) -> frozenset[str]:
        return frozenset(purchase for other in self.others for purchase in _purchases(other))

    def revise(self, looked: ReconcileResult, known: frozenset[str]) -> ReconcileResult:
        """Believe what a look has found only if none of them can have made it.

        What they have announced before the vendor was read has to be known here. While one of them
        is being sent, its response is waited for.

        Args:
            looked: what was found.
            known: what was theirs before, and was left out.
        """
        if not self._purchased_ids <= known:
            return ReconcileResult(at=looked.at, blocker=_BOUGHT_MEANWHILE)
        purchase = looked.purchase or looked.reference or ""
        claims = {
            other.record.id: self._claim(other, purchase.lower())
            for other in self.others
            if other.record.order.target == self.record.order.target
        }
        for operation_id, claim in claims.items():
            if claim is _ClaimStrength.PENDING:
                message = f"operation {operation_id}, which may have made it, has not ended"
                return ReconcileResult(at=looked.at, blocker=Blocker(message=message))
        if looked.verdict is Verdict.DONE and _ClaimStrength.UNCLEAR in claims.values():
            return ReconcileResult(at=looked.at, verdict=Verdict.UNCLEAR)
        return looked

    def _claim(self, other: StoredOperation, purchase: str) -> _ClaimStrength:
        if other.result is None:
            return _open_claim(other, purchase)
        is_old = _decided_at(other.result, other.settlement) < self.record.created_at - RECENT_S
        return _ClaimStrength.NO if is_old else _ended_claim(other.result, other.settlement)


def _open_claim(other: StoredOperation, purchase: str) -> _ClaimStrength:
    known = (each.baseline.known_ids for each in other.steps if isinstance(each, CheckResult))
    if any(purchase in ids for ids in known):  # it was there before
        return _ClaimStrength.NO
    sent = [each.result for each in list_attempts(other.steps)]
    if None in sent or _has_own_purchase(other):
        return _ClaimStrength.PENDING
    may_have_bought = any(
        each.outcome is AttemptOutcome.UNANSWERED or _is_purchase(each) for each in sent if each
    )
    return (
        _ClaimStrength.UNCLEAR if may_have_bought and not _purchases(other) else _ClaimStrength.NO
    )


def _ended_claim(ended: OperationResult, settlement: Settlement | None) -> _ClaimStrength:
    is_in_doubt = ended.outcome.state is OperationState.IN_DOUBT
    may_have_bought = settlement.is_done if settlement else is_in_doubt
    is_bought = ended.outcome.state in BOUGHT and not ended.purchases
    return _ClaimStrength.UNCLEAR if may_have_bought or is_bought else _ClaimStrength.NO


def _decided_at(ended: OperationResult, settlement: Settlement | None) -> float:
    return settlement.at if settlement else ended.outcome.at


def _has_own_purchase(other: StoredOperation) -> bool:
    """Whether its end, which credits what it has found, is being stored."""
    last = other.steps[-1] if other.steps else None
    return isinstance(last, ReconcileResult) and last.verdict is Verdict.DONE


def _purchases(other: StoredOperation) -> tuple[str, ...]:
    if other.result is not None:
        return other.result.purchases
    accepted = (each for each in other.steps if isinstance(each, SendResult) and _is_purchase(each))
    names = (name for each in accepted for name in (each.reference, each.purchase))
    return tuple(name.lower() for name in names if name)


def _is_purchase(sent: SendResult) -> bool:
    return sent.outcome is AttemptOutcome.SUCCEEDED and not sent.has_errors
