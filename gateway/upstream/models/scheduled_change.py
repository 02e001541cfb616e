"""Changes at the end of a term, in the two shapes in which they are sent (CONTRACT 4.19, 5.8)."""

from collections.abc import Sequence

import schema.scheduled_change as graph
from gateway.upstream.models.base import WireEnum, WireModel, WireText, to_datetime
from gateway.upstream.models.enums import SCHEDULE_TYPE, SCHEDULED_ACTION_TYPE, raw_enum
from gateway.upstream.models.subscription_terms import WireTermInstructions, to_term_instructions
from schema.subscription_terms import TermInstructions


class WireScheduledAction(WireModel):
    """An action of CONTRACT 5.8. Its type is `scheduleType` or `scheduledType` (Q33)."""

    schedule_type: WireEnum = None
    scheduled_type: WireEnum = None
    action_type: WireEnum = None
    effective_date: WireText | None = None
    instructions: WireTermInstructions | None = None


def to_scheduled_action(wire: WireScheduledAction) -> graph.ScheduledAction:
    schedule_type = wire.scheduled_type if wire.schedule_type is None else wire.schedule_type
    return graph.ScheduledAction(
        schedule_type=SCHEDULE_TYPE(schedule_type),
        raw_schedule_type=raw_enum(schedule_type),
        action_type=SCHEDULED_ACTION_TYPE(wire.action_type),
        raw_action_type=raw_enum(wire.action_type),
        effective_date=to_datetime(wire.effective_date),
        raw_effective_date=wire.effective_date,
        instructions=to_term_instructions(wire.instructions),
    )


def to_scheduled_change(
    actions: Sequence[WireScheduledAction] | None, instructions: WireTermInstructions | None
) -> graph.ScheduledChange | None:
    """Return the scheduled change that takes effect.

    Args:
        actions: `scheduledActions`. If there are any, the instructions have no effect (Q34).
        instructions: `scheduledNextTermInstructions`.
    """
    if actions:
        return _from_actions([to_scheduled_action(action) for action in actions])
    terms = to_term_instructions(instructions)
    if terms is None:
        return None
    shape = graph.ScheduledChangeShape.SCHEDULED_NEXT_TERM_INSTRUCTIONS
    action = graph.ScheduledAction(
        schedule_type=graph.ScheduleType.TERM_END,
        action_type=graph.ScheduledActionType.RENEW_TO_NEW_TERM,
        instructions=terms,
    )
    return _build_change(shape, action)


def _from_actions(actions: Sequence[graph.ScheduledAction]) -> graph.ScheduledChange:
    """Choose the action at the end of the term, else the first."""
    at_term_end = (a for a in actions if a.schedule_type is graph.ScheduleType.TERM_END)
    chosen = next(at_term_end, actions[0])
    return _build_change(graph.ScheduledChangeShape.SCHEDULED_ACTIONS, chosen)


def _build_change(
    shape: graph.ScheduledChangeShape, action: graph.ScheduledAction
) -> graph.ScheduledChange:
    terms = action.instructions or TermInstructions()
    return graph.ScheduledChange(
        shape=shape,
        schedule_type=action.schedule_type,
        raw_schedule_type=action.raw_schedule_type,
        action_type=action.action_type,
        raw_action_type=action.raw_action_type,
        effective_date=action.effective_date,
        raw_effective_date=action.raw_effective_date,
        product=terms.product,
        quantity=terms.quantity,
        custom_term_end_date=terms.custom_term_end_date,
        raw_custom_term_end_date=terms.raw_custom_term_end_date,
    )
