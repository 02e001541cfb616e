"""Changes at the end of a term (CONTRACT 4.19, 10.4).

The subscription itself says what is scheduled. So its state decides about lost responses, and
sending an order again is harmless.
"""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import msgspec
from strawberry import ID

from gateway.families.base import PartnerCenterFamily, build_slot
from gateway.families.examination import Examination
from gateway.families.scheduled_change_audit import names_removal, names_schedule
from gateway.families.scheduled_change_preview import describe_removal, describe_schedule
from gateway.families.scheduled_change_rules import (
    decide_next_term,
    find_item,
    find_title,
    has_promotion,
    is_scheduled,
    keeps_sku,
    validate_renewal,
    validate_target,
)
from gateway.families.source_rules import find_subscription, show_source, validate_source
from gateway.families.step_results import send_failed
from gateway.operations.activities import ResultFields, SendSlot
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    ReconcileResult,
    SendResult,
    Verdict,
)
from gateway.upstream.commands import CommandOutcome, CommandResult, PartnerCommands
from gateway.upstream.errors import UpstreamNotFound
from gateway.upstream.scheduled_changes import NextTerm, ScheduleCommand
from resolvers.orders import (
    AnyOrder,
    CancelScheduledUpgradeOrder,
    Order,
    ScheduleUpgradeOrder,
)
from resolvers.orders.scheduled_change import ScheduledChangeOrder
from resolvers.ports.directory import Directory
from schema.audit_record import AuditRecord
from schema.availability import Availability
from schema.billing import parse_billing_cycle
from schema.customer_subscription import CustomerSubscription
from schema.keys import AvailabilityKey, TransitionEligibilitiesKey
from schema.operation import AttemptOutcome
from schema.order import OperationOrder
from schema.scheduled_change import ScheduledChange
from schema.subscription_terms import CommerceFamily
from schema.transition_eligibility import TransitionEligibility
from schema.user_errors import UserError, UserErrorCode

_OTHER_FAMILIES: Final = {CommerceFamily.LEGACY_LICENSE, CommerceFamily.LEGACY_AZURE}
_UNCHANGED: Final = Blocker(message="Partner Center responded, but has not applied the change.")
_NO_REMOVAL: Final = UserError(
    code=UserErrorCode.NOT_ELIGIBLE,
    message=(
        "This gateway does not remove scheduled changes: Microsoft does not document how the API"
        " does it. Remove it in Partner Center, or ask the operator to confirm"
        " `partner.scheduled_change_removal`."
    ),
)
_NO_REMOVAL_FROM_TRIAL: Final = UserError(
    code=UserErrorCode.NOT_ELIGIBLE,
    message=(
        "A trial always has a scheduled change, which cannot be removed. Use `scheduleUpgrade` to"
        " renew it as something else, or switch auto-renew off in Partner Center."
    ),
)


class ScheduledChanges(PartnerCenterFamily[AnyOrder]):
    """The base class of families that schedule a change for the end of a term, or remove it."""

    audit_types = frozenset({"update_subscription"})

    @abstractmethod
    def is_applied(self, order: Any, baseline: Baseline, change: ScheduledChange | None) -> bool:
        """Whether the change that the vendor has scheduled is the one that the order requires."""

    def is_certainly_applied(
        self, order: Any, baseline: Baseline, change: ScheduledChange | None
    ) -> bool:
        """Like `is_applied`, for an attempt without a response.

        Returns False if that is uncertain: repeating the order is harmless.
        """
        return self.is_applied(order, baseline, change)

    def _send_result(
        self, order: Any, baseline: Baseline, outcome: CommandOutcome[CustomerSubscription]
    ) -> SendResult:
        if not isinstance(outcome, CommandResult):
            return send_failed(outcome, self.now())
        change = outcome.value.scheduled_change
        if not self.is_applied(order, baseline, change):
            # What is scheduled is read again: a newer member may have won (CONTRACT 11, Q34).
            return SendResult(outcome=AttemptOutcome.UNANSWERED, at=self.now(), blocker=_UNCHANGED)
        return SendResult(
            outcome=AttemptOutcome.SUCCEEDED,
            at=self.now(),
            body=_encode(change),
            status=outcome.status,
        )

    async def reconcile_order(
        self, order: Any, baseline: Baseline, directory: Directory
    ) -> ReconcileResult:
        held = await directory.subscriptions(order.source.customer_id)
        source = find_subscription(held, order.source.subscription_id)
        if source is None:
            return ReconcileResult(at=self.now(), verdict=Verdict.UNCLEAR)
        change = source.scheduled_change
        is_done = self.is_certainly_applied(order, baseline, change)
        return ReconcileResult(
            at=self.now(),
            verdict=Verdict.DONE if is_done else Verdict.NOT_DONE,
            body=_encode(change) if is_done else None,
        )

    def show_result(self, order: Any, body: str) -> ResultFields:
        change = msgspec.json.decode(body, type=ScheduledChange | None)
        return {} if change is None else {"scheduled_change": change}

    def _validate(
        self, source: CustomerSubscription | None, order: ScheduledChangeOrder
    ) -> UserError | None:
        refusal = validate_source(source, order.source, _OTHER_FAMILIES)
        if source is None or refusal is not None:
            return refusal
        return validate_renewal(source, order, datetime.fromtimestamp(self.now(), UTC))


