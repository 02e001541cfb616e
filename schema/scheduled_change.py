"""A change at the end of a subscription's term. Source: CONTRACT 4.19, 5.8, 6.8."""

from datetime import date, datetime
from enum import Enum
from typing import NamedTuple

import strawberry
from strawberry import field

from schema.billing import BillingCycle
from schema.subscription_terms import TermInstructions, TermProduct


@strawberry.enum(description="The action that is scheduled for a subscription.")
class ScheduledActionType(Enum):
    RENEW_TO_NEW_TERM = strawberry.enum_value(
        "RENEW_TO_NEW_TERM", description="Renew, with the product and terms that are scheduled."
    )
    RENEW_TO_EXTENDED_SERVICE_TERM = strawberry.enum_value(
        "RENEW_TO_EXTENDED_SERVICE_TERM", description="Continue in the extended service term."
    )
    TRANSITION = strawberry.enum_value("TRANSITION", description="Change to another product.")
    CANCEL = strawberry.enum_value("CANCEL", description="End the subscription.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="A value that this version of the graph does not know. The raw field has it.",
    )


@strawberry.enum(description="When a scheduled action takes effect.")
class ScheduleType(Enum):
    TERM_END = strawberry.enum_value("TERM_END", description="At the end of the term.")
    CUSTOM_DATE = strawberry.enum_value("CUSTOM_DATE", description="At `effectiveDate`.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="A value that this version of the graph does not know. The raw field has it.",
    )


@strawberry.enum(description="The member of Partner Center's subscription that has the change.")
class ScheduledChangeShape(Enum):
    """The form in which the vendor sends a change.

    If both are present, `scheduledActions` counts.
    """

    SCHEDULED_ACTIONS = strawberry.enum_value("SCHEDULED_ACTIONS", description="The newer member.")
    SCHEDULED_NEXT_TERM_INSTRUCTIONS = strawberry.enum_value(
        "SCHEDULED_NEXT_TERM_INSTRUCTIONS", description="The older member."
    )


@strawberry.type(description="An action that is scheduled for a subscription.")
class ScheduledAction:
    schedule_type: ScheduleType | None = field(
        default=None, description="When the action takes effect."
    )
    raw_schedule_type: str | None = field(
        default=None,
        description="`scheduleType` or `scheduledType` as Partner Center sent it.",
    )
    action_type: ScheduledActionType | None = field(
        default=None, description="The action that is scheduled."
    )
    raw_action_type: str | None = field(
        default=None, description="`actionType` as Partner Center sent it."
    )
    effective_date: datetime | None = field(
        default=None, description="The date of the action, if Partner Center sent one."
    )
    raw_effective_date: str | None = field(
        default=None, description="`effectiveDate` as Partner Center sent it."
    )
    instructions: TermInstructions | None = field(
        default=None, description="The product and the terms after the action."
    )


class ScheduledTerms(NamedTuple):
    """The terms by which two scheduled changes are compared.

    They lack ids of availabilities, which the vendor replaces, and promotions: Partner Center adds
    one that nobody sent, and drops others.

    Attributes:
        ends_on: the custom end of the term, a day in UTC.
    """

    action_type: ScheduledActionType | None
    product_id: str
    sku_id: str
    term_duration: str
    billing_cycle: BillingCycle | None
    quantity: int | None
    ends_on: date | None


@strawberry.type(
    description=(
        "The change that Partner Center makes when the term of a subscription ends, if the"
        " subscription renews itself. Null if none is scheduled. Trials always have one. A"
        " cancellation, a transition, a change of the quantity or the term, switching renewal"
        " off and a suspension delete it."
    )
)
class ScheduledChange:
    shape: ScheduledChangeShape = field(
        description="The member of the subscription from which the change was read."
    )
    schedule_type: ScheduleType | None = field(
        default=None,
        description="When the change takes effect. The older member means `TERM_END`.",
    )
    raw_schedule_type: str | None = field(
        default=None,
        description="As Partner Center sent it. The older member has none.",
    )
    action_type: ScheduledActionType | None = field(
        default=None,
        description="The action that is scheduled. The older member means `RENEW_TO_NEW_TERM`.",
    )
    raw_action_type: str | None = field(
        default=None, description="As Partner Center sent it. The older member has none."
    )
    effective_date: datetime | None = field(
        default=None, description="The date of the change, if Partner Center sent one."
    )
    raw_effective_date: str | None = field(
        default=None, description="`effectiveDate` as Partner Center sent it."
    )
    product: TermProduct | None = field(
        default=None, description="The product and the terms after the change."
    )
    quantity: int | None = field(
        default=None, description="The number of licenses after the change."
    )
    custom_term_end_date: datetime | None = field(
        default=None,
        description="When the next term ends, if it does not end at the usual time.",
    )
    raw_custom_term_end_date: str | None = field(
        default=None, description="`customTermEndDate` as Partner Center sent it."
    )

    @property
    def terms(self) -> ScheduledTerms:
        """The terms by which two changes are compared."""
        product, ends = self.product or TermProduct(), self.custom_term_end_date
        return ScheduledTerms(
            self.action_type,
            (product.product_id or "").lower(),
            (product.sku_id or "").lower(),
            (product.term_duration or "").upper(),
            product.billing_cycle,
            self.quantity,
            None if ends is None else ends.date(),
        )
