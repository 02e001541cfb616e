"""Orders to schedule a change at the end of a subscription's term, and to remove it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Self

from resolvers.orders.base import (
    Order,
    parse_quantity,
    parse_source,
    register_order_type,
    subscription_subject,
)
from schema import arguments
from schema.keys import SubscriptionKey
from schema.operation_kind import OperationKind
from schema.scheduled_change_inputs import CancelScheduledUpgradeInput, ScheduleUpgradeInput


@dataclass(frozen=True, slots=True)
class ScheduledChangeOrder(Order):
    """An order that schedules a change for the end of a term, or removes one (CONTRACT 4.19).

    Attributes:
        replaces_actions: whether to override `scheduledActions` too, which another person may have
            chosen.
    """

    is_repeatable: ClassVar[bool] = True

    source: SubscriptionKey
    replaces_actions: bool = False

    @property
    def customer_id(self) -> str:
        return self.source.customer_id

    @property
    def subject(self) -> str:
        return subscription_subject(self.source)

    @property
    def source_id(self) -> str:
        return self.source.subscription_id.lower()


@register_order_type
@dataclass(frozen=True, slots=True)
class ScheduleUpgradeOrder(ScheduledChangeOrder):
    """Schedules a change for the renewal of a subscription. A member that is None changes nothing.

    Attributes:
        custom_term_end_date: in ISO 8601, in UTC without a zone.
    """

    kind: ClassVar[str] = OperationKind.SCHEDULE_UPGRADE.name
    input_type: ClassVar[type] = ScheduleUpgradeInput

    to_catalog_item_id: str | None = None
    quantity: int | None = None
    term_duration: str | None = None
    billing_cycle: str | None = None
    promotion_id: str | None = None
    custom_term_end_date: str | None = None

    @classmethod
    def parse(cls, input: ScheduleUpgradeInput) -> Self:
        target, term = input.to_catalog_item_id, input.term_duration
        cycle, ends = input.billing_cycle, input.custom_term_end_date
        return cls(
            source=parse_source(input.customer_id, input.subscription_id),
            replaces_actions=input.replace_scheduled_actions is True,
            to_catalog_item_id=(
                None
                if target is None
                else arguments.parse_catalog_item_id("toCatalogItemId", target)
            ),
            quantity=None if input.quantity is None else parse_quantity(input.quantity),
            term_duration=(
                None if term is None else arguments.parse_term_duration("termDuration", term)
            ),
            billing_cycle=None if cycle is None else cycle.name,
            promotion_id=input.promotion_id,
            custom_term_end_date=None if ends is None else _format_utc(ends),
        )

    @property
    def policy_type(self) -> str:
        return "SCHEDULED_CHANGE"

    @property
    def seats(self) -> int | None:
        return self.quantity


@register_order_type
@dataclass(frozen=True, slots=True)
class CancelScheduledUpgradeOrder(ScheduledChangeOrder):
    """Removes the scheduled change of a subscription, so that it renews unchanged."""

    kind: ClassVar[str] = OperationKind.CANCEL_SCHEDULED_UPGRADE.name
    input_type: ClassVar[type] = CancelScheduledUpgradeInput

    @classmethod
    def parse(cls, input: CancelScheduledUpgradeInput) -> Self:
        return cls(
            source=parse_source(input.customer_id, input.subscription_id),
            replaces_actions=input.replace_scheduled_actions is True,
        )

    @property
    def policy_type(self) -> str:
        return "SCHEDULED_CHANGE"

    @property
    def seats(self) -> int:
        return 0


def _format_utc(ends: datetime) -> str:
    in_utc = ends.astimezone(UTC) if ends.tzinfo else ends
    return in_utc.replace(tzinfo=None).isoformat(timespec="seconds")
