"""The root fields that read from Partner Center.

Those that only load return the loader's future without awaiting it, which saves a coroutine, and a
task where a document has several root fields.
"""

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from resolvers.context import RequestContext
from resolvers.customer_pages import customer_connection
from resolvers.nodes import find_node
from resolvers.offer_pages import offer_connection
from resolvers.previews import upgrade_preview
from schema import arguments
from schema.arguments import (
    DEFAULT_PAGE_SIZE,
    After,
    Country,
    CustomerId,
    First,
    Locale,
    ProductId,
    ProductUpgradeArgument,
    UpgradeId,
)
from schema.customer import Customer, CustomerConnection
from schema.customer_subscription import CustomerSubscription
from schema.directives import ONE_CALL, PREVIEW, REQUIRES_READ
from schema.keys import (
    DEFAULT_COUNTRY,
    DEFAULT_LOCALE,
    CustomerKey,
    OfferKey,
    ProductKey,
    SkuKey,
    SubscriptionKey,
)
from schema.node import Node
from schema.offer import Offer, OfferConnection
from schema.offer_details import OfferCategory
from schema.pagination import validate_first
from schema.preview import UpgradePreview, UpgradePreviewInput
from schema.product import Product, Sku
from schema.product_upgrade import (
    ProductUpgradesEligibility,
    ProductUpgradesStatus,
)
from schema.throttle import ThrottleScope

Info = strawberry.Info[RequestContext, None]


