"""The root of queries; bodies read like a table of contents."""

from typing import Annotated

import strawberry

from resolvers.batch_mutations import batch_connection, get_batch
from resolvers.context import RequestContext
from resolvers.customer_pages import customer_connection
from resolvers.nodes import find_node
from resolvers.offer_pages import offer_connection
from resolvers.operation_queries import get_operation, operation_connection
from resolvers.ports.operations import OperationsKey
from resolvers.previews import upgrade_preview
from schema import arguments
from schema.arguments import (
    DEFAULT_PAGE_SIZE,
    After,
    Country,
    CustomerId,
    First,
    Locale,
    ProductUpgradeArgument,
    UpgradeId,
)
from schema.batch import UpgradeBatch, UpgradeBatchConnection
from schema.customer import Customer, CustomerConnection
from schema.customer_subscription import CustomerSubscription
from schema.directives import ONE_CALL, PREVIEW, REQUIRES_READ
from schema.keys import (
    DEFAULT_COUNTRY,
    DEFAULT_LOCALE,
    CustomerKey,
    OfferKey,
    SubscriptionKey,
)
from schema.node import Node
from schema.offer import Offer, OfferCategory, OfferConnection
from schema.operation import (
    OperationState,
    OperationStateInput,
    UpgradeOperation,
    UpgradeOperationConnection,
)
from schema.pagination import validate_first
from schema.preview import UpgradePreview, UpgradePreviewInput
from schema.product_upgrade import (
    ProductUpgradesEligibility,
    ProductUpgradesStatus,
)
from schema.throttle import ThrottleScope

Info = strawberry.Info[RequestContext, None]
Principal = Annotated[
    str | None,
    strawberry.argument(
        description="Whose key it is; yours when left out. Others' need `upgrades:admin`."
    ),
]


