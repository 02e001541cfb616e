"""What an upgrade would do, before anything is sent. Source: DESIGN 3.2."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import field

from schema.context import Info
from schema.customer_subscription import CustomerSubscription
from schema.keys import SubscriptionKey
from schema.offer import Offer
from schema.upgrade import UpgradeError, UpgradeTypeInput
from schema.user_errors import UserError


@strawberry.input(description="Which upgrade to look at.")
class UpgradePreviewInput:
    """Arguments of `upgradePreview`."""

    customer_id: strawberry.ID = field(description="The customer's tenant id, a GUID.")
    subscription_id: strawberry.ID = field(description="The subscription to upgrade, a GUID.")
    target_offer_id: strawberry.ID = field(description="`targetOffer.id` of one of its upgrades.")
    upgrade_type: UpgradeTypeInput = field(description="What to move.")
    quantity: int | None = field(
        default=None, description="Licenses to buy; the source's quantity when left out."
    )


@strawberry.enum(description="What somebody should know before an upgrade.")
class PreviewWarningCode(Enum):
    """Nothing here stands in the way by itself."""

    ADD_ONS_PRESENT = strawberry.enum_value(
        "ADD_ONS_PRESENT", description="The source has add-ons, which are not taken along."
    )
    USER_CONTEXT_NEEDED = strawberry.enum_value(
        "USER_CONTEXT_NEEDED",
        description="Licenses are moved only in the name of a user with rights on the directory.",
    )
    LICENSES_STAY = strawberry.enum_value(
        "LICENSES_STAY", description="Users keep their old licenses until somebody moves them."
    )
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A code this graph does not know.")


@strawberry.type(description="Something to know before an upgrade.")
class PreviewWarning:
    """A warning as data."""

    code: PreviewWarningCode = field(description="What it is about.")
    message: str = field(description="For people.")


@strawberry.type(description="What an upgrade would do. Nothing was sent that changes anything.")
class UpgradePreview:
    """Facts, and a token that stands for them."""

    is_eligible: bool = field(description="Whether it could be performed now.")
    upgrade_errors: list[UpgradeError] = field(
        default_factory=list, description="The vendor's reasons against it."
    )
    user_errors: list[UserError] = field(
        default_factory=list, description="Why the mutation would refuse it."
    )
    target_offer: Offer | None = field(default=None, description="What would be bought.")
    quantity: int | None = field(default=None, description="Licenses that would be bought.")
    minimum_quantity: int | None = field(default=None, description="Fewest that are sold.")
    maximum_quantity: int | None = field(default=None, description="Most that are sold.")
    source_afterwards: str | None = field(
        default=None, description="What would become of the source, for people."
    )
    warnings: list[PreviewWarning] = field(default_factory=list, description="What to know first.")
    preview_token: str | None = field(
        default=None,
        description=(
            "Pass to `upgradeSubscription`, which refuses when a fact has changed. Valid for you"
            " alone, until `expiresAt`; null where `userErrors` says why there is none."
        ),
    )
    expires_at: datetime | None = field(default=None, description="End of the token, UTC.")
    source: strawberry.Private[SubscriptionKey | None] = None

    @strawberry.field(description="The subscription to be upgraded.")
    async def source_subscription(self, info: Info) -> CustomerSubscription | None:
        """No further call: it was read for the preview."""
        if self.source is None:
            return None
        return await info.context.loaders.subscription.load(self.source)
