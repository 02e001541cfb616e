"""Arguments and answers of the mutations. Source: DESIGN 3.2."""

from enum import Enum

import strawberry
from strawberry import field

from schema.billing import BillingCycleInput
from schema.operation import UpgradeOperation
from schema.resource import ResourceAttributesInput
from schema.transition import TransitionTypeInput
from schema.upgrade import UpgradeResult, UpgradeTypeInput
from schema.user_errors import UserError


@strawberry.input(description="Which subscription to upgrade, and to what.")
class UpgradeSubscriptionInput:
    """Arguments of `upgradeSubscription`."""

    idempotency_key: str = field(
        description=(
            "1 to 255 printable characters, the last ones not like `#7`; the same key is the same"
            " upgrade."
        )
    )
    customer_id: strawberry.ID = field(description="The customer's tenant id, a GUID.")
    subscription_id: strawberry.ID = field(description="The subscription to upgrade, a GUID.")
    target_offer_id: strawberry.ID = field(description="`targetOffer.id` of one of its upgrades.")
    upgrade_type: UpgradeTypeInput = field(description="What to move.")
    quantity: int | None = field(
        default=None, description="Licenses to buy; the source's quantity when left out."
    )
    preview_token: str | None = field(
        default=None,
        description="Of `upgradePreview`: refuse when anything it showed has changed.",
    )
    wait_seconds: int = field(
        default=25, description="How long to wait for a final state, 0 to 60."
    )


@strawberry.type(description="What became of `upgradeSubscription`.")
class UpgradeSubscriptionPayload:
    """The operation as it stands when the answer leaves."""

    operation: UpgradeOperation | None = field(
        default=None, description="The operation of this key; null when none could be recorded."
    )
    result: UpgradeResult | None = field(
        default=None, description="The operation's result, once there is one."
    )
    user_errors: list[UserError] = field(
        default_factory=list, description="Why it was not done; empty while it may still be."
    )


@strawberry.input(description="Which customer's products to upgrade.")
class RequestProductUpgradeInput:
    """Arguments of `requestProductUpgrade`."""

    idempotency_key: str = field(
        description=(
            "1 to 255 printable characters, the last ones not like `#7`; the same key is the same"
            " upgrade."
        )
    )
    customer_id: strawberry.ID = field(description="The customer's tenant id, a GUID.")
    product_family: str = field(
        default="azure", description="The family of products; the vendor knows only `azure`."
    )
    attributes: ResourceAttributesInput | None = field(
        default=None, description="Sent to the vendor as they are; it needs none."
    )
    wait_seconds: int = field(
        default=25, description="How long to wait for a final state, 0 to 60."
    )


@strawberry.type(description="What became of `requestProductUpgrade`.")
class RequestProductUpgradePayload:
    """The operation as it stands when the answer leaves."""

    operation: UpgradeOperation | None = field(
        default=None, description="The operation of this key; null when none could be recorded."
    )
    user_errors: list[UserError] = field(
        default_factory=list, description="Why it was not done; empty while it may still be."
    )


@strawberry.input(description="Which subscription to turn into which catalog item.")
class TransitionSubscriptionInput:
    """Arguments of `transitionSubscription`; CONTRACT 4.18."""

    idempotency_key: str = field(
        description=(
            "1 to 255 printable characters, the last ones not like `#7`; the same key is the same"
            " transition."
        )
    )
    customer_id: strawberry.ID = field(description="The customer's tenant id, a GUID.")
    subscription_id: strawberry.ID = field(description="The subscription to turn, a GUID.")
    to_catalog_item_id: strawberry.ID = field(
        description="`catalogItemId` of one of its `transitionEligibilities`."
    )
    quantity: int = field(description="Licenses to move; fewer than it has is a partial one.")
    transition_type: TransitionTypeInput = field(description="What to move.")
    to_subscription_id: strawberry.ID | None = field(
        default=None, description="An existing subscription to receive the licenses, a GUID."
    )
    term_duration: str | None = field(
        default=None, description="ISO 8601, such as `P1Y`; the source's when left out."
    )
    billing_cycle: BillingCycleInput | None = field(
        default=None, description="How often to charge; the source's cycle when left out."
    )
    promotion_id: strawberry.ID | None = field(default=None, description="A promotion to use.")
    wait_seconds: int = field(
        default=25, description="How long to wait for a final state, 0 to 60."
    )


@strawberry.type(description="What became of `transitionSubscription`.")
class TransitionSubscriptionPayload:
    """The operation as it stands when the answer leaves."""

    operation: UpgradeOperation | None = field(
        default=None, description="The operation of this key; null when none could be recorded."
    )
    user_errors: list[UserError] = field(
        default_factory=list, description="Why it was not done; empty while it may still be."
    )


@strawberry.enum(description="What somebody found out about an operation in doubt.")
class SettledOutcome(Enum):
    """The two ways to be settled."""

    DONE = strawberry.enum_value("DONE", description="It was done.")
    NOT_DONE = strawberry.enum_value("NOT_DONE", description="It was not done.")


@strawberry.input(description="What became of an operation that is in doubt.")
class SettleOperationInput:
    """Arguments of `settleOperation`."""

    operation_id: strawberry.ID = field(description="The operation's `id`.")
    outcome: SettledOutcome = field(description="What was found.")
    note: str = field(description="How it was found out: 1 to 1000 characters, kept.")


@strawberry.type(description="What became of `settleOperation`.")
class SettleOperationPayload:
    """The operation as it stands now."""

    operation: UpgradeOperation | None = field(
        default=None, description="The operation; null when you have none of that id."
    )
    user_errors: list[UserError] = field(
        default_factory=list, description="Why it was not settled."
    )
