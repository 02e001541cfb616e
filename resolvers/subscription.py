"""The root type of subscriptions."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, TypeVar

import strawberry

from resolvers.batch_mutations import get_batch
from resolvers.context import RequestContext
from resolvers.operation_queries import get_operation
from schema import arguments
from schema.arguments import ProductUpgradeArgument, UpgradeId
from schema.batch import UpgradeBatch
from schema.directives import REQUIRES_READ
from schema.operation import UpgradeOperation
from schema.product_upgrade import ProductUpgradesStatus

Info = strawberry.Info[RequestContext, None]
T = TypeVar("T")


@strawberry.type(
    description=(
        "Live updates. The first event is the current state. Each later event is"
        " a changed state; changes that come in quick succession, or while the"
        " client reads slowly, are combined into one event with the latest state."
        " The stream ends after the final state."
    )
)
class Subscription:
    """The root fields of subscriptions. All subscribers to an object share its updates."""

    @strawberry.subscription(
        description="An operation, now and after each change. Makes no upstream call.",
        directives=REQUIRES_READ,
    )
    async def operation(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The `id` of the operation.")],
    ) -> AsyncGenerator[UpgradeOperation, None]:
        await get_operation(info.context.operations, id)
        return _with_fresh_reads(info.context, info.context.operations.watch(id))

    @strawberry.subscription(
        description="A batch, now and after each change. Makes no upstream call.",
        directives=REQUIRES_READ,
    )
    async def batch(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The `id` of the batch.")],
    ) -> AsyncGenerator[UpgradeBatch, None]:
        await get_batch(info.context.batches, id)
        return _with_fresh_reads(info.context, info.context.batches.watch(id))

    @strawberry.subscription(
        description=(
            "A product upgrade, now and after each change. Partner Center is polled"
            " after 5 seconds, then less often, at least once a minute. All"
            " subscribers to the same upgrade share these calls."
        ),
        directives=REQUIRES_READ,
    )
    async def product_upgrade_status(
        self, info: Info, upgrade_id: UpgradeId, request: ProductUpgradeArgument
    ) -> AsyncGenerator[ProductUpgradesStatus, None]:
        key = arguments.parse_product_upgrade_status_key(upgrade_id, request)
        return _with_fresh_reads(info.context, info.context.product_upgrades.watch(key))


async def _with_fresh_reads(
    context: RequestContext, changes: AsyncGenerator[T, None]
) -> AsyncGenerator[T, None]:
    """Reset what was read before each event, so that an event shows no data of an earlier one."""
    async with aclosing(changes):
        async for change in changes:
            context.reset_reads()
            yield change
