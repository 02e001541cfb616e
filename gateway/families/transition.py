"""Transitions of license subscriptions to new commerce (CONTRACT 4.16 to 4.18, 10.3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import msgspec

from gateway.families.base import (
    NO_CREDENTIALS,
    FamilyActivities,
    blocker_from,
    command_slot,
    failure_from,
)
from gateway.families.subscriptions import find_subscription, with_offer
from gateway.operations.activities import SendSlot
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    CheckResult,
    Failure,
    PollResult,
    ReconcileResult,
    SendResult,
    UpstreamProgress,
    Verdict,
)
from gateway.upstream.commands import CommandOutcome, CommandResult, TransitionCommand
from gateway.upstream.errors import UpstreamError
from resolvers.orders import TransitionOrder
from resolvers.ports.directory import Directory
from resolvers.validation import validate_source
from schema.customer_subscription import CustomerSubscription
from schema.keys import TransitionEligibilitiesKey
from schema.operation import AttemptOutcome
from schema.subscription_terms import CommerceFamily, SubscriptionStatus
from schema.transition import Transition, TransitionEventName, TransitionEventStatus
from schema.transition_eligibility import (
    TargetSubscriptionEligibilityDetail,
    TransitionEligibility,
    TransitionEligibilityDetail,
)
from schema.user_errors import UserErrorCode

_OTHER_MUTATION: Final = {CommerceFamily.LEGACY_AZURE: "requestProductUpgrade"}


@dataclass(frozen=True, slots=True)
class Transitions(FamilyActivities):
    """Turns one subscription into another catalog item."""

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        """Read the source, what it can become, and the transitions it has made."""
        scope = self.open_scope(record.principal, correlation_id)
        if scope is None:
            return CheckResult(at=self.clock.wall(), blocker=NO_CREDENTIALS)
        order, directory = _transition_order(record), self.directory(scope)
        try:
            held = await directory.subscriptions(order.source.customer_id)
            source = find_subscription(held, order.source.subscription_id)
            refusal = failure_from(validate_source(source, order.source, _OTHER_MUTATION))
            if refusal is None:
                key = TransitionEligibilitiesKey(order.source, scheduled=False)
                listed = await directory.transition_eligibilities(key)
                refusal = validate_order(order, listed, source.quantity if source else None)
            facts = Baseline() if refusal else await _read_baseline(directory, order, held, source)
        except UpstreamError as error:
            return self.check_failed(error)
        if refusal is not None:
            return CheckResult(at=self.clock.wall(), refusal=refusal)
        return CheckResult(at=self.clock.wall(), baseline=facts)

    async def acquire_slot(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        """Wait until the transition could begin at once."""
        scope = self.open_scope(record.principal, correlation_id)
        if scope is None:
            return NO_CREDENTIALS
        order = _transition_order(record)
        wish = TransitionCommand(order.source, _order_members(order))
        prepared = await self.commands(scope, record.request_id).prepare_transition(wish)
        return command_slot(prepared, partial(self._record_result, order, facts))

    def _record_result(
        self, order: TransitionOrder, facts: Baseline, outcome: CommandOutcome[Transition]
    ) -> SendResult:
        if not isinstance(outcome, CommandResult):
            return self.send_failed(outcome)
        made = outcome.value
        return SendResult(
            outcome=AttemptOutcome.SUCCEEDED,
            at=self.clock.wall(),
            reference=made.operation_id if facts.is_listed else None,
            purchase=_new_subscription(order, made),
            body=msgspec.json.encode(made).decode(),
            status=outcome.status,
        )

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        """Find a transition, or of a legacy source a subscription, that was not there before."""
        scope = self.open_scope(record.principal, None)
        if scope is None:
            return ReconcileResult(at=self.clock.wall(), blocker=NO_CREDENTIALS)
        order, directory = _transition_order(record), self.directory(scope)
        try:
            if facts.is_listed:
                made = await directory.transitions(order.source)
                return self._judge_transitions(order, facts, made)
            held = await directory.subscriptions(order.source.customer_id)
        except UpstreamError as error:
            return ReconcileResult(at=self.clock.wall(), blocker=blocker_from(error))
        verdict, target = judge_subscriptions(order, facts, held)
        return ReconcileResult(at=self.clock.wall(), verdict=verdict, purchase=target)

    def _judge_transitions(
        self, order: TransitionOrder, facts: Baseline, made: Sequence[Transition]
    ) -> ReconcileResult:
        ids = {
            each.operation_id.lower()
            for each in made
            if each.operation_id and _is_target(each.to_catalog_item_id, order)
        }
        new = ids.difference(facts.known_ids)
        at = self.clock.wall()
        if len(new) != 1:
            return ReconcileResult(at=at, verdict=Verdict.UNCLEAR if new else Verdict.NOT_DONE)
        found = _find_by_id(made, new.pop())
        assert found is not None  # noqa: S101 - its id is of this list
        return ReconcileResult(
            at=at,
            verdict=Verdict.DONE,
            reference=found.operation_id,
            purchase=_new_subscription(order, found),
            body=msgspec.json.encode(found).decode(),
        )

    async def poll(self, record: OperationRecord, reference: str) -> PollResult:
        """Read its events."""
        scope = self.open_scope(record.principal, None)
        if scope is None:
            return PollResult(at=self.clock.wall(), blocker=NO_CREDENTIALS)
        order = _transition_order(record)
        try:
            made = await self.directory(scope).transitions(order.source)
        except UpstreamError as error:
            return PollResult(at=self.clock.wall(), blocker=blocker_from(error))
        own = _find_by_id(made, reference)
        if own is None:
            return PollResult(at=self.clock.wall(), progress=UpstreamProgress.RUNNING)
        return PollResult(
            at=self.clock.wall(),
            progress=judge_progress(own, order),
            message=_reason(own),
            purchase=_new_subscription(order, own),
            body=msgspec.json.encode(own).decode(),
        )


def validate_order(
    order: TransitionOrder,
    eligibilities: Sequence[TransitionEligibility],
    source_quantity: int | None = None,
) -> Failure | None:
    """Refuse everything but what the vendor says is possible now; what is absent is a no.

    A target may be listed several times: a no in any of them counts.
    """
    targets = [each for each in eligibilities if _is_target(each.catalog_item_id, order)]
    if not targets:
        known = ", ".join(sorted(str(e.catalog_item_id) for e in eligibilities)) or "nothing"
        message = f"It cannot become {order.to_catalog_item_id}; it can become {known}."
        return Failure(code=UserErrorCode.NOT_ELIGIBLE, message=message)
    return (
        _validate_type(order, targets)
        or _validate_receiver(order, targets)
        or _validate_quantity(order, targets, source_quantity)
    )


def _validate_type(
    order: TransitionOrder, targets: Sequence[TransitionEligibility]
) -> Failure | None:
    details = [
        detail
        for target in targets
        for detail in target.eligibilities
        if detail.transition_type is order.transition_type
    ]
    unlisted = f"Partner Center does not list {order.transition_type.name} for this target"
    return _require_eligible(details, unlisted)


def _validate_receiver(
    order: TransitionOrder, targets: Sequence[TransitionEligibility]
) -> Failure | None:
    receiver_id = order.to_subscription_id
    if receiver_id is None:
        return None
    details = [
        detail
        for target in targets
        for detail in target.subscription_eligibilities
        if (detail.subscription_id or "").lower() == receiver_id.lower()
    ]
    unlisted = f"Partner Center does not list subscription {receiver_id} as a receiver"
    return _require_eligible(details, unlisted, ["input", "toSubscriptionId"])


def _require_eligible(
    details: Sequence[TransitionEligibilityDetail | TargetSubscriptionEligibilityDetail],
    unlisted: str,
    field: list[str] | None = None,
) -> Failure | None:
    if details and all(detail.is_eligible for detail in details):
        return None
    errors = [
        f"{error.code.name}: {error.description or 'no text'}"
        for detail in details
        if not detail.is_eligible
        for error in detail.errors
    ]
    reason = "; ".join(errors) or ("Partner Center gives no reason." if details else f"{unlisted}.")
    message = f"Not possible now: {reason}"
    return Failure(code=UserErrorCode.NOT_ELIGIBLE, message=message, field=field)


def _validate_quantity(
    order: TransitionOrder, targets: Sequence[TransitionEligibility], source_quantity: int | None
) -> Failure | None:
    told = [target.quantity for target in targets if target.quantity is not None]
    most = min(told) if told else source_quantity
    if most is None or order.quantity <= most:
        return None
    message = f"quantity is from 1 to {most}, not {order.quantity}."
    field = ["input", "quantity"]
    return Failure(code=UserErrorCode.QUANTITY_OUT_OF_RANGE, message=message, field=field)


def judge_progress(made: Transition, order: TransitionOrder) -> UpstreamProgress:
    """Judge by the events: the conversion first, then licenses where any are moved.

    A whole transition in place always moves them, a partial one only if asked to (CONTRACT 10.3).
    """
    converted = _latest_status(made, TransitionEventName.CONVERSION)
    if converted is TransitionEventStatus.FAILED:
        return UpstreamProgress.FAILED
    if converted is not TransitionEventStatus.COMPLETED:
        return UpstreamProgress.RUNNING
    moved = _latest_status(made, TransitionEventName.LICENSE_REASSIGNMENT)
    if moved is TransitionEventStatus.FAILED:
        return UpstreamProgress.DONE_WITH_LICENSE_ERRORS
    is_expected = order.moves_licenses or made.to_subscription_id is None
    is_over = moved is TransitionEventStatus.COMPLETED or (moved is None and not is_expected)
    return UpstreamProgress.DONE if is_over else UpstreamProgress.RUNNING


# A transition that is wrongly held to have failed is bought again, so completed ranks highest.
_ADVANCEMENT: Final = (
    TransitionEventStatus.IN_PROGRESS,
    TransitionEventStatus.FAILED,
    TransitionEventStatus.COMPLETED,
)


def _latest_status(made: Transition, name: TransitionEventName) -> TransitionEventStatus | None:
    """Return the status of the newest event, in whatever order events are listed.

    Of events at the same time, or if any has no time, it is the most advanced status.
    """
    events = [event for event in made.events if event.name is name]
    times = [event.timestamp for event in events if event.timestamp is not None]
    if len(times) == len(events) and times:
        events = [event for event in events if event.timestamp == max(times)]
    statuses = [event.status or TransitionEventStatus.UNKNOWN for event in events]
    return max(statuses, key=_advancement, default=None)


def _advancement(status: TransitionEventStatus) -> int:
    return _ADVANCEMENT.index(status) if status in _ADVANCEMENT else -1


def judge_subscriptions(
    order: TransitionOrder, facts: Baseline, held: Sequence[CustomerSubscription]
) -> tuple[Verdict, str | None]:
    """Judge a legacy source's transition by the customer's subscriptions.

    It was done when one subscription of the target is new, and the source has what is left: a
    transition of all licenses puts it out of service. Into an existing subscription nothing new is
    made, and only a source that is as it was says that nothing was done.
    """
    source = find_subscription(held, order.source.subscription_id)
    in_service = source if source and source.status is SubscriptionStatus.ACTIVE else None
    new = [
        s.id
        for s in with_offer(held, order.to_catalog_item_id)
        if s.id.lower() not in facts.known_ids and order.to_subscription_id is None
    ]
    if len(new) == 1 and _has_given(order, facts, in_service):
        return Verdict.DONE, str(new[0])
    before = facts.source_quantity
    is_untouched = in_service is not None and before in {None, in_service.quantity}
    return (Verdict.NOT_DONE if is_untouched and not new else Verdict.UNCLEAR), None


def _has_given(
    order: TransitionOrder, facts: Baseline, in_service: CustomerSubscription | None
) -> bool:
    """Whether the source lacks what was ordered of it."""
    left = (facts.source_quantity or 0) - order.quantity
    if in_service is None:
        return left <= 0
    return left > 0 and in_service.quantity == left


async def _read_baseline(
    directory: Directory,
    order: TransitionOrder,
    held: Sequence[CustomerSubscription],
    source: CustomerSubscription | None,
) -> Baseline:
    """List what is there already; only new commerce keeps a list of transitions (4.17)."""
    if source is None or source.commerce is CommerceFamily.LEGACY_LICENSE:
        known = tuple(s.id.lower() for s in with_offer(held, order.to_catalog_item_id))
        return Baseline(
            quantity=order.quantity,
            known_ids=known,
            source_quantity=source.quantity if source else None,
        )
    made = await directory.transitions(order.source)
    known = tuple(t.operation_id.lower() for t in made if t.operation_id)
    return Baseline(quantity=order.quantity, known_ids=known, is_listed=True)


def _order_members(order: TransitionOrder) -> dict[str, str | int]:
    optional = {
        "toSubscriptionId": order.to_subscription_id,
        "termDuration": order.term_duration,
        "billingCycle": order.billing_cycle,
        "promotionId": order.promotion_id,
    }
    return {
        "toCatalogItemId": order.to_catalog_item_id,
        "quantity": order.quantity,
        "transitionType": order.transition_type.name.lower(),
        **{name: value for name, value in optional.items() if value is not None},
    }


def _find_by_id(made: Sequence[Transition], operation_id: str) -> Transition | None:
    """Find a transition; entries that the list repeats are one, with the events of all."""
    same = [each for each in made if (each.operation_id or "").lower() == operation_id.lower()]
    if len(same) <= 1:
        return same[0] if same else None
    return replace(
        same[0],
        to_subscription_id=next(filter(None, (each.to_subscription_id for each in same)), None),
        events=[event for each in same for event in each.events],
    )


def _new_subscription(order: TransitionOrder, made: Transition) -> str | None:
    """Return the id of what a transition made; None where it keeps or extends a subscription."""
    return made.to_subscription_id if order.to_subscription_id is None else None


def _reason(made: Transition) -> str | None:
    faults = [fault for event in made.events for fault in event.errors]
    return next((fault.description for fault in faults if fault.description), None)


def _is_target(catalog_item_id: str | None, order: TransitionOrder) -> bool:
    return (catalog_item_id or "").lower() == order.to_catalog_item_id.lower()


def _transition_order(record: OperationRecord) -> TransitionOrder:
    order = record.order
    if not isinstance(order, TransitionOrder):
        raise TypeError(f"{record.kind.name} is no transition")
    return order
