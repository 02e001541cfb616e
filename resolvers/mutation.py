"""The root of mutations; bodies read like a table of contents."""

from typing import Annotated, Final

import strawberry

from resolvers import batch_mutations, operation_mutations
from resolvers.context import RequestContext
from schema.batch import (
    CancelBatchInput,
    CancelBatchPayload,
    UpgradeSubscriptionsInput,
    UpgradeSubscriptionsPayload,
)
from schema.directives import PURCHASE, REQUIRES_ADMIN, REQUIRES_WRITE
from schema.mutation_types import (
    RequestProductUpgradeInput,
    RequestProductUpgradePayload,
    SettleOperationInput,
    SettleOperationPayload,
    TransitionSubscriptionInput,
    TransitionSubscriptionPayload,
    UpgradeSubscriptionInput,
    UpgradeSubscriptionPayload,
)

Info = strawberry.Info[RequestContext, None]

_ORDER: Final = strawberry.argument(description="What is to be done, and its idempotency key.")
_BATCH: Final = strawberry.argument(description="The upgrades, and the key of all of them.")
_CANCELLED: Final = strawberry.argument(description="Which batch.")
_DECISION: Final = strawberry.argument(description="How an operation in doubt ended.")


@strawberry.type(description="What can be done. Each field is recorded before it is sent.")
class Mutation:
    """Every field submits one operation; its idempotency key makes asking again harmless."""

    @strawberry.mutation(
        description=(
            "Upgrade a legacy license subscription. It happens once for each idempotency key, "
            "whatever becomes of the connection; refusals are data."
        ),
        directives=(*REQUIRES_WRITE, *PURCHASE),
    )
    async def upgrade_subscription(
        self, info: Info, input: Annotated[UpgradeSubscriptionInput, _ORDER]
    ) -> UpgradeSubscriptionPayload | None:
        """Two upstream calls to check it, one to do it."""
        return await operation_mutations.upgrade_subscription(info.context, input)

    @strawberry.mutation(
        description=(
            "Move a customer's legacy Azure subscriptions to the Azure plan. An upgrade that "
            "exists already is followed instead of begun again."
        ),
        directives=(*REQUIRES_WRITE, *PURCHASE),
    )
    async def request_product_upgrade(
        self, info: Info, input: Annotated[RequestProductUpgradeInput, _ORDER]
    ) -> RequestProductUpgradePayload | None:
        """One call to check it, one to do it, then one for each look at how far it is."""
        return await operation_mutations.request_product_upgrade(info.context, input)

    @strawberry.mutation(
        description=(
            "Turn a subscription into a new commerce catalog item, and follow it until its "
            "conversion and the reassignment of licenses have ended."
        ),
        directives=(*REQUIRES_WRITE, *PURCHASE),
    )
    async def transition_subscription(
        self, info: Info, input: Annotated[TransitionSubscriptionInput, _ORDER]
    ) -> TransitionSubscriptionPayload | None:
        """Three calls to check it, one to do it, then one for each look at its events."""
        return await operation_mutations.transition_subscription(info.context, input)

    @strawberry.mutation(
        description=(
            "Upgrade up to 5,000 legacy license subscriptions. All lines are recorded or none is; "
            "each is checked and carried out as `upgradeSubscription` would, those of one "
            "customer one after another, so that a throttled customer delays no other."
        ),
        directives=REQUIRES_WRITE,
    )
    async def upgrade_subscriptions(
        self, info: Info, input: Annotated[UpgradeSubscriptionsInput, _BATCH]
    ) -> UpgradeSubscriptionsPayload | None:
        """Two upstream calls to check each line, one to do it."""
        return await batch_mutations.upgrade_subscriptions(info.context, input)

    @strawberry.mutation(
        description=(
            "Send nothing more of a batch. Lines that were sent are finished, the others become "
            "CANCELLED."
        ),
        directives=REQUIRES_WRITE,
    )
    async def cancel_batch(
        self, info: Info, input: Annotated[CancelBatchInput, _CANCELLED]
    ) -> CancelBatchPayload | None:
        """No upstream call."""
        return await batch_mutations.cancel_batch(info.context, input)

    @strawberry.mutation(
        description=(
            "Give an operation that is IN_DOUBT its end, after looking at the subscriptions. "
            "Nothing is sent."
        ),
        directives=REQUIRES_ADMIN,
    )
    async def settle_operation(
        self, info: Info, input: Annotated[SettleOperationInput, _DECISION]
    ) -> SettleOperationPayload | None:
        """No upstream call."""
        return await operation_mutations.settle_operation(info.context, input)
