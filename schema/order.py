"""What an operation was recorded to do. Source: DESIGN 4."""

import strawberry
from strawberry import field

from schema.billing import BillingCycle
from schema.transition import TransitionType
from schema.upgrade import UpgradeType


@strawberry.type(
    description=("What was ordered; null is what was left out or another kind's. No upstream call.")
)
class OperationOrder:
    """One for all kinds, so that a list of operations can be read as a table."""

    customer_id: strawberry.ID = field(description="The customer's tenant id.")
    subscription_id: strawberry.ID | None = field(
        default=None, description="The subscription to upgrade or to turn."
    )
    quantity: int | None = field(
        default=None,
        description=(
            "Licenses to buy. Where the order left them out: as many as the subscription had when"
            " the order was checked, and null before that or if it was refused then."
        ),
    )
    target_offer_id: strawberry.ID | None = field(
        default=None, description="The offer to upgrade to."
    )
    upgrade_type: UpgradeType | None = field(default=None, description="What an upgrade moves.")
    product_family: str | None = field(
        default=None, description="The family of products to upgrade."
    )
    to_catalog_item_id: strawberry.ID | None = field(
        default=None, description="The catalog item to turn into."
    )
    transition_type: TransitionType | None = field(
        default=None, description="What a transition moves."
    )
    to_subscription_id: strawberry.ID | None = field(
        default=None, description="The subscription that receives a transition's licenses."
    )
    term_duration: str | None = field(default=None, description="Of a transition, ISO 8601.")
    billing_cycle: BillingCycle | None = field(
        default=None, description="How often a transition is charged."
    )
    raw_billing_cycle: str | None = field(
        default=None, description="`billingCycle` as it is sent to the vendor."
    )
    promotion_id: str | None = field(default=None, description="Of a transition.")
