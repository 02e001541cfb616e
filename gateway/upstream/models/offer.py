"""Offers and their categories. Source: CONTRACT 5.4."""

from collections.abc import Sequence
from typing import Final, cast

from msgspec import Raw, field
from strawberry import ID

import schema.offer as graph
import schema.offer_details as details
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.base import (
    NOT_SENT,
    WireEnum,
    WireInt,
    WireJson,
    WireModel,
    WireText,
    to_ids,
    to_texts,
)
from gateway.upstream.models.enums import (
    BILLING_CYCLE,
    BILLING_TYPE,
    LIMIT_UNIT_OF_MEASURE,
    raw_enum,
)
from gateway.upstream.models.resource import (
    WireAttributes,
    WireCollection,
    decode_links,
    to_attributes,
    to_link,
    to_links,
)
from resolvers.ports.directory import OffersKey, OffersPage
from schema.billing import BillingCycle, BillingType
from schema.keys import DEFAULT_COUNTRY, DEFAULT_LOCALE, Market
from schema.resource import ResourceLinks


class WireOfferCategory(WireModel):
    __class__ = details.OfferCategory  # type: ignore[assignment]  # used as this type

    id: WireText | None = None
    name: WireText | None = None
    rank: WireInt | None = None
    locale: WireText | None = None
    country: WireText | None = None
    wire_links: Raw = field(default=NOT_SENT, name="links")
    attributes: WireAttributes | None = None

    @property
    def links(self) -> ResourceLinks | None:
        return to_links(decode_links(self.wire_links))


class WireOfferProduct(WireModel):
    __class__ = details.OfferProduct  # type: ignore[assignment]  # used as this type

    id: WireText | None = None
    name: WireText | None = None
    unit: WireText | None = None
    type: WireText | None = None


class WireAttestationProperties(WireModel):
    __class__ = details.AttestationProperties  # type: ignore[assignment]  # used as this type

    attestation_type: WireText | None = None
    enforce_attestation: bool | None = None


