"""The root of mutations; bodies read like a table of contents."""

import strawberry

from resolvers import upgrades
from resolvers.context import RequestContext
from schema.operation import UpgradeSubscriptionInput, UpgradeSubscriptionPayload

Info = strawberry.Info[RequestContext, None]


@strawberry.type(description="What can be done. Each field is recorded before it is sent.")
class Mutation:
    """Every field submits one operation; its idempotency key makes asking again harmless."""

    @strawberry.mutation(
        description=(
            "Upgrade a legacy license subscription. It happens once for each idempotency key, "
            "whatever becomes of the connection; refusals are data."
        )
    )
    async def upgrade_subscription(
        self, info: Info, input: UpgradeSubscriptionInput
    ) -> UpgradeSubscriptionPayload:
        """Two upstream calls to check it, one to do it."""
        return await upgrades.upgrade_subscription(info.context, input)
