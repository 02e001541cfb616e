"""Whose is a subscription that a look has found? Others of the same customer may have made it."""

import enum
from dataclasses import dataclass
from typing import Final

from gateway.operations.entries import (
    BOUGHT,
    Checked,
    Ended,
    Looked,
    Sent,
    Settlement,
    Trouble,
    Verdict,
)
from gateway.operations.record import Record
from gateway.operations.standing import attempts_in
from gateway.operations.store.base import StoredOperation
from schema.operation import AttemptOutcome, OperationState

# Longer than the vendor may take to execute a request, and than clocks of processes differ.
RECENT_S: Final = 86_400.0

_BOUGHT_MEANWHILE: Final = Trouble(
    message="another operation has bought for the customer meanwhile"
)


class _Claim(enum.Enum):
    """Whether an operation may have made what another one has found."""

    NO = "NO"
    PENDING = "PENDING"
    UNCLEAR = "UNCLEAR"


@dataclass(frozen=True, slots=True)
class Rivals:
    """The other operations of a customer, as an operation meets them that looks for its purchase.

    Attributes:
        record: of the operation that looks.
        others: all that are open or in doubt, and those that were recorded within RECENT_S.
    """

    record: Record
    others: tuple[StoredOperation, ...]

    @property
    def owned(self) -> frozenset[str]:
        """The ids of subscriptions that are theirs for certain: what they bought or started from.

        A subscription that is turned into the target in place keeps its id.
        """
        sources = (other.record.source_id for other in self.others)
        return self._bought.union(filter(None, sources))

    @property
    def _bought(self) -> frozenset[str]:
        return frozenset(purchase for other in self.others for purchase in _purchases(other))

    def judge(self, looked: Looked, known: frozenset[str]) -> Looked:
        """Believe what a look has found only if none of them can have made it.

        What they have announced before the vendor was read has to be known here. While one of them
        is being sent, its response is waited for.

        Args:
            looked: what was found.
            known: what was theirs before, and was left out.
        """
        if not self._bought <= known:
            return Looked(at=looked.at, trouble=_BOUGHT_MEANWHILE)
        purchase = looked.purchase or looked.reference or ""
        claims = {
            other.record.id: self._claim(other, purchase.lower())
            for other in self.others
            if other.record.target == self.record.target
        }
        for operation_id, claim in claims.items():
            if claim is _Claim.PENDING:
                message = f"operation {operation_id}, which may have made it, has not ended"
                return Looked(at=looked.at, trouble=Trouble(message=message))
        if looked.verdict is Verdict.DONE and _Claim.UNCLEAR in claims.values():
            return Looked(at=looked.at, verdict=Verdict.UNCLEAR)
        return looked

    def _claim(self, other: StoredOperation, purchase: str) -> _Claim:
        if other.ended is None:
            return _claim_of_open(other, purchase)
        is_old = _decided_at(other.ended, other.settlement) < self.record.created_at - RECENT_S
        return _Claim.NO if is_old else _claim_of_ended(other.ended, other.settlement)


def _claim_of_open(other: StoredOperation, purchase: str) -> _Claim:
    known = (each.facts.known_ids for each in other.steps if isinstance(each, Checked))
    if any(purchase in ids for ids in known):  # it was there before
        return _Claim.NO
    sent = [each.sent for each in attempts_in(other.steps)]
    if None in sent or _has_found_its_own(other):
        return _Claim.PENDING
    may_have_bought = any(
        each.outcome is AttemptOutcome.UNANSWERED or _is_bought(each) for each in sent if each
    )
    return _Claim.UNCLEAR if may_have_bought and not _purchases(other) else _Claim.NO


def _claim_of_ended(ended: Ended, settlement: Settlement | None) -> _Claim:
    is_in_doubt = ended.ending.state is OperationState.IN_DOUBT
    may_have_bought = settlement.is_done if settlement else is_in_doubt
    is_bought = ended.ending.state in BOUGHT and not ended.purchases
    return _Claim.UNCLEAR if may_have_bought or is_bought else _Claim.NO


def _decided_at(ended: Ended, settlement: Settlement | None) -> float:
    return settlement.at if settlement else ended.ending.at


def _has_found_its_own(other: StoredOperation) -> bool:
    """Whether its end, which credits what it has found, is being stored."""
    last = other.steps[-1] if other.steps else None
    return isinstance(last, Looked) and last.verdict is Verdict.DONE


def _purchases(other: StoredOperation) -> tuple[str, ...]:
    if other.ended is not None:
        return other.ended.purchases
    accepted = (each for each in other.steps if isinstance(each, Sent) and _is_bought(each))
    names = (name for each in accepted for name in (each.reference, each.purchase))
    return tuple(name.lower() for name in names if name)


def _is_bought(sent: Sent) -> bool:
    return sent.outcome is AttemptOutcome.SUCCEEDED and not sent.has_errors
