"""The input of an order of any kind."""

from datetime import datetime

import strawberry
from strawberry import field

from schema.billing import BillingCycleInput
from schema.operation_kind import OperationKindInput
from schema.resource import ResourceAttributesInput
from schema.transition import TransitionTypeInput
from schema.upgrade import UpgradeTypeInput


@strawberry.input
class UpgradeOrderInput:
    """The base class of inputs that accept orders of every kind.

    Its members are those of all kinds; all except the customer are optional.
    `resolvers.orders.parse_order` checks which belong together.
    """

    customer_id: strawberry.ID = field(description="The customer's tenant id, a GUID.")
    subscription_id: strawberry.ID | None = field(
        default=None,
        description=(
            "The id of the subscription to change, a GUID. Required, except for a product upgrade."
        ),
    )
    kind: OperationKindInput | None = field(
        default=None,
        description=(
            "The kind of the order. By default it follows from the other members:"
            " `targetOfferId` is a subscription upgrade, `toCatalogItemId` is a transition, and"
            " neither subscription nor target is a product upgrade. Scheduled changes must be told."
        ),
    )
    target_offer_id: strawberry.ID | None = field(
        default=None,
        description=(
            "The offer to upgrade to: `targetOffer.id` of one of the subscription's"
            " `upgrades`. Required for `UPGRADE_SUBSCRIPTION`."
        ),
    )
    upgrade_type: UpgradeTypeInput | None = field(
        default=None,
        description=(
            "Whether the users' licenses are moved, too. Required for `UPGRADE_SUBSCRIPTION`."
        ),
    )
    quantity: int | None = field(
        default=None,
        description=(
            "The number of licenses to buy or to move, from 1. Required for"
            " `TRANSITION_SUBSCRIPTION`. For `UPGRADE_SUBSCRIPTION` it defaults to the"
            " subscription's current quantity."
        ),
    )
    to_catalog_item_id: strawberry.ID | None = field(
        default=None,
        description=(
            "The target: `catalogItemId` of one of the subscription's"
            " `transitionEligibilities`. Required for `TRANSITION_SUBSCRIPTION`."
        ),
    )
    transition_type: TransitionTypeInput | None = field(
        default=None,
        description=(
            "Whether the users' licenses are moved, too. Required for `TRANSITION_SUBSCRIPTION`."
        ),
    )
    to_subscription_id: strawberry.ID | None = field(
        default=None,
        description=(
            "The id of an existing subscription that receives the licenses of a transition, a GUID."
        ),
    )
    term_duration: str | None = field(
        default=None,
        description=(
            "The term after a transition, an ISO 8601 duration such as `P1Y`."
            " Defaults to the subscription's current term."
        ),
    )
    billing_cycle: BillingCycleInput | None = field(
        default=None,
        description=(
            "The billing cycle after a transition. Defaults to the subscription's current cycle."
        ),
    )
    promotion_id: strawberry.ID | None = field(
        default=None, description="The id of a promotion to apply to a transition."
    )
    custom_term_end_date: datetime | None = field(
        default=None,
        description=(
            "When the next term of a scheduled change ends, if it is to be aligned: one of the"
            " customer's `customTermEndDates`."
        ),
    )
    replace_scheduled_actions: bool | None = field(
        default=None,
        description=(
            "Whether an order of a scheduled change replaces actions that are scheduled in the"
            " newer form. By default it is refused then."
        ),
    )
    product_family: str | None = field(
        default=None,
        description=(
            "The product family of a product upgrade. Defaults to `azure`, the only one that"
            " Partner Center knows."
        ),
    )
    attributes: ResourceAttributesInput | None = field(
        default=None,
        description="Metadata of a product upgrade that is sent to Partner Center unchanged.",
    )
