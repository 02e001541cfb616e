"""Previews: what an upgrade would do."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import field

from schema.customer_subscription import CustomerSubscription
from schema.offer import Offer
from schema.operation_kind import OperationKind
from schema.order_input import UpgradeOrderInput
from schema.product_upgrade import ProductUpgradesStatus
from schema.subscription_terms import CommerceFamily
from schema.transition_eligibility import TargetSubscriptionError, TransitionError
from schema.upgrade import UpgradeError
from schema.user_errors import UserError


@strawberry.input(description="The input of `upgradePreview`.")
class UpgradePreviewInput(UpgradeOrderInput):
    """The order to preview. It has no idempotency key, because nothing is recorded."""


@strawberry.enum(description="What to consider before an upgrade.")
class PreviewWarningCode(Enum):
    ADD_ONS_PRESENT = strawberry.enum_value(
        "ADD_ONS_PRESENT",
        description="The subscription has add-ons. They are not moved to the new subscription.",
    )
    USER_CONTEXT_NEEDED = strawberry.enum_value(
        "USER_CONTEXT_NEEDED",
        description=(
            "Partner Center moves licenses only in the name of a user with write"
            " access to the customer's directory."
        ),
    )
    SCHEDULED_CHANGE_DELETED = strawberry.enum_value(
        "SCHEDULED_CHANGE_DELETED",
        description="A change is scheduled for the end of the term. The upgrade deletes it.",
    )
    TERMS_CHANGE = strawberry.enum_value(
        "TERMS_CHANGE",
        description="The term or the billing cycle differs from that of the subscription.",
    )
    UPGRADE_EXISTS = strawberry.enum_value(
        "UPGRADE_EXISTS",
        description=(
            "The customer has a product upgrade already. `productUpgrade` shows it if it has"
            " not failed."
        ),
    )
    LICENSES_STAY = strawberry.enum_value(
        "LICENSES_STAY",
        description="Users keep their old licenses until an administrator assigns the new ones.",
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="A code that this version of the graph does not know."
    )


@strawberry.type(
    description="Something to consider before an upgrade. It does not prevent the upgrade."
)
class PreviewWarning:
    code: PreviewWarningCode = field(description="The kind of warning.")
    message: str = field(description="A human-readable warning.")


@strawberry.type(
    description="What an upgrade would do now. Nothing has been sent to change anything."
)
class UpgradePreview:
    """The result of `upgradePreview`.

    Attributes:
        source: the subscription that would be upgraded.
        receiver: the existing subscription that would receive the licenses.
        digest: the digest of the order and everything shown; part of the preview token.
    """

    is_eligible: bool = field(description="Whether Partner Center would execute the upgrade now.")
    kind: OperationKind | None = field(
        default=None,
        description=(
            "The kind of the order: told, or implied by its members. Null if an argument is wrong."
        ),
    )
    commerce: CommerceFamily | None = field(
        default=None,
        description="The family of the subscription that would be upgraded. Null if it is unknown.",
    )
    upgrade_errors: list[UpgradeError] = field(
        default_factory=list,
        description=(
            "Partner Center's reasons why a subscription upgrade is not possible. Empty if it is,"
            " and for the other kinds."
        ),
    )
    transition_errors: list[TransitionError] = field(
        default_factory=list,
        description=(
            "Partner Center's reasons why a transition is not possible. Empty if it is, and for"
            " the other kinds."
        ),
    )
    target_subscription_errors: list[TargetSubscriptionError] = field(
        default_factory=list,
        description=(
            "Partner Center's reasons why `toSubscriptionId` cannot receive the licenses of a"
            " transition. Empty if it can, and without it."
        ),
    )
    user_errors: list[UserError] = field(
        default_factory=list,
        description=(
            "Why the mutation would refuse the order. Empty if nothing in Partner Center prevents"
            " it. Other operations on the same subscription and the operator's purchase policy"
            " are checked when the order is placed."
        ),
    )
    target_name: str | None = field(
        default=None,
        description=(
            "The name of the target: of the offer, or the title of the transition's eligibility."
            " Null if there is no such target or it has no name."
        ),
    )
    target_offer: Offer | None = field(
        default=None,
        description=(
            "The offer that a subscription upgrade would buy. Null for the other kinds, and if"
            " there is no such upgrade."
        ),
    )
    product_upgrade: ProductUpgradesStatus | None = field(
        default=None,
        description=(
            "The existing product upgrade, which the mutation would follow instead of requesting"
            " another one. Null for the other kinds, and if there is none."
        ),
    )
    quantity: int | None = field(
        default=None,
        description=(
            "The number of licenses that would be bought or moved. Null for product upgrades, and"
            " if neither you nor Partner Center says."
        ),
    )
    minimum_quantity: int | None = field(
        default=None,
        description="The minimum number of licenses of the target. Null if there is none.",
    )
    maximum_quantity: int | None = field(
        default=None,
        description="The maximum number of licenses of the target. Null if there is none.",
    )
    licenses_left: int | None = field(
        default=None,
        description=(
            "The number of licenses that the subscription would keep; 0 if all are upgraded. Null"
            " for product upgrades, and if Partner Center does not say how many it has."
        ),
    )
    moves_user_licenses: bool | None = field(
        default=None,
        description=(
            "Whether the licenses that are assigned to users would be moved, too. Null for"
            " product upgrades."
        ),
    )
    source_afterwards: str | None = field(
        default=None,
        description="A human-readable description of the effect on the current subscription.",
    )
    target_afterwards: str | None = field(
        default=None,
        description="A human-readable description of the subscription that would result.",
    )
    warnings: list[PreviewWarning] = field(
        default_factory=list, description="What to consider before the upgrade."
    )
    preview_token: str | None = field(
        default=None,
        description=(
            "A signed token for what this preview shows. Pass it to the mutation, or in the"
            " line of a batch, which then refuses the order if anything has"
            " changed. Valid for your principal, until `expiresAt`. Null if"
            " `userErrors` says why the order would be refused."
        ),
    )
    expires_at: datetime | None = field(
        default=None, description="When `previewToken` expires. Null without a token."
    )
    source: strawberry.Private[CustomerSubscription | None] = None
    receiver: strawberry.Private[CustomerSubscription | None] = None
    digest: strawberry.Private[str] = ""

    @strawberry.field(
        description=(
            "The subscription that would be upgraded. Null for product upgrades, and if it does"
            " not exist or an argument is wrong."
        )
    )
    def source_subscription(self) -> CustomerSubscription | None:
        return self.source

    @strawberry.field(
        description=(
            "The existing subscription that would receive the licenses of a transition. Null"
            " without `toSubscriptionId`."
        )
    )
    def target_subscription(self) -> CustomerSubscription | None:
        return self.receiver
