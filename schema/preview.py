"""Previews: what an upgrade would do."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import field

from schema.context import Info
from schema.customer_subscription import CustomerSubscription
from schema.keys import SubscriptionKey
from schema.offer import Offer
from schema.order_input import UpgradeOrderInput
from schema.upgrade import UpgradeError
from schema.user_errors import UserError


@strawberry.input(description="The input of `upgradePreview`.")
class UpgradePreviewInput(UpgradeOrderInput):
    """The order alone: a preview records nothing."""


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
    is_eligible: bool = field(description="Whether Partner Center would execute the upgrade now.")
    upgrade_errors: list[UpgradeError] = field(
        default_factory=list,
        description="Partner Center's reasons why the upgrade is not possible. Empty if it is.",
    )
    user_errors: list[UserError] = field(
        default_factory=list,
        description="Why `upgradeSubscription` would refuse the order. Empty if it would not.",
    )
    target_offer: Offer | None = field(
        default=None,
        description="The offer that would be bought. Null if there is no such upgrade.",
    )
    quantity: int | None = field(
        default=None,
        description=(
            "The number of licenses that would be bought. Null if neither you nor"
            " Partner Center says."
        ),
    )
    minimum_quantity: int | None = field(
        default=None,
        description="The minimum number of licenses of the offer. Null if there is none.",
    )
    maximum_quantity: int | None = field(
        default=None,
        description="The maximum number of licenses of the offer. Null if there is none.",
    )
    source_afterwards: str | None = field(
        default=None,
        description="A human-readable description of the effect on the current subscription.",
    )
    warnings: list[PreviewWarning] = field(
        default_factory=list, description="What to consider before the upgrade."
    )
    preview_token: str | None = field(
        default=None,
        description=(
            "A signed token for what this preview shows. Pass it to"
            " `upgradeSubscription`, which then refuses the order if anything has"
            " changed. Valid for your principal, until `expiresAt`. Null if"
            " `userErrors` says why the order would be refused."
        ),
    )
    expires_at: datetime | None = field(
        default=None, description="When `previewToken` expires. Null without a token."
    )
    source: strawberry.Private[SubscriptionKey | None] = None

    @strawberry.field(
        description=(
            "The subscription that would be upgraded. Null if it does not exist or an"
            " argument is wrong."
        )
    )
    async def source_subscription(self, info: Info) -> CustomerSubscription | None:
        if self.source is None:
            return None
        return await info.context.loaders.subscription.load(self.source)
