"""The dates on which a term may end, instead of its usual end. Source: CONTRACT 4.20, 5.8, 6.8."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import field


@strawberry.enum(description="What a custom end of a term is aligned to.")
class CustomTermEndDateType(Enum):
    CALENDAR_MONTH_ALIGNED = strawberry.enum_value(
        "CALENDAR_MONTH_ALIGNED", description="The end of a calendar month."
    )
    SUBSCRIPTION_ALIGNED = strawberry.enum_value(
        "SUBSCRIPTION_ALIGNED", description="The end of another subscription's term."
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="A value that this version of the graph does not know. The raw field has it.",
    )


@strawberry.type(description="A date on which the first term after a purchase or renewal may end.")
class CustomTermEndDate:
    allowed_custom_term_end_date_type: CustomTermEndDateType | None = field(
        default=None, description="What the date is aligned to."
    )
    raw_allowed_custom_term_end_date_type: str | None = field(
        default=None,
        description="`allowedCustomTermEndDateType` as Partner Center sent it.",
    )
    allowed_custom_term_end_date: datetime | None = field(
        default=None, description="The date. Partner Center sends it without a zone, in UTC."
    )
    raw_allowed_custom_term_end_date: str | None = field(
        default=None, description="`allowedCustomTermEndDate` as Partner Center sent it."
    )
    coterm_subscription_ids: list[strawberry.ID] = field(
        default_factory=list,
        description="The ids of the subscriptions that end on this date. Empty for a month's end.",
    )
