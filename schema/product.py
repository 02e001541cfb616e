"""Products and SKUs of the new commerce catalog. Source: CONTRACT 4.28, 4.29, 5.11."""

from typing import Annotated

import strawberry
from strawberry import field
from strawberry.scalars import JSON

from schema.availability import Availability, TargetSegmentInput
from schema.billing import BillingCycle
from schema.context import Info
from schema.directives import SHORT_LIST
from schema.keys import AvailabilitiesKey, SkuKey
from schema.resource import Link, ResourceAttributes, ResourceLinks
from schema.subscription_terms import ProductType


@strawberry.type(description="The links that Partner Center returns with a product.")
class ProductLinks(ResourceLinks):
    skus: Link | None = field(default=None, description="The product's SKUs.")


@strawberry.type(description="The links that Partner Center returns with a SKU.")
class SkuLinks(ResourceLinks):
    availabilities: Link | None = field(default=None, description="The SKU's availabilities.")


@strawberry.type(
    description=(
        "A product of the new commerce catalog, in one market. The gateway caches it for"
        " hours, for all callers."
    )
)
class Product:
    id: strawberry.ID | None = field(
        default=None, description="The id of the product, such as `CFQ7TTC0LH18`."
    )
    title: str | None = field(default=None, description="The product's name.")
    description: str | None = field(default=None, description="The product's description.")
    product_type: ProductType | None = field(default=None, description="The kind of product.")
    is_microsoft_product: bool | None = field(
        default=None, description="Whether Microsoft is the publisher."
    )
    publisher_name: str | None = field(default=None, description="The publisher's name.")
    links: ProductLinks | None = field(
        default=None, description="The links that Partner Center returned with the product."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )


@strawberry.type(
    description=(
        "A variant of a product in the new commerce catalog, in one market: what a subscription"
        " is to. The gateway caches it for hours, for all callers."
    )
)
class Sku:
    id: strawberry.ID | None = field(
        default=None, description="The id of the SKU within its product, such as `0001`."
    )
    product_id: strawberry.ID | None = field(default=None, description="The id of the product.")
    title: str | None = field(default=None, description="The SKU's name.")
    description: str | None = field(default=None, description="The SKU's description.")
    minimum_quantity: int | None = field(
        default=None, description="The smallest number of licenses of a subscription."
    )
    maximum_quantity: int | None = field(
        default=None, description="The largest number of licenses of a subscription."
    )
    is_trial: bool | None = field(default=None, description="Whether the SKU is a trial.")
    supported_billing_cycles: list[BillingCycle] = field(
        default_factory=list, description="How often a subscription can be charged."
    )
    raw_supported_billing_cycles: list[str] = field(
        default_factory=list, description="`supportedBillingCycles` as Partner Center sent them."
    )
    purchase_prerequisites: list[str] = field(
        default_factory=list,
        description="What a customer needs before a purchase, such as `MicrosoftCloudAgreement`.",
    )
    inventory_variables: list[str] = field(
        default_factory=list, description="The values that Partner Center needs to check stock."
    )
    provisioning_variables: list[str] = field(
        default_factory=list, description="The values that Partner Center needs for provisioning."
    )
    actions: list[str] = field(
        default_factory=list, description="The actions that Partner Center allows."
    )
    dynamic_attributes: JSON | None = field(
        default=None,
        description=(
            "Further members, such as `isAddon` and `upgradeTargetOffers`, as Partner Center"
            " sent them. They may change at any time."
        ),
    )
    consumption_type: str | None = field(
        default=None, description="How usage is charged. Null if it is not."
    )
    attestation_properties: JSON | None = field(
        default=None, description="The attestation that a purchase needs. Null if it needs none."
    )
    links: SkuLinks | None = field(
        default=None, description="The links that Partner Center returned with the SKU."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
    key: strawberry.Private[SkuKey | None] = None

    @strawberry.field(
        description=(
            "The SKU's availabilities now, with the terms for which it can be bought. Their ids"
            " are reissued often, so they are never cached. Empty for a SKU that is no longer sold."
        ),
        directives=SHORT_LIST,
    )
    async def availabilities(
        self,
        info: Info,
        target_segment: Annotated[
            TargetSegmentInput | None,
            strawberry.argument(
                description=(
                    "Returns only availabilities for this segment. By default, those for all"
                    " segments except nonprofit."
                )
            ),
        ] = None,
    ) -> list[Availability] | None:
        if self.key is None:
            return []
        segment = None if target_segment is None else target_segment.name.lower()
        key = AvailabilitiesKey(self.key, segment)
        return list(await info.context.loaders.availabilities.load(key))
