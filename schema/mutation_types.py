"""Inputs and payloads of the mutations for single operations."""

from enum import Enum

import strawberry
from strawberry import field

from schema.billing import BillingCycleInput
from schema.operation import UpgradeOperation
from schema.resource import ResourceAttributesInput
from schema.transition import TransitionTypeInput
from schema.upgrade import UpgradeResult, UpgradeTypeInput
from schema.user_errors import UserError


@strawberry.input(description="The input of `upgradeSubscription`.")
class UpgradeSubscriptionInput:
    idempotency_key: str = field(
        description=(
            "Your name for this order: 1 to 255 printable characters; must not end in"
            " `#` followed by digits. Sending the same key again returns the same"
            " operation and buys nothing more."
        )
    )
    customer_id: strawberry.ID = field(description="The customer's tenant id, a GUID.")
    subscription_id: strawberry.ID = field(
        description="The id of the subscription to upgrade, a GUID."
    )
    target_offer_id: strawberry.ID = field(
        description=(
            "The offer to upgrade to: `targetOffer.id` of one of the subscription's `upgrades`."
        )
    )
    upgrade_type: UpgradeTypeInput = field(
        description="Whether the users' licenses are moved, too."
    )
    quantity: int | None = field(
        default=None,
        description=(
            "The number of licenses to buy, from 1. Defaults to the subscription's"
            " current quantity."
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


@strawberry.type(description="The result of `upgradeSubscription`.")
class UpgradeSubscriptionPayload:
    operation: UpgradeOperation | None = field(
        default=None,
        description=(
            "The operation recorded under the key. Null if nothing could be recorded;"
            " `userErrors` has the reason."
        ),
    )
    result: UpgradeResult | None = field(
        default=None,
        description=(
            "Partner Center's result of the upgrade. Null until Partner Center has responded."
        ),
    )
    user_errors: list[UserError] = field(
        default_factory=list,
        description="Why the upgrade was not done. Empty if it was done, or has not ended.",
    )


@strawberry.input(description="The input of `requestProductUpgrade`.")
class RequestProductUpgradeInput:
    idempotency_key: str = field(
        description=(
            "Your name for this order: 1 to 255 printable characters; must not end in"
            " `#` followed by digits. Sending the same key again returns the same"
            " operation and requests nothing more."
        )
    )
    customer_id: strawberry.ID = field(description="The customer's tenant id, a GUID.")
    product_family: str | None = field(
        default="azure",
        description="The product family to upgrade. Partner Center knows only `azure`.",
    )
    attributes: ResourceAttributesInput | None = field(
        default=None,
        description="Optional metadata that is sent to Partner Center unchanged.",
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


@strawberry.type(description="The result of `requestProductUpgrade`.")
class RequestProductUpgradePayload:
    operation: UpgradeOperation | None = field(
        default=None,
        description=(
            "The operation recorded under the key. Null if nothing could be recorded;"
            " `userErrors` has the reason."
        ),
    )
    user_errors: list[UserError] = field(
        default_factory=list,
        description="Why the upgrade was not done. Empty if it was done, or has not ended.",
    )


@strawberry.input(description="The input of `transitionSubscription`.")
class TransitionSubscriptionInput:
    """The input of `transitionSubscription` (CONTRACT 4.18)."""

    idempotency_key: str = field(
        description=(
            "Your name for this order: 1 to 255 printable characters; must not end in"
            " `#` followed by digits. Sending the same key again returns the same"
            " operation and orders nothing more."
        )
    )
    customer_id: strawberry.ID = field(description="The customer's tenant id, a GUID.")
    subscription_id: strawberry.ID = field(
        description="The id of the subscription to transition, a GUID."
    )
    to_catalog_item_id: strawberry.ID = field(
        description=(
            "The target: `catalogItemId` of one of the subscription's `transitionEligibilities`."
        )
    )
    quantity: int = field(
        description=(
            "The number of licenses to move, from 1. Fewer than the subscription has"
            " is a partial transition."
        )
    )
    transition_type: TransitionTypeInput = field(
        description="Whether the users' licenses are moved, too."
    )
    to_subscription_id: strawberry.ID | None = field(
        default=None,
        description=(
            "The id of an existing subscription that receives the licenses, a GUID."
            " Only for immediate transitions."
        ),
    )
    term_duration: str | None = field(
        default=None,
        description=(
            "The term after the transition, an ISO 8601 duration such as `P1Y`."
            " Defaults to the subscription's current term."
        ),
    )
    billing_cycle: BillingCycleInput | None = field(
        default=None,
        description=(
            "The billing cycle after the transition. Defaults to the subscription's current cycle."
        ),
    )
    promotion_id: strawberry.ID | None = field(
        default=None, description="The id of a promotion to apply."
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


@strawberry.type(description="The result of `transitionSubscription`.")
class TransitionSubscriptionPayload:
    operation: UpgradeOperation | None = field(
        default=None,
        description=(
            "The operation recorded under the key. Null if nothing could be recorded;"
            " `userErrors` has the reason."
        ),
    )
    user_errors: list[UserError] = field(
        default_factory=list,
        description="Why the transition was not done. Empty if it was done, or has not ended.",
    )


@strawberry.enum(description="What a person found out about an operation in doubt.")
class SettledOutcome(Enum):
    DONE = strawberry.enum_value(
        "DONE", description="Partner Center executed it. The operation becomes `DONE`."
    )
    NOT_DONE = strawberry.enum_value(
        "NOT_DONE",
        description="Partner Center did not execute it. The operation becomes `FAILED`.",
    )


@strawberry.input(description="The input of `settleOperation`.")
class SettleOperationInput:
    operation_id: strawberry.ID = field(description="The `id` of the operation.")
    outcome: SettledOutcome = field(description="What you found in Partner Center.")
    note: str = field(
        description="How you found out, 1 to 1,000 characters. Stored with the operation."
    )


@strawberry.type(description="The result of `settleOperation`.")
class SettleOperationPayload:
    operation: UpgradeOperation | None = field(
        default=None,
        description="The operation. Null if no operation that you may access has this id.",
    )
    user_errors: list[UserError] = field(
        default_factory=list, description="Why the operation was not settled. Empty if it was."
    )
