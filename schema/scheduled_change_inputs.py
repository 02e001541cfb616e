"""Inputs and payloads of the mutations of scheduled changes. Source: CONTRACT 4.19."""

from datetime import datetime

import strawberry
from strawberry import field

from schema.billing import BillingCycleInput
from schema.operation import UpgradeOperation
from schema.user_errors import UserError


@strawberry.input(description="The input of `scheduleUpgrade`.")
class ScheduleUpgradeInput:
    idempotency_key: str = field(
        description=(
            "Your name for this order: 1 to 255 printable characters; must not end in"
            " `#` followed by digits. Sending the same key again returns the same"
            " operation and schedules nothing more."
        )
    )
    customer_id: strawberry.ID = field(description="The customer's tenant id, a GUID.")
    subscription_id: strawberry.ID = field(
        description="The id of a new commerce subscription that renews itself, a GUID."
    )
    to_catalog_item_id: strawberry.ID | None = field(
        default=None,
        description=(
            "The product to renew to: `catalogItemId` of one of the subscription's"
            " `transitionEligibilities(eligibilityType: SCHEDULED)`. By default the product stays."
        ),
    )
    quantity: int | None = field(
        default=None,
        description=(
            "The number of licenses after the renewal, from 1. Defaults to the current number."
        ),
    )
    term_duration: str | None = field(
        default=None,
        description=(
            "The term after the renewal, an ISO 8601 duration such as `P1Y`."
            " Defaults to the current term."
        ),
    )
    billing_cycle: BillingCycleInput | None = field(
        default=None,
        description="The billing cycle after the renewal. Defaults to the current cycle.",
    )
    promotion_id: strawberry.ID | None = field(
        default=None, description="The id of a promotion to apply from the renewal."
    )
    custom_term_end_date: datetime | None = field(
        default=None,
        description=(
            "When the next term ends, if it is to be aligned: one of the customer's"
            " `customTermEndDates`. By default it has its full length."
        ),
    )
    replace_scheduled_actions: bool | None = field(
        default=None,
        description=(
            "Whether to replace actions that are scheduled in the newer form, such as a"
            " cancellation that somebody chose. By default the order is refused then."
        ),
    )
    preview_token: str | None = field(
        default=None,
        description=(
            "A `previewToken` of `upgradePreview`. The order is refused if anything"
            " that the preview showed has changed."
        ),
    )
    wait_seconds: int = field(
        default=25,
        description=(
            "How long the response waits for a final state, 0 to 60 seconds. The"
            " operation continues after that."
        ),
    )


@strawberry.type(description="The result of `scheduleUpgrade`.")
class ScheduleUpgradePayload:
    operation: UpgradeOperation | None = field(
        default=None,
        description=(
            "The operation recorded under the key. Null if nothing could be recorded;"
            " `userErrors` has the reason."
        ),
    )
    user_errors: list[UserError] = field(
        default_factory=list,
        description="Why nothing was scheduled. Empty if it was, or has not ended.",
    )


@strawberry.input(description="The input of `cancelScheduledUpgrade`.")
class CancelScheduledUpgradeInput:
    idempotency_key: str = field(
        description=(
            "Your name for this order: 1 to 255 printable characters; must not end in"
            " `#` followed by digits. Sending the same key again returns the same operation."
        )
    )
    customer_id: strawberry.ID = field(description="The customer's tenant id, a GUID.")
    subscription_id: strawberry.ID = field(description="The id of the subscription, a GUID.")
    replace_scheduled_actions: bool | None = field(
        default=None,
        description=(
            "Whether to remove actions that are scheduled in the newer form, such as a"
            " cancellation that somebody chose. By default the order is refused then."
        ),
    )
    preview_token: str | None = field(
        default=None,
        description=(
            "A `previewToken` of `upgradePreview`. The order is refused if anything"
            " that the preview showed has changed."
        ),
    )
    wait_seconds: int = field(
        default=25,
        description=(
            "How long the response waits for a final state, 0 to 60 seconds. The"
            " operation continues after that."
        ),
    )


@strawberry.type(description="The result of `cancelScheduledUpgrade`.")
class CancelScheduledUpgradePayload:
    operation: UpgradeOperation | None = field(
        default=None,
        description=(
            "The operation recorded under the key. Null if nothing could be recorded;"
            " `userErrors` has the reason."
        ),
    )
    user_errors: list[UserError] = field(
        default_factory=list,
        description="Why nothing was removed. Empty if it was, or has not ended.",
    )
