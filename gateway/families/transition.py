"""Transitions of license subscriptions to new commerce (CONTRACT 4.16 to 4.18, 10.3)."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import msgspec
from msgspec.structs import replace
from strawberry import ID

from gateway.families.audit_matching import names_target
from gateway.families.base import PartnerCenterFamily, build_slot
from gateway.families.examination import Examination
from gateway.families.source_rules import (
    find_subscription,
    show_source,
    validate_source,
    with_offer,
)
from gateway.families.step_results import send_failed
from gateway.families.transition_preview import describe_transition
from gateway.families.transition_rules import (
    created_subscription,
    failure_message,
    find_transition,
    judge_progress,
    judge_subscriptions,
    judge_transitions,
)
from gateway.families.transition_targets import (
    find_targets,
    find_title,
    validate_eligibility,
)
from gateway.operations.activities import ResultFields, SendSlot
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    PollResult,
    ReconcileResult,
    SendResult,
    UpstreamProgress,
)
from gateway.upstream.commands import (
    CommandOutcome,
    CommandResult,
    PartnerCommands,
    TransitionCommand,
)
from resolvers.orders import Order, TransitionOrder
from resolvers.ports.directory import Directory
from schema.audit_record import AuditRecord
from schema.billing import parse_billing_cycle
from schema.customer_subscription import CustomerSubscription
from schema.keys import TransitionEligibilitiesKey
from schema.operation import AttemptOutcome
from schema.order import OperationOrder
from schema.subscription_terms import CommerceFamily
from schema.transition import Transition

_OTHER_FAMILIES: Final = {CommerceFamily.LEGACY_AZURE}


class Transitions(PartnerCenterFamily[TransitionOrder]):
    order_type = TransitionOrder
    audit_types = frozenset({"update_subscription", "create_order"})
    polls = True

    async def examine(self, order: TransitionOrder, directory: Directory) -> Examination:
        held = await directory.subscriptions(order.source.customer_id)
        source = find_subscription(held, order.source.subscription_id)
        refusal = validate_source(source, order.source, _OTHER_FAMILIES)
        if source is None or refusal is not None:
            return Examination(show=partial(show_source, source), refusal=refusal)
        key = TransitionEligibilitiesKey(order.source, scheduled=False)
        eligibilities = await directory.transition_eligibilities(key)
        return Examination(
            show=partial(describe_transition, order, source, eligibilities, held),
            refusal=validate_eligibility(order, eligibilities, source.quantity),
            baseline=replace(
                _build_baseline(order, source, held),
                target_name=find_title(find_targets(order, eligibilities)),
            ),
        )

    async def complete_baseline(
        self, order: TransitionOrder, baseline: Baseline, directory: Directory
    ) -> Baseline:
        if not baseline.is_listed:
            return baseline
        made = await directory.transitions(order.source)
        known_ids = tuple(t.operation_id.lower() for t in made if t.operation_id)
        return replace(baseline, known_ids=known_ids)

    async def prepare(
        self, order: TransitionOrder, baseline: Baseline, commands: PartnerCommands
    ) -> SendSlot | Blocker:
        prepared = await commands.prepare_transition(
            TransitionCommand(order.source, _order_members(order))
        )
        return build_slot(prepared, partial(self._send_result, order, baseline))

    def _send_result(
        self, order: TransitionOrder, baseline: Baseline, outcome: CommandOutcome[Transition]
    ) -> SendResult:
        if not isinstance(outcome, CommandResult):
            return send_failed(outcome, self.now())
        made = outcome.value
        return SendResult(
            outcome=AttemptOutcome.SUCCEEDED,
            at=self.now(),
            # Without a list there is nothing to poll.
            reference=made.operation_id if baseline.is_listed else None,
            purchase=created_subscription(order, made),
            body=msgspec.json.encode(made).decode(),
            status=outcome.status,
        )

    async def reconcile_order(
        self, order: TransitionOrder, baseline: Baseline, directory: Directory
    ) -> ReconcileResult:
        """Look for a new transition; if the source has no list of them, for a new subscription."""
        if not baseline.is_listed:
            held = await directory.subscriptions(order.source.customer_id)
            verdict, target_id = judge_subscriptions(order, baseline, held)
            return ReconcileResult(at=self.now(), verdict=verdict, purchase=target_id)
        listed = await directory.transitions(order.source)
        verdict, made = judge_transitions(order, baseline, listed)
        if made is None:
            return ReconcileResult(at=self.now(), verdict=verdict)
        return ReconcileResult(
            at=self.now(),
            verdict=verdict,
            reference=made.operation_id,
            purchase=created_subscription(order, made),
            body=msgspec.json.encode(made).decode(),
        )

    async def poll_order(
        self, order: TransitionOrder, reference: str, directory: Directory
    ) -> PollResult:
        made = find_transition(await directory.transitions(order.source), reference)
        if made is None:
            return PollResult(at=self.now(), progress=UpstreamProgress.RUNNING)
        return PollResult(
            at=self.now(),
            progress=judge_progress(made, order),
            message=failure_message(made),
            purchase=created_subscription(order, made),
            body=msgspec.json.encode(made).decode(),
        )

    def show_order(self, order: TransitionOrder, quantity: int | None) -> OperationOrder:
        receiver_id = order.to_subscription_id
        return OperationOrder(
            customer_id=ID(order.customer_id),
            subscription_id=ID(order.source.subscription_id),
            quantity=order.quantity,
            to_catalog_item_id=ID(order.to_catalog_item_id),
            transition_type=order.transition_type,
            to_subscription_id=None if receiver_id is None else ID(receiver_id),
            term_duration=order.term_duration,
            billing_cycle=parse_billing_cycle(order.billing_cycle),
            raw_billing_cycle=order.billing_cycle,
            promotion_id=order.promotion_id,
        )

    def names_change(self, order: Order, quantity: int | None, record: AuditRecord) -> bool:
        # The item that an existing subscription receives is named, too.
        return names_target(self._require(order).to_catalog_item_id.lower(), quantity, record)

    def show_result(self, order: TransitionOrder, body: str) -> ResultFields:
        return {"transition": msgspec.json.decode(body, type=Transition)}


def _build_baseline(
    order: TransitionOrder, source: CustomerSubscription, held: Sequence[CustomerSubscription]
) -> Baseline:
    """Build the state before the first attempt. Only new commerce lists transitions (4.17)."""
    if source.commerce is not CommerceFamily.LEGACY_LICENSE:
        return Baseline(quantity=order.quantity, is_listed=True)
    return Baseline(
        quantity=order.quantity,
        known_ids=tuple(s.id.lower() for s in with_offer(held, order.to_catalog_item_id)),
        source_quantity=source.quantity,
    )


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
