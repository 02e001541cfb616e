"""Product upgrades: a customer's legacy Azure to the Azure plan. Source: CONTRACT 5.3, 6.6."""

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


@strawberry.enum(description="How far a product upgrade is.")
class ProductUpgradeState(Enum):
    """CONTRACT 6.6; the vendor publishes no list."""

    PENDING = strawberry.enum_value("PENDING", description="Accepted, not begun.")
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="Running.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Ended well.")
    FAILED = strawberry.enum_value("FAILED", description="Ended badly; see `errorDetails`.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="A state this graph does not know: not finished; see `rawStatus`."
    )


@strawberry.input(description="Which customer's products are to be upgraded.")
class ProductUpgradeRequest:
    """CONTRACT 5.3, ProductUpgradeRequest."""

    customer_id: strawberry.ID = field(description="The customer's tenant id, a GUID.")
    product_family: str = field(
        default="azure", description="The family of products; the vendor knows only `azure`."
    )
    attributes: ResourceAttributesInput | None = field(
        default=None, description="Sent to the vendor as they are; it needs none."
    )


@strawberry.type(description="Why a product upgrade failed.")
class ErrorDetails:
    """CONTRACT 5.3, ErrorDetails."""

    code: str | None = field(default=None, description="The vendor's code.")
    message: str | None = field(default=None, description="The vendor's text.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )


@_without_links
@strawberry.type(description="A product before or after its upgrade.")
class UpgradeProduct:
    """CONTRACT 5.3, UpgradeProduct.

    Attributes:
        customer_id: whose product it is; none in what earlier versions recorded.
    """

    id: strawberry.ID | None = field(default=None, description="The product's id, a GUID.")
    name: str | None = field(
        default=None, description="The product's name, such as `Microsoft Azure plan`."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )
    customer_id: strawberry.Private[str | None] = None

    @strawberry.field(
        description=(
            "The customer's subscription with this `id` or `entitlementId`; null where there is "
            "none. The customer's subscriptions are read once for all products."
        ),
        directives=PRODUCT_UPGRADE_SUBSCRIPTIONS,
    )
    async def subscription(self, info: Info) -> LazySubscription | None:
        """Find it in the customer's list, which may have been read already."""
        if self.customer_id is None or self.id is None:
            return None
        wanted = self.id.lower()
        held = await info.context.loaders.subscriptions.load(CustomerKey(self.customer_id))
        ids = ((each, (each.id, each.entitlement_id or "")) for each in held)
        return next((each for each, own in ids if wanted in map(str.lower, own)), None)


@strawberry.type(description="One product of a product upgrade.")
class UpgradesLineItem:
    """CONTRACT 5.3, UpgradesLineItem."""

    source_product: UpgradeProduct | None = field(default=None, description="What is upgraded.")
    target_product: UpgradeProduct | None = field(default=None, description="What it becomes.")
    upgraded_date: datetime | None = field(
        default=None, description="When it was upgraded, UTC; null while it was not."
    )
    raw_upgraded_date: str | None = field(default=None, description="`upgradedDate` as sent.")
    status: ProductUpgradeState | None = field(default=None, description="How far it is.")
    raw_status: str | None = field(default=None, description="`status` as sent.")
    error_details: ErrorDetails | None = field(default=None, description="Why it failed.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )


@_without_links
@strawberry.type(description="A product upgrade and how far it is.")
class ProductUpgradesStatus:
    """CONTRACT 5.3, ProductUpgradesStatus.

    Attributes:
        customer_id: whose upgrade it is; none in what earlier versions recorded.
    """

    id: strawberry.ID = field(description="The upgrade's id, a GUID.")
    product_family: str | None = field(default=None, description="The family, such as `Azure`.")
    status: ProductUpgradeState = field(description="How far it is.")
    raw_status: str | None = field(default=None, description="`status` as sent.")
    line_items: list[UpgradesLineItem] = field(
        default_factory=list, description="One for each product.", directives=LINE_ITEMS
    )
    error_details: ErrorDetails | None = field(default=None, description="Why it failed.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )
    customer_id: strawberry.Private[str | None] = None

    @strawberry.field(
        description="The customer whose products are upgraded.", directives=PER_CUSTOMER
    )
    async def customer(self, info: Info) -> LazyCustomer | None:
        """Follow the question's customer; the vendor's answer names none."""
        if self.customer_id is None:
            return None
        return await info.context.loaders.customer.load(CustomerKey(self.customer_id))


@strawberry.type(description="Whether a customer's products can be upgraded.")
class ProductUpgradesEligibility:
    """CONTRACT 5.3, ProductUpgradesEligibility; 10.2 says what each combination means."""

    customer_id: strawberry.ID | None = field(default=None, description="The customer's id.")
    product_family: str | None = field(default=None, description="The family, such as `azure`.")
    is_eligible: bool = field(description="Whether an upgrade can be requested now.")
    upgrade_id: strawberry.ID | None = field(
        default=None, description="The upgrade that exists for the family, a GUID; null if none."
    )
    reason: str | None = field(default=None, description="Why not; free text, there is no code.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )
    key: strawberry.Private[ProductUpgradeKey]

    @strawberry.field(description="The customer that was asked about.", directives=PER_CUSTOMER)
    async def customer(self, info: Info) -> LazyCustomer | None:
        """Follow the question's customer: the answer's id is not reliable (CONTRACT 11, Q26)."""
        return await info.context.loaders.customer.load(CustomerKey(self.key.customer_id))

    @strawberry.field(
        description="The upgrade that exists for the family; null if none does.",
        directives=ONE_CALL,
    )
    async def upgrade(self, info: Info) -> ProductUpgradesStatus | None:
        """Follow `upgradeId`."""
        if self.upgrade_id is None:
            return None
        key = ProductUpgradeStatusKey(self.upgrade_id, self.key)
        return await info.context.loaders.product_upgrade_status.load(key)
