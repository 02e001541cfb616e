"""The root of subscriptions; bodies read like a table of contents."""

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
        "What can be followed. The first event tells how it stands, each further one that it "
        "stands differently; the stream ends with a final state. Who is slow is told the latest."
    )
)
class Subscription:
    """Every field follows one thing; a thousand followers cost what one costs."""

    @strawberry.subscription(
        description="One of your operations. No upstream call.", directives=REQUIRES_READ
    )
    async def operation(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The operation's `id`.")],
    ) -> AsyncGenerator[UpgradeOperation, None]:
        """It goes on whether anybody follows it or not."""
        await get_operation(info.context.operations, id)
        return _with_fresh_reads(info.context, info.context.operations.watch(id))

    @strawberry.subscription(
        description="One of your batches; several changes at once are one event. No upstream call.",
        directives=REQUIRES_READ,
    )
    async def batch(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The batch's `id`.")],
    ) -> AsyncGenerator[UpgradeBatch, None]:
        """It goes on whether anybody follows it or not."""
        await get_batch(info.context.batches, id)
        return _with_fresh_reads(info.context, info.context.batches.watch(id))

    @strawberry.subscription(
        description=(
            "How far a product upgrade is. The vendor is asked after 5 s, then less and less "
            "often, once a minute in the end; all who follow share these calls."
        ),
        directives=REQUIRES_READ,
    )
    async def product_upgrade_status(
        self, info: Info, upgrade_id: UpgradeId, request: ProductUpgradeArgument
    ) -> AsyncGenerator[ProductUpgradesStatus, None]:
        """None is made where an operation asks already."""
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
