"""The root type of queries."""

from typing import Annotated

import strawberry

from resolvers.administrator_query import AdministratorQuery
from resolvers.batch_mutations import batch_connection, get_batch
from resolvers.context import RequestContext
from resolvers.operation_queries import get_operation, operation_connection
from resolvers.partner_center_query import PartnerCenterQuery
from resolvers.ports.operations import OperationsKey
from schema import arguments
from schema.arguments import (
    DEFAULT_PAGE_SIZE,
    After,
    First,
)
from schema.batch import UpgradeBatch, UpgradeBatchConnection
from schema.directives import REQUIRES_READ
from schema.operation import (
    OperationState,
    UpgradeOperation,
    UpgradeOperationConnection,
)
from schema.operation_filters import (
    CreatedBefore,
    CreatedFrom,
    Kinds,
    OfCustomer,
    OfPrincipal,
    States,
)
from schema.operation_kind import OperationKind
from schema.pagination import validate_first

Info = strawberry.Info[RequestContext, None]
Principal = Annotated[
    str | None,
    strawberry.argument(
        description=(
            "The principal that owns the key. Defaults to your own; reading another"
            " principal's requires the scope `upgrades:admin`."
        )
    ),
]


@strawberry.type(
    description=(
        "Queries. A root field that reads from Partner Center costs one"
        " upstream call unless its description says otherwise."
    )
)
class Query(PartnerCenterQuery, AdministratorQuery):
    """The root fields of queries: those of the base classes, and those that read operations."""

    @strawberry.field(
        description=(
            "The operation with this id. Returns your own; with the scope"
            " `upgrades:admin`, anyone's. Makes no upstream call."
        ),
        directives=REQUIRES_READ,
    )
    async def operation(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The `id` of the operation.")],
    ) -> UpgradeOperation | None:
        return await get_operation(info.context.operations, id)

    @strawberry.field(
        description=(
            "The operation recorded under an idempotency key. Null if the key has not"
            " been used. Use it when the response to a mutation was lost. Makes no"
            " upstream call."
        ),
        directives=REQUIRES_READ,
    )
    async def operation_by_key(
        self,
        info: Info,
        idempotency_key: Annotated[
            str,
            strawberry.argument(
                description=(
                    "The key that was sent with the mutation. A line of a batch has the"
                    " batch's key followed by `#` and its number."
                )
            ),
        ],
        principal: Principal = None,
    ) -> UpgradeOperation | None:
        key = arguments.parse_operation_key("idempotencyKey", idempotency_key)
        return await info.context.operations.find_by_key(key, principal)

    @strawberry.field(
        description=(
            "Your operations, newest first; with the scope `upgrades:admin`,"
            " everyone's. Makes no upstream call."
        ),
        directives=REQUIRES_READ,
    )
    async def operations(  # noqa: PLR0913 - one argument for each filter
        self,
        info: Info,
        *,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
        states: States = None,
        customer_id: OfCustomer = None,
        kinds: Kinds = None,
        principal: OfPrincipal = None,
        created_from: CreatedFrom = None,
        created_before: CreatedBefore = None,
    ) -> UpgradeOperationConnection | None:
        validate_first(first, info.context.max_page_size)
        key = OperationsKey(
            first,
            states=[OperationState[each.name] for each in states or ()],
            customer_id=(
                None if customer_id is None else arguments.parse_guid("customerId", customer_id)
            ),
            kinds=[OperationKind[each.name] for each in kinds or ()],
            principal=principal,
            created_from=created_from,
            created_before=created_before,
        )
        return await operation_connection(info.context.operations, key, after)

    @strawberry.field(
        description=(
            "The batch with this id. Returns your own; with the scope"
            " `upgrades:admin`, anyone's. Makes no upstream call."
        ),
        directives=REQUIRES_READ,
    )
    async def batch(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The `id` of the batch.")],
    ) -> UpgradeBatch | None:
        return await get_batch(info.context.batches, id)

    @strawberry.field(
        description=(
            "The batch recorded under an idempotency key. Null if the key has not"
            " been used. Makes no upstream call."
        ),
        directives=REQUIRES_READ,
    )
    async def batch_by_key(
        self,
        info: Info,
        idempotency_key: Annotated[
            str,
            strawberry.argument(description="The key that was sent with `upgradeSubscriptions`."),
        ],
        principal: Principal = None,
    ) -> UpgradeBatch | None:
        key = arguments.parse_idempotency_key("idempotencyKey", idempotency_key)
        return await info.context.batches.find_by_key(key, principal)

    @strawberry.field(
        description=(
            "Your batches, newest first; with the scope `upgrades:admin`, everyone's."
            " Makes no upstream call."
        ),
        directives=REQUIRES_READ,
    )
    async def batches(
        self, info: Info, first: First = DEFAULT_PAGE_SIZE, after: After = None
    ) -> UpgradeBatchConnection | None:
        validate_first(first, info.context.max_page_size)
        return await batch_connection(info.context.batches, first, after)