@strawberry.type(description="What can be asked. Each root field costs one upstream call.")
class Query:
    """Every field checks its arguments, then asks one loader."""

    @strawberry.field(description="One customer.", directives=(*REQUIRES_READ, *ONE_CALL))
    async def customer(self, info: Info, id: CustomerId) -> Customer | None:
        """Read the whole customer: a list has only a part of it."""
        key = CustomerKey(arguments.parse_guid("id", id))
        return await info.context.loaders.full_customer.load(key)

    @strawberry.field(
        description="The partner's customers, in the vendor's order.",
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    async def customers(
        self,
        info: Info,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
        company_name_starts_with: Annotated[
            str | None,
            strawberry.argument(description="Only those whose name starts so; case is ignored."),
        ] = None,
    ) -> CustomerConnection | None:
        """Page through the vendor's list."""
        validate_first(first, info.context.max_page_size)
        return await customer_connection(
            info.context.loaders, first, after, company_name_starts_with
        )

    @strawberry.field(
        description="One subscription of a customer.", directives=(*REQUIRES_READ, *ONE_CALL)
    )
    async def subscription(
        self,
        info: Info,
        customer_id: CustomerId,
        id: Annotated[
            strawberry.ID, strawberry.argument(description="The subscription's id, a GUID.")
        ],
    ) -> CustomerSubscription | None:
        """Several of one customer are one call."""
        key = SubscriptionKey(
            arguments.parse_guid("customerId", customer_id), arguments.parse_guid("id", id)
        )
        return await info.context.loaders.subscription.load(key)

    @strawberry.field(
        description="One offer of the legacy catalog.", directives=(*REQUIRES_READ, *ONE_CALL)
    )
    async def offer(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID, strawberry.argument(description="The offer's id: a GUID, or MS-AZR-….")
        ],
        country: Country = DEFAULT_COUNTRY,
        locale: Locale = DEFAULT_LOCALE,
    ) -> Offer | None:
        """Many of one market are as few calls as its catalog allows."""
        key = OfferKey(arguments.parse_offer_id("id", id), arguments.parse_market(country, locale))
        return await info.context.loaders.offer.load(key)

    @strawberry.field(
        description="The legacy catalog of a market.", directives=(*REQUIRES_READ, *ONE_CALL)
    )
    async def offers(
        self,
        info: Info,
        country: Country = DEFAULT_COUNTRY,
        locale: Locale = DEFAULT_LOCALE,
        category_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only those of this category.")
        ] = None,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
    ) -> OfferConnection | None:
        """Page through the catalog."""
        validate_first(first, info.context.max_page_size)
        market = arguments.parse_market(country, locale)
        category = (
            None if category_id is None else arguments.parse_category_id("categoryId", category_id)
        )
        return await offer_connection(info.context.loaders, market, category, first, after)

    @strawberry.field(
        description="The categories of a market's legacy catalog.",
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    async def offer_categories(
        self, info: Info, country: Country = DEFAULT_COUNTRY, locale: Locale = DEFAULT_LOCALE
    ) -> list[OfferCategory] | None:
        """By rank."""
        market = arguments.parse_market(country, locale)
        return list(await info.context.loaders.offer_categories.load(market))

    @strawberry.field(
        description="Whether a customer's products can be upgraded.",
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    async def product_upgrade_eligibility(
        self, info: Info, request: ProductUpgradeArgument
    ) -> ProductUpgradesEligibility | None:
        """For legacy Azure, to the Azure plan."""
        key = arguments.parse_product_upgrade_key(request)
        return await info.context.loaders.product_upgrade_eligibility.load(key)

    @strawberry.field(
        description="How far a product upgrade is.", directives=(*REQUIRES_READ, *ONE_CALL)
    )
    async def product_upgrade_status(
        self,
        info: Info,
        upgrade_id: UpgradeId,
        request: ProductUpgradeArgument,
    ) -> ProductUpgradesStatus | None:
        """The vendor asks for the customer and the family again."""
        key = arguments.parse_product_upgrade_status_key(upgrade_id, request)
        return await info.context.loaders.product_upgrade_status.load(key)

    @strawberry.field(
        description="How the vendor's throttling stands for this caller. No upstream call.",
        directives=REQUIRES_READ,
    )
    def throttle(self, info: Info) -> list[ThrottleScope] | None:
        """As far as this process has seen it."""
        return list(info.context.directory.throttle())

    @strawberry.field(
        description="Anything by its `nodeId`.", directives=(*REQUIRES_READ, *ONE_CALL)
    )
    async def node(
        self,
        info: Info,
        node_id: Annotated[
            strawberry.ID, strawberry.argument(description="A value of a field named nodeId.")
        ],
    ) -> Node | None:
        """Fetch it again."""
        context = info.context
        return await find_node(context.loaders, context.operations, context.batches, node_id)

    @strawberry.field(
        description="What an upgrade of a subscription would do. Nothing is sent that writes.",
        directives=(*REQUIRES_READ, *PREVIEW),
    )
    async def upgrade_preview(
        self,
        info: Info,
        input: Annotated[
            UpgradePreviewInput, strawberry.argument(description="The upgrade to look at.")
        ],
    ) -> UpgradePreview | None:
        """Three upstream calls."""
        return await upgrade_preview(info.context, input)

    @strawberry.field(
        description=(
            "One of your operations; with `upgrades:admin`, of anybody's. No upstream call."
        ),
        directives=REQUIRES_READ,
    )
    async def operation(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The operation's `id`.")],
    ) -> UpgradeOperation | None:
        """As it stands now."""
        return await get_operation(info.context.operations, id)

    @strawberry.field(
        description="The operation of one of your keys; null when it stands for none yet.",
        directives=REQUIRES_READ,
    )
    async def operation_by_key(
        self,
        info: Info,
        idempotency_key: Annotated[
            str, strawberry.argument(description="The key a mutation was sent with.")
        ],
        principal: Principal = None,
    ) -> UpgradeOperation | None:
        """Find out what became of a mutation whose answer was lost."""
        key = arguments.parse_operation_key("idempotencyKey", idempotency_key)
        return await info.context.operations.find_by_key(key, principal)

    @strawberry.field(
        description=(
            "Your operations, newest first; with `upgrades:admin`, everybody's. No upstream call."
        ),
        directives=REQUIRES_READ,
    )
    async def operations(
        self,
        info: Info,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
        states: Annotated[
            list[OperationStateInput] | None,
            strawberry.argument(description="Only those in one of these states."),
        ] = None,
        customer_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only those of this customer.")
        ] = None,
    ) -> UpgradeOperationConnection | None:
        """Page through what is recorded."""
        validate_first(first, info.context.max_page_size)
        customer = None if customer_id is None else arguments.parse_guid("customerId", customer_id)
        wanted = [OperationState[each.name] for each in states or ()]
        return await operation_connection(
            info.context.operations, OperationsKey(first, None, wanted, customer), after
        )

    @strawberry.field(
        description="One of your batches. No upstream call.", directives=REQUIRES_READ
    )
    async def batch(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The batch's `id`.")],
    ) -> UpgradeBatch | None:
        """As it stands now."""
        return await get_batch(info.context.batches, id)

    @strawberry.field(
        description="The batch that a key stands for; null when there is none. No upstream call.",
        directives=REQUIRES_READ,
    )
    async def batch_by_key(
        self,
        info: Info,
        idempotency_key: Annotated[
            str,
            strawberry.argument(description="The key `upgradeSubscriptions` was sent with."),
        ],
        principal: Principal = None,
    ) -> UpgradeBatch | None:
        """Find out what became of a batch whose answer was lost."""
        key = arguments.parse_idempotency_key("idempotencyKey", idempotency_key)
        return await info.context.batches.find_by_key(key, principal)

    @strawberry.field(
        description=(
            "Your batches, newest first; with `upgrades:admin`, everybody's. No upstream call."
        ),
        directives=REQUIRES_READ,
    )
    async def batches(
        self, info: Info, first: First = DEFAULT_PAGE_SIZE, after: After = None
    ) -> UpgradeBatchConnection | None:
        """Page through what is recorded."""
        validate_first(first, info.context.max_page_size)
        return await batch_connection(info.context.batches, first, after)