class ScheduledUpgrades(ScheduledChanges[ScheduleUpgradeOrder]):
    order_type = ScheduleUpgradeOrder

    async def examine(self, order: ScheduleUpgradeOrder, directory: Directory) -> Examination:
        held = await directory.subscriptions(order.source.customer_id)
        source = find_subscription(held, order.source.subscription_id)
        refusal = self._validate(source, order)
        if source is None or refusal is not None:
            return Examination(show=partial(show_source, source), refusal=refusal)
        item = find_item(order, source)
        if item is None:
            return Examination(show=partial(show_source, source), refusal=_unknown_item(source))
        eligibilities: Sequence[TransitionEligibility] = ()
        if not keeps_sku(item, source):
            key = TransitionEligibilitiesKey(order.source, scheduled=True)
            eligibilities = await directory.transition_eligibilities(key)
            refusal = validate_target(item, eligibilities)
            if refusal is not None:
                return Examination(show=partial(show_source, source), refusal=refusal)
        next_term = decide_next_term(order, source, item, await _find_on_sale(item, directory))
        if isinstance(next_term, UserError):
            return Examination(show=partial(show_source, source), refusal=next_term)
        return Examination(
            show=partial(describe_schedule, source, next_term, item, eligibilities),
            baseline=Baseline(
                quantity=next_term.quantity,
                target_name=find_title(item, source, eligibilities),
                details=msgspec.to_builtins(next_term),
            ),
        )

    async def prepare(
        self, order: ScheduleUpgradeOrder, baseline: Baseline, commands: PartnerCommands
    ) -> SendSlot | Blocker:
        command = ScheduleCommand(order.source, _next_term(baseline), order.replaces_actions)
        return build_slot(
            await commands.prepare_schedule(command), partial(self._send_result, order, baseline)
        )

    def is_applied(
        self, order: ScheduleUpgradeOrder, baseline: Baseline, change: ScheduledChange | None
    ) -> bool:
        return is_scheduled(change, _next_term(baseline))

    def names_change(self, order: Order, quantity: int | None, record: AuditRecord) -> bool:
        return names_schedule(self._require(order), quantity, record)

    def is_certainly_applied(
        self, order: ScheduleUpgradeOrder, baseline: Baseline, change: ScheduledChange | None
    ) -> bool:
        # Partner Center drops a promotion that does not apply. Only a response shows that.
        return self.is_applied(order, baseline, change) and has_promotion(
            change, order.promotion_id
        )

    def show_order(self, order: ScheduleUpgradeOrder, quantity: int | None) -> OperationOrder:
        item_id, ends = order.to_catalog_item_id, order.custom_term_end_date
        return OperationOrder(
            customer_id=ID(order.customer_id),
            subscription_id=ID(order.source.subscription_id),
            quantity=quantity if order.quantity is None else order.quantity,
            to_catalog_item_id=None if item_id is None else ID(item_id),
            term_duration=order.term_duration,
            billing_cycle=parse_billing_cycle(order.billing_cycle),
            raw_billing_cycle=order.billing_cycle,
            promotion_id=order.promotion_id,
            custom_term_end_date=(
                None if ends is None else datetime.fromisoformat(ends).replace(tzinfo=UTC)
            ),
        )


class ScheduledUpgradeRemovals(ScheduledChanges[CancelScheduledUpgradeOrder]):
    order_type = CancelScheduledUpgradeOrder

    async def examine(
        self, order: CancelScheduledUpgradeOrder, directory: Directory
    ) -> Examination:
        held = await directory.subscriptions(order.source.customer_id)
        source = find_subscription(held, order.source.subscription_id)
        refusal = self._validate(source, order)
        if source is None or refusal is not None:
            return Examination(show=partial(show_source, source), refusal=refusal)
        refusal = self._validate_removal(source)
        return Examination(
            show=partial(describe_removal, source, is_eligible=refusal is None),
            refusal=refusal,
            baseline=Baseline(target_name=source.offer_name),
        )

    def _validate_removal(self, source: CustomerSubscription) -> UserError | None:
        if source.is_trial:
            return _NO_REMOVAL_FROM_TRIAL
        if source.scheduled_change is None:
            return UserError(
                code=UserErrorCode.NOT_ELIGIBLE,
                message="No change of the subscription is scheduled, so there is none to remove.",
            )
        return None if self._access.removes_scheduled_changes else _NO_REMOVAL

    async def prepare(
        self, order: CancelScheduledUpgradeOrder, baseline: Baseline, commands: PartnerCommands
    ) -> SendSlot | Blocker:
        command = ScheduleCommand(order.source, None, order.replaces_actions)
        return build_slot(
            await commands.prepare_schedule(command), partial(self._send_result, order, baseline)
        )

    def is_applied(
        self, order: CancelScheduledUpgradeOrder, baseline: Baseline, change: ScheduledChange | None
    ) -> bool:
        return change is None

    def names_change(self, order: Order, quantity: int | None, record: AuditRecord) -> bool:
        return names_removal(record)

    def show_order(
        self, order: CancelScheduledUpgradeOrder, quantity: int | None
    ) -> OperationOrder:
        return OperationOrder(
            customer_id=ID(order.customer_id), subscription_id=ID(order.source.subscription_id)
        )


def _encode(change: ScheduledChange | None) -> str | None:
    return None if change is None else msgspec.json.encode(change).decode()


def _next_term(baseline: Baseline) -> NextTerm:
    return msgspec.convert(baseline.details, NextTerm)


async def _find_on_sale(item: AvailabilityKey, directory: Directory) -> Availability | None:
    """Return the item as it is sold now; None if it is not, which some targets need not be."""
    try:
        return await directory.availability(item)
    except UpstreamNotFound:
        return None


def _unknown_item(source: CustomerSubscription) -> UserError:
    return UserError(
        code=UserErrorCode.NOT_ELIGIBLE,
        message=(
            f"Partner Center does not return the catalog item of subscription {source.id}. Give"
            " the product to renew to as `toCatalogItemId`."
        ),
    )
