"""Offers of the legacy catalog, which upgrades lead to. Source: CONTRACT 5.4."""

import asyncio
from collections.abc import Sequence
from enum import Enum

import strawberry
from strawberry import field
from strawberry.scalars import JSON

from schema.billing import BillingCycle, BillingType
from schema.context import Info
from schema.directives import LINKED_OFFERS, SHORT_LIST
from schema.errors import NotFound
from schema.keys import Market, OfferKey
from schema.node import Node, encode_node_id
from schema.pagination import Connection
from schema.resource import Link, ResourceAttributes, ResourceLinks


@strawberry.enum(description="What a limit of an offer counts.")
class LimitUnitOfMeasure(Enum):
    """CONTRACT 5.4, limitUnitOfMeasure."""

    NONE = strawberry.enum_value("NONE", description="There is no limit.")
    CONCURRENT = strawberry.enum_value(
        "CONCURRENT", description="Subscriptions of the offer at the same time."
    )
    LIFE_TIME = strawberry.enum_value(
        "LIFE_TIME", description="Subscriptions of the offer a customer may ever have."
    )
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value this graph does not know.")


@strawberry.type(description="A shelf of the catalog.")
class OfferCategory:
    """CONTRACT 5.4, OfferCategory."""

    id: strawberry.ID | None = field(
        default=None, description="The vendor's id, such as `Enterprise_Key`; null on add-ons."
    )
    name: str | None = field(
        default=None, description="Localized name; the same category is spelled in several ways."
    )
    rank: int | None = field(default=None, description="Order among the categories, ascending.")
    locale: str | None = field(default=None, description="Language of `name`.")
    country: str | None = field(default=None, description="Market, ISO 3166 two letters.")
    links: ResourceLinks | None = field(default=None, description="Links of the category.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )


@strawberry.type(description="The product behind an offer.")
class OfferProduct:
    """CONTRACT 5.4, OfferProduct."""

    id: strawberry.ID | None = field(default=None, description="The product's id, a GUID.")
    name: str | None = field(default=None, description="The product's name.")
    unit: str | None = field(default=None, description="What is counted, such as `Licenses`.")
    type: str | None = field(default=None, description="Kind of product; not on every answer.")


@strawberry.type(description="What a buyer must attest.")
class AttestationProperties:
    """CONTRACT 5.4, attestationProperties."""

    attestation_type: str | None = field(default=None, description="Which attestation.")
    enforce_attestation: bool | None = field(
        default=None, description="Whether the purchase is refused without it."
    )


@strawberry.type(description="Links of an offer.")
class OfferLinks(ResourceLinks):
    """CONTRACT 5.4, OfferLinks."""

    learn_more: Link | None = field(
        default=None, description="The vendor's page about the offer; its address may be broken."
    )


@strawberry.type(description="Something that can be subscribed to, in one market and language.")
class Offer(Node):
    """CONTRACT 5.4, Offer."""

    id: strawberry.ID = field(
        description="The vendor's id: a GUID, `MS-AZR-…` for Azure. Compared ignoring case."
    )
    name: str | None = field(default=None, description="Localized name.")
    description: str | None = field(default=None, description="Localized description.")
    minimum_quantity: int | None = field(
        default=None, description="Fewest licenses of one subscription."
    )
    maximum_quantity: int | None = field(
        default=None, description="Most licenses of one subscription."
    )
    rank: int | None = field(default=None, description="Order within the product line, ascending.")
    uri: str | None = field(default=None, description="The vendor's path of the offer.")
    locale: str | None = field(default=None, description="Language of the texts, as sent.")
    country: str | None = field(default=None, description="Market, ISO 3166 two letters.")
    category: OfferCategory | None = field(default=None, description="Shelf in the catalog.")
    limit_unit_of_measure: LimitUnitOfMeasure | None = field(
        default=None, description="What `limit` counts."
    )
    raw_limit_unit_of_measure: str | None = field(
        default=None, description="`limitUnitOfMeasure` as sent."
    )
    limit: int | None = field(
        default=None, description="Most subscriptions of the offer, in `limitUnitOfMeasure`."
    )
    prerequisite_offers: list[strawberry.ID] = field(
        default_factory=list, description="Ids of the offers one of which an add-on needs."
    )
    is_add_on: bool | None = field(
        default=None, description="Whether it extends another subscription."
    )
    has_add_ons: bool | None = field(default=None, description="Whether there are add-ons to it.")
    is_available_for_purchase: bool | None = field(
        default=None, description="Whether it can be bought now."
    )
    billing: BillingType | None = field(default=None, description="By license or by usage.")
    raw_billing: str | None = field(default=None, description="`billing` as sent.")
    supported_billing_cycles: list[BillingCycle] = field(
        default_factory=list, description="How often it can be charged."
    )
    raw_supported_billing_cycles: list[str] = field(
        default_factory=list, description="`supportedBillingCycles` as sent."
    )
    is_auto_renewable: bool | None = field(
        default=None, description="Whether it can renew itself at the end of its term."
    )
    is_trial: bool | None = field(default=None, description="Whether it is a trial.")
    is_internal: bool | None = field(
        default=None, description="Whether it is the vendor's own; only in upgrade lists."
    )
    is_microsoft_product: bool | None = field(
        default=None, description="Whether the vendor publishes it; not on every answer."
    )
    upgrade_target_offers: list[strawberry.ID] = field(
        default_factory=list, description="Ids of the offers it can be upgraded to."
    )
    conversion_target_offers: list[strawberry.ID] = field(
        default_factory=list, description="Ids of the offers a trial converts to."
    )
    resellee_qualifications: list[str] = field(
        default_factory=list, description="What the customer must qualify as."
    )
    reseller_qualifications: list[str] = field(
        default_factory=list, description="What the reseller must qualify as."
    )
    partner_qualifications: list[str] = field(
        default_factory=list,
        description="What the partner must qualify as; only in upgrade lists.",
    )
    sales_group_id: str | None = field(
        default=None, description="Offers of one group go into one order."
    )
    attestation_properties: AttestationProperties | None = field(
        default=None, description="What a buyer must attest."
    )
    product: OfferProduct | None = field(default=None, description="The product behind it.")
    unit_type: str | None = field(default=None, description="What is counted: `Licenses`.")
    acquisition_type: str | None = field(
        default=None, description="How it is acquired; not on every answer."
    )
    actions: list[str] = field(
        default_factory=list, description="What can be done with it; not on every answer."
    )
    additional_properties: JSON | None = field(
        default=None, description="Whatever else the vendor adds, as sent."
    )
    supported_catalog_types: list[str] = field(
        default_factory=list, description="Catalogs it belongs to; not on every answer."
    )
    links: OfferLinks | None = field(default=None, description="Links of the offer.")
    attributes: ResourceAttributes | None = field(
        default=None, description="What the vendor says about the resource itself."
    )
    market: strawberry.Private[Market] = Market()

    @strawberry.field(description="Opaque id for `node(nodeId:)`, unique over all types.")
    def node_id(self) -> strawberry.ID:
        """Name the offer and its market."""
        return encode_node_id("Offer", self.id, self.market.country, self.market.locale)

    @strawberry.field(
        description="The offers it can be upgraded to; those not sold in this market are left out.",
        directives=LINKED_OFFERS,
    )
    async def upgrade_targets(self, info: Info) -> list["Offer"] | None:
        """Follow `upgradeTargetOffers` in this offer's market."""
        return await _load_available(self.upgrade_target_offers, self.market, info)

    @strawberry.field(
        description="The offers an add-on needs one of; those not sold here are left out.",
        directives=LINKED_OFFERS,
    )
    async def prerequisites(self, info: Info) -> list["Offer"] | None:
        """Follow `prerequisiteOffers` in this offer's market."""
        return await _load_available(self.prerequisite_offers, self.market, info)

    @strawberry.field(description="The add-ons that can be bought to it.", directives=SHORT_LIST)
    async def add_ons(self, info: Info) -> list["Offer"] | None:
        """One call, none where the vendor says that there are no add-ons."""
        if self.has_add_ons is False:
            return []
        key = OfferKey(self.id, self.market)
        return list(await info.context.loaders.offer_add_ons.load(key))


@strawberry.type(description="A page of offers; the vendor does not tell how many there are.")
class OfferConnection(Connection[Offer]):
    """Offers by rank, as the vendor lists them."""


async def _load_available(ids: Sequence[str], market: Market, info: Info) -> list[Offer]:
    """Load offers, leaving out those the market does not know; any other error is raised."""
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
