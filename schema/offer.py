"""Offers of the legacy catalog, to which upgrades lead. Source: CONTRACT 5.4."""

import asyncio
from collections.abc import Sequence

import strawberry
from strawberry import field
from strawberry.scalars import JSON

from schema.billing import BillingCycle, BillingType
from schema.context import Info
from schema.directives import LINKED_OFFERS, SHORT_LIST
from schema.errors import NotFound
from schema.keys import Market, OfferKey
from schema.node import Node, encode_node_id
from schema.offer_details import (
    AttestationProperties,
    LimitUnitOfMeasure,
    OfferCategory,
    OfferLinks,
    OfferProduct,
)
from schema.pagination import Connection
from schema.resource import ResourceAttributes


@strawberry.type(
    description=(
        "An offer of the legacy catalog, in one market and language. Upgrades lead to offers."
    )
)
class Offer(Node):
    id: strawberry.ID = field(
        description=(
            "The offer's id: a GUID, or `MS-AZR-…` for Azure. Case-insensitive. The"
            " same id is another offer in each market."
        )
    )
    name: str | None = field(default=None, description="The localized name.")
    description: str | None = field(default=None, description="The localized description.")
    minimum_quantity: int | None = field(
        default=None, description="The minimum number of licenses of one subscription."
    )
    maximum_quantity: int | None = field(
        default=None,
        description="The maximum number of licenses of one subscription. Null if there is none.",
    )
    rank: int | None = field(
        default=None, description="The position within the product line, ascending."
    )
    uri: str | None = field(default=None, description="The offer's path in Partner Center's API.")
    locale: str | None = field(
        default=None, description="The language of the texts, as Partner Center sent it."
    )
    country: str | None = field(
        default=None, description="The market, an ISO 3166 code of two letters."
    )
    category: OfferCategory | None = field(default=None, description="The category in the catalog.")
    limit_unit_of_measure: LimitUnitOfMeasure | None = field(
        default=None, description="What `limit` counts."
    )
    raw_limit_unit_of_measure: str | None = field(
        default=None, description="`limitUnitOfMeasure` as Partner Center sent it."
    )
    limit: int | None = field(
        default=None,
        description=(
            "The maximum number of subscriptions to the offer, counted as"
            " `limitUnitOfMeasure` says."
        ),
    )
    prerequisite_offers: list[strawberry.ID] = field(
        default_factory=list,
        description="The ids of offers, one of which is required to buy this add-on.",
    )
    is_add_on: bool | None = field(
        default=None, description="Whether the offer extends another subscription."
    )
    has_add_ons: bool | None = field(default=None, description="Whether the offer has add-ons.")
    is_available_for_purchase: bool | None = field(
        default=None, description="Whether the offer can be bought now."
    )
    billing: BillingType | None = field(
        default=None, description="Whether the offer is charged by license or by usage."
    )
    raw_billing: str | None = field(
        default=None, description="`billing` as Partner Center sent it."
    )
    supported_billing_cycles: list[BillingCycle] = field(
        default_factory=list, description="How often the offer can be charged."
    )
    raw_supported_billing_cycles: list[str] = field(
        default_factory=list, description="`supportedBillingCycles` as Partner Center sent it."
    )
    is_auto_renewable: bool | None = field(
        default=None,
        description="Whether a subscription can renew itself at the end of its term.",
    )
    is_trial: bool | None = field(default=None, description="Whether the offer is a trial.")
    is_internal: bool | None = field(
        default=None,
        description=(
            "Whether the offer is for Microsoft's own use. Only the offers of `upgrades` have it."
        ),
    )
    is_microsoft_product: bool | None = field(
        default=None,
        description=(
            "Whether Microsoft is the publisher. Only some Partner Center responses contain it."
        ),
    )
    upgrade_target_offers: list[strawberry.ID] = field(
        default_factory=list,
        description="The ids of the offers to which a subscription can be upgraded.",
    )
    conversion_target_offers: list[strawberry.ID] = field(
        default_factory=list, description="The ids of the offers to which a trial can be converted."
    )
    resellee_qualifications: list[str] = field(
        default_factory=list, description="The qualifications that the customer must have."
    )
    reseller_qualifications: list[str] = field(
        default_factory=list, description="The qualifications that the reseller must have."
    )
    partner_qualifications: list[str] = field(
        default_factory=list,
        description=(
            "The qualifications that the partner must have. Only the offers of"
            " `upgrades` have them."
        ),
    )
    sales_group_id: str | None = field(
        default=None,
        description="The sales group. Offers of different groups cannot be in one order.",
    )
    attestation_properties: AttestationProperties | None = field(
        default=None, description="The attestation that a buyer must give."
    )
    product: OfferProduct | None = field(
        default=None, description="The product that the offer sells."
    )
    unit_type: str | None = field(
        default=None, description="The unit that is counted, such as `Licenses`."
    )
    acquisition_type: str | None = field(
        default=None,
        description="How the offer is acquired. Only some Partner Center responses contain it.",
    )
    actions: list[str] = field(
        default_factory=list,
        description="The actions that Partner Center allows. Only some responses contain them.",
    )
    additional_properties: JSON | None = field(
        default=None, description="Further members, as Partner Center sent them."
    )
    supported_catalog_types: list[str] = field(
        default_factory=list,
        description=(
            "The catalogs to which the offer belongs. Only some Partner Center"
            " responses contain them."
        ),
    )
    links: OfferLinks | None = field(
        default=None, description="The links that Partner Center returned with the offer."
    )
    attributes: ResourceAttributes | None = field(
        default=None, description="Partner Center's metadata of this resource."
    )
    market: strawberry.Private[Market] = Market()

    @strawberry.field(
        description="The object's globally unique, opaque id. Pass it to `node(nodeId:)`."
    )
    def node_id(self) -> strawberry.ID:
        return encode_node_id("Offer", self.id, self.market.country, self.market.locale)

    @strawberry.field(
        description=(
            "The offers to which a subscription can be upgraded, in this market."
            " Offers that are not sold in the market are left out. The offers that a"
            " page names are read together."
        ),
        directives=LINKED_OFFERS,
    )
    async def upgrade_targets(self, info: Info) -> list["Offer"] | None:
        return await _load_available(self.upgrade_target_offers, self.market, info)

    @strawberry.field(
        description=(
            "Offers, one of which is required to buy this add-on, in this market. Offers that are"
            " not sold in the market are left out. The offers that a page names are"
            " read together."
        ),
        directives=LINKED_OFFERS,
    )
    async def prerequisites(self, info: Info) -> list["Offer"] | None:
        return await _load_available(self.prerequisite_offers, self.market, info)

    @strawberry.field(
        description=(
            "The add-ons that can be bought with the offer. Costs one call for each"
            " offer; none if Partner Center says that there are no add-ons."
        ),
        directives=SHORT_LIST,
    )
    async def add_ons(self, info: Info) -> list["Offer"] | None:
        if self.has_add_ons is False:
            return []
        key = OfferKey(self.id, self.market)
        return list(await info.context.loaders.offer_add_ons.load(key))


@strawberry.type(description="A page of offers. Partner Center does not return the total number.")
class OfferConnection(Connection[Offer]):
    pass


async def _load_available(ids: Sequence[str], market: Market, info: Info) -> list[Offer]:
    """Load offers, without those that the market does not have. Raises other errors."""
    load = info.context.loaders.offer.load
    found = await asyncio.gather(
        *(load(OfferKey(offer_id, market)) for offer_id in ids), return_exceptions=True
    )
    offers = []
    for offer in found:
        if isinstance(offer, NotFound):
            continue
        if isinstance(offer, BaseException):
            raise offer
        offers.append(offer)
    return offers