@strawberry.type
class PartnerCenterQuery:
    @strawberry.field(
        description="The customer with this id, with all its fields.",
        graphql_type=Customer | None,
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    def customer(self, info: Info, id: CustomerId) -> Awaitable[Customer]:
        key = CustomerKey(arguments.parse_guid("id", id))
        return info.context.loaders.full_customer.load(key)

    @strawberry.field(
        description="The partner's customers, in Partner Center's order.",
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    async def customers(
        self,
        info: Info,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
        company_name_starts_with: Annotated[
            str | None,
            strawberry.argument(
                description=(
                    "Returns only customers whose company name starts with this text."
                    " Case-insensitive."
                )
            ),
        ] = None,
    ) -> CustomerConnection | None:
        validate_first(first, info.context.max_page_size)
        return await customer_connection(
            info.context.loaders, first, after, company_name_starts_with
        )

    @strawberry.field(
        description=(
            "The subscription with this id. Several subscriptions of one customer in"
            " a document share one upstream call."
        ),
        graphql_type=CustomerSubscription | None,
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    def subscription(
        self,
        info: Info,
        customer_id: CustomerId,
        id: Annotated[
            strawberry.ID, strawberry.argument(description="The subscription's id, a GUID.")
        ],
    ) -> Awaitable[CustomerSubscription]:
        key = SubscriptionKey(
            arguments.parse_guid("customerId", customer_id), arguments.parse_guid("id", id)
        )
        return info.context.loaders.subscription.load(key)

    @strawberry.field(
        description=(
            "The offer with this id in the legacy catalog of a market. New commerce"
            " items are not in this catalog."
        ),
        graphql_type=Offer | None,
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    def offer(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID,
            strawberry.argument(description="The offer's id: a GUID, or `MS-AZR-…` for Azure."),
        ],
        country: Country = DEFAULT_COUNTRY,
        locale: Locale = DEFAULT_LOCALE,
    ) -> Awaitable[Offer]:
        key = OfferKey(arguments.parse_offer_id("id", id), arguments.parse_market(country, locale))
        return info.context.loaders.offer.load(key)

    @strawberry.field(
        description="The offers in the legacy catalog of a market, by rank.",
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    async def offers(
        self,
        info: Info,
        country: Country = DEFAULT_COUNTRY,
        locale: Locale = DEFAULT_LOCALE,
        category_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description=(
                    "Returns only offers of this category: the `id` of one of `offerCategories`."
                )
            ),
        ] = None,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
    ) -> OfferConnection | None:
        validate_first(first, info.context.max_page_size)
        market = arguments.parse_market(country, locale)
        category = (
            None if category_id is None else arguments.parse_category_id("categoryId", category_id)
        )
        return await offer_connection(info.context.loaders, market, category, first, after)

    @strawberry.field(
        description="The categories in the legacy catalog of a market, by rank.",
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    async def offer_categories(
        self, info: Info, country: Country = DEFAULT_COUNTRY, locale: Locale = DEFAULT_LOCALE
    ) -> list[OfferCategory] | None:
        market = arguments.parse_market(country, locale)
        return list(await info.context.loaders.offer_categories.load(market))

    @strawberry.field(
        description="The product with this id in the new commerce catalog of a market.",
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    async def product(
        self,
        info: Info,
        id: ProductId,
        country: Country = DEFAULT_COUNTRY,
        locale: Locale = DEFAULT_LOCALE,
    ) -> Product | None:
        market = arguments.parse_market(country, locale)
        key = ProductKey(arguments.parse_catalog_id("id", id), market)
        return await info.context.loaders.product.load(key)

    @strawberry.field(
        description=(
            "The SKU with these ids in the new commerce catalog of a market. Use it to name"
            " catalog items: their ids are `product:sku:availability`."
        ),
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    async def sku(
        self,
        info: Info,
        product_id: ProductId,
        id: Annotated[
            strawberry.ID,
            strawberry.argument(description="The SKU's id within its product, such as `0001`."),
        ],
        country: Country = DEFAULT_COUNTRY,
        locale: Locale = DEFAULT_LOCALE,
    ) -> Sku | None:
        market = arguments.parse_market(country, locale)
        product = arguments.parse_catalog_id("productId", product_id)
        key = SkuKey(product, arguments.parse_catalog_id("id", id), market)
        return await info.context.loaders.sku.load(key)

    @strawberry.field(
        description=(
            "Whether a customer's legacy Azure subscriptions can be moved to the Azure plan."
        ),
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    async def product_upgrade_eligibility(
        self, info: Info, request: ProductUpgradeArgument
    ) -> ProductUpgradesEligibility | None:
        key = arguments.parse_product_upgrade_key(request)
        return await info.context.loaders.product_upgrade_eligibility.load(key)

    @strawberry.field(
        description="The progress of a product upgrade, by its id.",
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    async def product_upgrade_status(
        self,
        info: Info,
        upgrade_id: UpgradeId,
        request: ProductUpgradeArgument,
    ) -> ProductUpgradesStatus | None:
        key = arguments.parse_product_upgrade_status_key(upgrade_id, request)
        return await info.context.loaders.product_upgrade_status.load(key)

    @strawberry.field(
        description=(
            "The state of the rate limits that apply to your calls, as this process"
            " knows it. Makes no upstream call."
        ),
        directives=REQUIRES_READ,
    )
    def throttle(self, info: Info) -> list[ThrottleScope] | None:
        return list(info.context.directory.throttle())

    @strawberry.field(
        description=(
            "The object with this `nodeId`: a customer, subscription, offer,"
            " operation or batch. Operations and batches cost no upstream call."
        ),
        directives=(*REQUIRES_READ, *ONE_CALL),
    )
    async def node(
        self,
        info: Info,
        node_id: Annotated[
            strawberry.ID, strawberry.argument(description="A `nodeId` that this graph returned.")
        ],
    ) -> Node | None:
        context = info.context
        return await find_node(context.loaders, context.operations, context.batches, node_id)

    @strawberry.field(
        description=(
            "What an order of any kind would do. Makes the checks of its mutation, with two"
            " upstream calls, up to four for a scheduled change, and sends nothing."
        ),
        directives=(*REQUIRES_READ, *PREVIEW),
    )
    async def upgrade_preview(
        self,
        info: Info,
        input: Annotated[
            UpgradePreviewInput, strawberry.argument(description="The upgrade to preview.")
        ],
    ) -> UpgradePreview | None:
        return await upgrade_preview(info.context, input)
