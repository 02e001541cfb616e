"""The order of an operation."""

from datetime import datetime

import strawberry
from strawberry import field

from schema.billing import BillingCycle
from schema.transition import TransitionType
from schema.upgrade import UpgradeType


@strawberry.type(
    description=(
        "The order of an operation, as it was recorded. Fields are null if the"
        " caller left them out or the operation is of another kind. Makes no"
        " upstream call."
    )
)
class OperationOrder:
    """The order of an operation: the subscription, the target and the terms.

    One type serves all kinds of operations, so that clients can show them in one table.
    """

    customer_id: strawberry.ID = field(description="The customer's tenant id.")
    subscription_id: strawberry.ID | None = field(
        default=None,
        description="The id of the subscription to change. Null for product upgrades.",
    )
    quantity: int | None = field(
        default=None,
        description=(
            "The number of licenses to buy. If the caller left it out, the"
            " subscription's quantity when the order was checked; null before the"
            " check, and if the check refused the order."
        ),
    )
    target_name: str | None = field(
        default=None,
        description=(
            "The name of the target when the order was checked: of the offer, or the title of the"
            " transition's eligibility. Null for product upgrades, before the check, if the check"
            " refused the order, and if Partner Center has no name."
        ),
    )
    target_offer_id: strawberry.ID | None = field(
        default=None, description="The id of the offer to upgrade to."
    )
    upgrade_type: UpgradeType | None = field(
        default=None, description="What a subscription upgrade moves."
    )
    product_family: str | None = field(
        default=None, description="The product family of a product upgrade."
    )
    to_catalog_item_id: strawberry.ID | None = field(
        default=None, description="The id of the catalog item to transition or to renew to."
    )
    transition_type: TransitionType | None = field(
        default=None, description="What a transition moves."
    )
    to_subscription_id: strawberry.ID | None = field(
        default=None,
        description="The id of the subscription that receives a transition's licenses.",
    )
    term_duration: str | None = field(
        default=None,
        description="The term after a transition or a renewal, an ISO 8601 duration.",
    )
    billing_cycle: BillingCycle | None = field(
        default=None, description="The billing cycle after a transition or a renewal."
    )
    raw_billing_cycle: str | None = field(
        default=None, description="`billingCycle` as it is sent to Partner Center."
    )
    promotion_id: str | None = field(
        default=None,
        description="The id of the promotion that a transition or a scheduled change applies.",
    )
    custom_term_end_date: datetime | None = field(
        default=None, description="When the next term of a scheduled change ends, if it is aligned."
    )
