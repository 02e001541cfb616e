"""Whether another operation may have made the purchase that reconciliation has found."""

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

# Longer than the vendor takes to execute a request, and than the clocks of processes differ.
RECENT_S: Final = 86_400.0

_BOUGHT_MEANWHILE: Final = Blocker(
    message="another operation of the customer has made a purchase meanwhile"
)


class _ClaimStrength(enum.Enum):
    """Whether a rival may have made the purchase.

    PENDING: its result is not stored yet, and will tell.
    """

    NO = "NO"
    PENDING = "PENDING"
    UNCLEAR = "UNCLEAR"


@dataclass(frozen=True, slots=True)
class RivalOperations:
    """Other operations of the customer that may have made the purchase of a reconciled operation.

    Attributes:
        record: the record of the operation that is reconciled.
        others: the operations that are open, in doubt, or recorded within RECENT_S before it.
    """

    record: OperationRecord
    others: tuple[StoredOperation, ...]

    @property
    def owned_ids(self) -> frozenset[str]:
        """The ids of subscriptions that the other operations have bought or started from.

        A subscription that the vendor changes in place keeps its id.
        """
        sources = (other.record.order.source_id for other in self.others)
        return self._purchased_ids.union(filter(None, sources))

    @property
    def _purchased_ids(self) -> frozenset[str]:
        return frozenset(purchase for other in self.others for purchase in _list_purchases(other))

    def revise(self, result: ReconcileResult, ignored_ids: frozenset[str]) -> ReconcileResult:
        """Return the result if no other operation can have made the purchase, else a weaker one.

        Read the other operations after the vendor's subscriptions, so that none is missing that was
        about to send an order at that time. The result is a blocker while one of them waits for its
        response.

        Args:
            result: the result of reconciliation.
            ignored_ids: `owned_ids` before the vendor was read, which reconciliation has ignored.
        """
        if not self._purchased_ids <= ignored_ids:
            return ReconcileResult(at=result.at, blocker=_BOUGHT_MEANWHILE)
        purchase = result.purchase or result.reference or ""
        strengths = {
            other.record.id: self._assess(other, purchase.lower())
            for other in self.others
            if other.record.order.target == self.record.order.target
        }
        for operation_id, strength in strengths.items():
            if strength is _ClaimStrength.PENDING:
                message = (
                    f"operation {operation_id} may have made this purchase and has not ended yet"
                )
                return ReconcileResult(at=result.at, blocker=Blocker(message=message))
        if result.verdict is Verdict.DONE and _ClaimStrength.UNCLEAR in strengths.values():
            return ReconcileResult(at=result.at, verdict=Verdict.UNCLEAR)
        return result

    def _assess(self, other: StoredOperation, purchase: str) -> _ClaimStrength:
        if other.result is None:
            return _assess_open(other, purchase)
        is_old = (
            _get_decision_time(other.result, other.settlement) < self.record.created_at - RECENT_S
        )
        return _ClaimStrength.NO if is_old else _assess_ended(other.result, other.settlement)


def _assess_open(other: StoredOperation, purchase: str) -> _ClaimStrength:
    known = (each.baseline.known_ids for each in other.steps if isinstance(each, CheckResult))
    if any(purchase in ids for ids in known):  # it existed before the rival was sent
        return _ClaimStrength.NO
    sent = [each.result for each in list_attempts(other.steps)]
    if None in sent or _has_own_purchase(other):
        return _ClaimStrength.PENDING
    may_have_bought = any(
        each.outcome is AttemptOutcome.UNANSWERED or _is_purchase(each) for each in sent if each
    )
    return (
        _ClaimStrength.UNCLEAR
        if may_have_bought and not _list_purchases(other)
        else _ClaimStrength.NO
    )


def _assess_ended(result: OperationResult, settlement: Settlement | None) -> _ClaimStrength:
    is_in_doubt = result.outcome.state is OperationState.IN_DOUBT
    may_have_bought = settlement.is_done if settlement else is_in_doubt
    is_bought = result.outcome.state in BOUGHT and not result.purchases
    return _ClaimStrength.UNCLEAR if may_have_bought or is_bought else _ClaimStrength.NO


def _get_decision_time(result: OperationResult, settlement: Settlement | None) -> float:
    return settlement.at if settlement else result.outcome.at


def _has_own_purchase(other: StoredOperation) -> bool:
    """Whether it has found its purchase, but its result is not stored yet."""
    last = other.steps[-1] if other.steps else None
    return isinstance(last, ReconcileResult) and last.verdict is Verdict.DONE


def _list_purchases(other: StoredOperation) -> tuple[str, ...]:
    if other.result is not None:
        return other.result.purchases
    accepted = (each for each in other.steps if isinstance(each, SendResult) and _is_purchase(each))
    names = (name for each in accepted for name in (each.reference, each.purchase))
    return tuple(name.lower() for name in names if name)


def _is_purchase(sent: SendResult) -> bool:
    return sent.outcome is AttemptOutcome.SUCCEEDED and not sent.has_errors
