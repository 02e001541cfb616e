"""Product upgrades from legacy Azure to the Azure plan. Source: CONTRACT 5.3, 6.6."""

import dataclasses
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, TypeVar

import strawberry
from strawberry import field

from schema.context import Info
from schema.directives import LINE_ITEMS, ONE_CALL, PER_CUSTOMER, PRODUCT_UPGRADE_SUBSCRIPTIONS
from schema.keys import CustomerKey, ProductUpgradeKey, ProductUpgradeStatusKey
from schema.resource import ResourceAttributes, ResourceAttributesInput

if TYPE_CHECKING:
    from schema.customer import Customer
    from schema.customer_subscription import CustomerSubscription

LazyCustomer = Annotated["Customer", strawberry.lazy("schema.customer")]
LazySubscription = Annotated[
    "CustomerSubscription", strawberry.lazy("schema.customer_subscription")
]


T = TypeVar("T", bound=type)


def _without_links(graph_type: T) -> T:
    # Operations store these types with msgspec, which fails on the fields of resolvers: they
    # have no annotation.
    for name in [each.name for each in dataclasses.fields(graph_type) if not each.init]:
        del vars(graph_type)["__dataclass_fields__"][name]
    return graph_type


@strawberry.enum(description="The progress of a product upgrade, or of one of its products.")
class ProductUpgradeState(Enum):
    """The states of a product upgrade (CONTRACT 6.6). Microsoft publishes no list."""

    PENDING = strawberry.enum_value("PENDING", description="Accepted, not started.")
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="Started, not ended.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Ended successfully.")
    FAILED = strawberry.enum_value(
        "FAILED", description="Ended with an error. `errorDetails` has the reason."
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description=(
            "A state that this version of the graph does not know; treated as not"
            " ended. `rawStatus` has it."
        ),
    )


@strawberry.input(description="The customer and the product family of a product upgrade.")
class ProductUpgradeRequest:
    customer_id: strawberry.ID = field(description="The customer's tenant id, a GUID.")
    product_family: str = field(
        default="azure", description="The product family. Partner Center knows only `azure`."
    )
    attributes: ResourceAttributesInput | None = field(
        default=None,
        description="Optional metadata that is sent to Partner Center unchanged.",
    )


@strawberry.type(
    description="Why a product upgrade, or one of its products, failed. Null if it did not fail."
)
class ErrorDetails:
    code: str | None = field(default=None, description="Partner Center's error code.")
    message: str | None = field(default=None, description="Partner Center's error message.")
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )


@_without_links
@strawberry.type(
    description="A product before or after its upgrade. Null if Partner Center does not name it."
)
class UpgradeProduct:
    """A product before or after its upgrade.

    Attributes:
        customer_id: the customer; None in records of early versions.
    """

    id: strawberry.ID | None = field(default=None, description="The product's id, a GUID.")
    name: str | None = field(
        default=None, description="The product's name, such as `Microsoft Azure plan`."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
    customer_id: strawberry.Private[str | None] = None

    @strawberry.field(
        description=(
            "The customer's subscription whose `id` or `entitlementId` is this"
            " product's `id`. Null if there is none. One call, shared by all products"
            " of the upgrade."
        ),
        directives=PRODUCT_UPGRADE_SUBSCRIPTIONS,
    )
    async def subscription(self, info: Info) -> LazySubscription | None:
        if self.customer_id is None or self.id is None:
            return None
        wanted = self.id.lower()
        held = await info.context.loaders.subscriptions.load(CustomerKey(self.customer_id))
        ids = ((each, (each.id, each.entitlement_id or "")) for each in held)
        return next((each for each, own in ids if wanted in map(str.lower, own)), None)


@strawberry.type(description="One product of a product upgrade.")
class UpgradesLineItem:
    source_product: UpgradeProduct | None = field(
        default=None, description="The product that is upgraded."
    )
    target_product: UpgradeProduct | None = field(
        default=None, description="The product that replaces it."
    )
    upgraded_date: datetime | None = field(
        default=None, description="When the product was upgraded. Null until then."
    )
    raw_upgraded_date: str | None = field(
        default=None, description="`upgradedDate` as Partner Center sent it."
    )
    status: ProductUpgradeState | None = field(
        default=None, description="The progress of this product."
    )
    raw_status: str | None = field(default=None, description="`status` as Partner Center sent it.")
    error_details: ErrorDetails | None = field(
        default=None, description="Why this product failed. Null if it did not."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )


@_without_links
@strawberry.type(description="A product upgrade and its progress. Null if the customer has none.")
class ProductUpgradesStatus:
    """A product upgrade and its progress.

    Attributes:
        customer_id: the customer; None in records of early versions.
    """

    id: strawberry.ID = field(description="The product upgrade's id, a GUID.")
    product_family: str | None = field(
        default=None, description="The product family, such as `Azure`."
    )
    status: ProductUpgradeState = field(description="The progress of the whole upgrade.")
    raw_status: str | None = field(default=None, description="`status` as Partner Center sent it.")
    line_items: list[UpgradesLineItem] = field(
        default_factory=list,
        description="The products, each with its own progress.",
        directives=LINE_ITEMS,
    )
    error_details: ErrorDetails | None = field(
        default=None, description="Why the upgrade failed. Null if it did not."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
    customer_id: strawberry.Private[str | None] = None

    @strawberry.field(
        description=(
            "The customer whose products are upgraded. Null for operations recorded"
            " by early versions."
        ),
        directives=PER_CUSTOMER,
    )
    async def customer(self, info: Info) -> LazyCustomer | None:
        if self.customer_id is None:
            return None
        return await info.context.loaders.customer.load(CustomerKey(self.customer_id))


@strawberry.type(description="Whether a customer's products of one family can be upgraded now.")
class ProductUpgradesEligibility:
    """Whether a customer's products can be upgraded. CONTRACT 10.2 explains its combinations."""

    customer_id: strawberry.ID | None = field(
        default=None,
        description=(
            "The customer's id as Partner Center sent it. It may differ from the"
            " requested one; `customer` is reliable."
        ),
    )
    product_family: str | None = field(
        default=None, description="The product family, such as `azure`."
    )
    is_eligible: bool = field(description="Whether `requestProductUpgrade` is possible now.")
    upgrade_id: strawberry.ID | None = field(
        default=None,
        description=(
            "The id of the existing upgrade of this family, a GUID. Null if there is none."
        ),
    )
    reason: str | None = field(
        default=None,
        description=(
            "Why an upgrade is not possible, as free text. Partner Center has no code for it."
        ),
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
    key: strawberry.Private[ProductUpgradeKey]

    @strawberry.field(
        description=(
            "The customer in your request. Costs no call if the document has read the"
            " customer already."
        ),
        directives=PER_CUSTOMER,
    )
    async def customer(self, info: Info) -> LazyCustomer | None:
        return await info.context.loaders.customer.load(CustomerKey(self.key.customer_id))

    @strawberry.field(
        description="The existing upgrade of this family. Null if there is none. Costs one call.",
        directives=ONE_CALL,
    )
    async def upgrade(self, info: Info) -> ProductUpgradesStatus | None:
        if self.upgrade_id is None:
            return None
        key = ProductUpgradeStatusKey(self.upgrade_id, self.key)
        return await info.context.loaders.product_upgrade_status.load(key)
