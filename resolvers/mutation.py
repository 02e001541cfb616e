"""The root type of mutations."""

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
from schema.directives import PURCHASE, REQUIRES_ADMIN, REQUIRES_WRITE, SCHEDULED_CHANGE
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
from schema.scheduled_change_inputs import (
    CancelScheduledUpgradeInput,
    CancelScheduledUpgradePayload,
    ScheduleUpgradeInput,
    ScheduleUpgradePayload,
)

Info = strawberry.Info[RequestContext, None]

_ORDER: Final = strawberry.argument(
    description="The order, with an idempotency key that identifies it."
)
_BATCH: Final = strawberry.argument(
    description="The upgrades, with one idempotency key for all of them."
)
_CANCELLED: Final = strawberry.argument(description="The batch to cancel.")
_DECISION: Final = strawberry.argument(
    description="The operation in doubt, and what you found out about it."
)


@strawberry.type(
    description=(
        "Mutations. Those marked SPENDS MONEY place orders with Partner"
        " Center: each is recorded before it is sent, and executed once for each"
        " idempotency key, even if the connection breaks. Refusals are returned"
        " in `userErrors`, not as top-level errors. A GraphQL operation can"
        " contain at most one that has an idempotency key. Mutations require the scope"
        " `upgrades:write`, and `settleOperation` requires `upgrades:admin`."
    )
)
class Mutation:
    @strawberry.mutation(
        description=(
            "SPENDS MONEY. Upgrades a legacy license subscription to another offer."
            " The order is checked with up to four upstream calls before one call"
            " sends it."
        ),
        directives=(*REQUIRES_WRITE, *PURCHASE),
    )
    async def upgrade_subscription(
        self, info: Info, input: Annotated[UpgradeSubscriptionInput, _ORDER]
    ) -> UpgradeSubscriptionPayload | None:
        return await operation_mutations.upgrade_subscription(info.context, input)

    @strawberry.mutation(
        description=(
            "SPENDS MONEY. Moves a customer's legacy Azure subscriptions to the Azure"
            " plan, and polls Partner Center until the upgrade ends. If an upgrade"
            " exists already, it is polled and no second one is requested."
        ),
        directives=(*REQUIRES_WRITE, *PURCHASE),
    )
    async def request_product_upgrade(
        self, info: Info, input: Annotated[RequestProductUpgradeInput, _ORDER]
    ) -> RequestProductUpgradePayload | None:
        return await operation_mutations.request_product_upgrade(info.context, input)

    @strawberry.mutation(
        description=(
            "SPENDS MONEY. Transitions a subscription to a new commerce catalog item,"
            " and polls Partner Center until the conversion and the license"
            " reassignment end."
        ),
        directives=(*REQUIRES_WRITE, *PURCHASE),
    )
    async def transition_subscription(
        self, info: Info, input: Annotated[TransitionSubscriptionInput, _ORDER]
    ) -> TransitionSubscriptionPayload | None:
        return await operation_mutations.transition_subscription(info.context, input)

    @strawberry.mutation(
        description=(
            "SPENDS MONEY when the term ends. Schedules the product, the number of licenses and"
            " the terms to which a new commerce subscription renews. Nothing changes before. It"
            " replaces what is scheduled already."
        ),
        directives=(*REQUIRES_WRITE, *SCHEDULED_CHANGE),
    )
    async def schedule_upgrade(
        self, info: Info, input: Annotated[ScheduleUpgradeInput, _ORDER]
    ) -> ScheduleUpgradePayload | None:
        return await operation_mutations.schedule_upgrade(info.context, input)

    @strawberry.mutation(
        description=(
            "Removes what is scheduled for the end of a subscription's term, so that it renews"
            " unchanged. The operator has to enable it with `partner.scheduled_change_removal`."
        ),
        directives=(*REQUIRES_WRITE, *SCHEDULED_CHANGE),
    )
    async def cancel_scheduled_upgrade(
        self, info: Info, input: Annotated[CancelScheduledUpgradeInput, _ORDER]
    ) -> CancelScheduledUpgradePayload | None:
        return await operation_mutations.cancel_scheduled_upgrade(info.context, input)

    @strawberry.mutation(
        description=(
            "SPENDS MONEY. Places up to 5,000 orders as one batch: upgrades, product"
            " upgrades and transitions, in any mixture. Either all lines are recorded or"
            " none. Each line is then executed as an operation, as the mutation of its"
            " kind executes one. Lines of the same customer run one after another, so a"
            " throttled customer does not delay the others."
        ),
        directives=REQUIRES_WRITE,
    )
    async def upgrade_subscriptions(
        self, info: Info, input: Annotated[UpgradeSubscriptionsInput, _BATCH]
    ) -> UpgradeSubscriptionsPayload | None:
        return await batch_mutations.upgrade_subscriptions(info.context, input)

    @strawberry.mutation(
        description=(
            "Cancels the lines of a batch that have not been sent. Lines already sent"
            " are finished. Makes no upstream call."
        ),
        directives=REQUIRES_WRITE,
    )
    async def cancel_batch(
        self, info: Info, input: Annotated[CancelBatchInput, _CANCELLED]
    ) -> CancelBatchPayload | None:
        return await batch_mutations.cancel_batch(info.context, input)

    @strawberry.mutation(
        description=(
            "Records the outcome of an operation that is `IN_DOUBT`, after you have"
            " checked the subscription in Partner Center. Makes no upstream call."
        ),
        directives=REQUIRES_ADMIN,
    )
    async def settle_operation(
        self, info: Info, input: Annotated[SettleOperationInput, _DECISION]
    ) -> SettleOperationPayload | None:
        return await operation_mutations.settle_operation(info.context, input)