class WireOffer(WireModel):
    """An offer of the legacy catalog (CONTRACT 5.4).

    Attributes:
        catalog_market: the market whose catalog was read. The gateway adds it.
    """

    __class__ = graph.Offer  # type: ignore[assignment]  # used as this type

    id: str
    name: WireText | None = None
    description: WireText | None = None
    minimum_quantity: WireInt | None = None
    maximum_quantity: WireInt | None = None
    rank: WireInt | None = None
    uri: WireText | None = None
    locale: WireText | None = None
    country: WireText | None = None
    category: WireOfferCategory | None = None
    wire_limit_unit: WireEnum = field(default=None, name="limitUnitOfMeasure")
    limit: WireInt | None = None
    wire_prerequisites: tuple[str, ...] | None = field(default=None, name="prerequisiteOffers")
    is_add_on: bool | None = None
    has_add_ons: bool | None = None
    is_available_for_purchase: bool | None = None
    wire_billing: WireEnum = field(default=None, name="billing")
    wire_billing_cycles: tuple[str | int, ...] | None = field(
        default=None, name="supportedBillingCycles"
    )
    is_auto_renewable: bool | None = None
    is_trial: bool | None = None
    is_internal: bool | None = None
    is_microsoft_product: bool | None = None
    wire_upgrade_targets: tuple[str, ...] | None = field(default=None, name="upgradeTargetOffers")
    wire_conversion_targets: tuple[str, ...] | None = field(
        default=None, name="conversionTargetOffers"
    )
    wire_resellee: tuple[str, ...] | None = field(default=None, name="reselleeQualifications")
    wire_reseller: tuple[str, ...] | None = field(default=None, name="resellerQualifications")
    wire_partner: tuple[str, ...] | None = field(default=None, name="partnerQualifications")
    sales_group_id: WireText | None = None
    attestation_properties: WireAttestationProperties | None = None
    product: WireOfferProduct | None = None
    unit_type: WireText | None = None
    acquisition_type: WireText | None = None
    wire_actions: tuple[str, ...] | None = field(default=None, name="actions")
    additional_properties: WireJson = None
    wire_catalog_types: tuple[str, ...] | None = field(default=None, name="supportedCatalogTypes")
    wire_links: Raw = field(default=NOT_SENT, name="links")
    attributes: WireAttributes | None = None
    catalog_market: Market | None = field(default=None, name="(catalog market)")

    node_id = graph.Offer.node_id

    @property
    def market(self) -> Market:
        """The market whose catalog was read; if unknown, the one that the offer names."""
        return self.catalog_market or Market(
            self.country or DEFAULT_COUNTRY, self.locale or DEFAULT_LOCALE
        )

    @property
    def limit_unit_of_measure(self) -> details.LimitUnitOfMeasure | None:
        return LIMIT_UNIT_OF_MEASURE(self.wire_limit_unit)

    @property
    def raw_limit_unit_of_measure(self) -> str | None:
        return raw_enum(self.wire_limit_unit)

    @property
    def prerequisite_offers(self) -> list[ID]:
        return to_ids(self.wire_prerequisites)

    @property
    def billing(self) -> BillingType | None:
        return BILLING_TYPE(self.wire_billing)

    @property
    def raw_billing(self) -> str | None:
        return raw_enum(self.wire_billing)

    @property
    def supported_billing_cycles(self) -> list[BillingCycle]:
        return [BILLING_CYCLE.required(cycle) for cycle in self.wire_billing_cycles or ()]

    @property
    def raw_supported_billing_cycles(self) -> list[str]:
        return [str(cycle) for cycle in self.wire_billing_cycles or ()]

    @property
    def upgrade_target_offers(self) -> list[ID]:
        return to_ids(self.wire_upgrade_targets)

    @property
    def conversion_target_offers(self) -> list[ID]:
        return to_ids(self.wire_conversion_targets)

    @property
    def resellee_qualifications(self) -> list[str]:
        return to_texts(self.wire_resellee)

    @property
    def reseller_qualifications(self) -> list[str]:
        return to_texts(self.wire_reseller)

    @property
    def partner_qualifications(self) -> list[str]:
        return to_texts(self.wire_partner)

    @property
    def actions(self) -> list[str]:
        return to_texts(self.wire_actions)

    @property
    def supported_catalog_types(self) -> list[str]:
        return to_texts(self.wire_catalog_types)

    @property
    def links(self) -> details.OfferLinks | None:
        wire = decode_links(self.wire_links)
        if wire is None:
            return None
        return details.OfferLinks(
            self_=to_link(wire.self_),
            next=to_link(wire.next),
            previous=to_link(wire.previous),
            learn_more=to_link(wire.learn_more),
            attributes=to_attributes(wire.attributes),
        )


_OFFER: Final = Decoder(WireOffer)
_OFFERS: Final = Decoder(WireCollection[WireOffer])
_CATEGORIES: Final = Decoder(WireCollection[WireOfferCategory])


def decode_offer(body: bytes, market: Market) -> graph.Offer:
    return to_offer(_OFFER(body), market)


def decode_offers(body: bytes, market: Market) -> Sequence[graph.Offer]:
    return [to_offer(wire, market) for wire in _OFFERS(body).items or ()]


def decode_offers_page(body: bytes, key: OffersKey) -> OffersPage:
    page = _OFFERS(body)
    items = page.items or ()
    # Without links nothing says whether there is a next page (Q14): a full one may have a next one.
    has_next = len(items) >= key.size if page.links is None else page.links.next is not None
    return OffersPage([to_offer(wire, key.market) for wire in items], has_next)


def decode_categories(body: bytes) -> Sequence[details.OfferCategory]:
    return [cast("details.OfferCategory", wire) for wire in _CATEGORIES(body).items or ()]


def to_offer(wire: WireOffer, market: Market) -> graph.Offer:
    wire.catalog_market = market
    return cast("graph.Offer", wire)
