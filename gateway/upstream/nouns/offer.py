"""Offers and categories. Source: CONTRACT 5.4."""

from typing import cast

from msgspec import Raw, field
from strawberry import ID

import schema.offer as graph
from gateway.upstream.mapping import enums
from gateway.upstream.mapping.resource import attributes, link, links_in, read_links
from gateway.upstream.mapping.values import identifiers, texts
from gateway.upstream.wire.resource import (
    NOTHING,
    Attributes,
    Enumerated,
    Number,
    PassedThrough,
    Text,
    WireModel,
)
from schema.billing import BillingCycle, BillingType
from schema.keys import DEFAULT_COUNTRY, DEFAULT_LOCALE, Market
from schema.resource import ResourceLinks


class OfferCategory(WireModel):
    """CONTRACT 5.4."""

    __class__ = graph.OfferCategory  # type: ignore[assignment]  # stands in for it

    id: Text | None = None
    name: Text | None = None
    rank: Number | None = None
    locale: Text | None = None
    country: Text | None = None
    sent_links: Raw = field(default=NOTHING, name="links")
    attributes: Attributes | None = None

    @property
    def links(self) -> ResourceLinks | None:
        """Links of the category."""
        return links_in(self.sent_links)


class OfferProduct(WireModel):
    """CONTRACT 5.4."""

    __class__ = graph.OfferProduct  # type: ignore[assignment]  # stands in for it

    id: Text | None = None
    name: Text | None = None
    unit: Text | None = None
    type: Text | None = None


class AttestationProperties(WireModel):
    """CONTRACT 5.4."""

    __class__ = graph.AttestationProperties  # type: ignore[assignment]  # stands in for it

    attestation_type: Text | None = None
    enforce_attestation: bool | None = None


class Offer(WireModel):
    """CONTRACT 5.4.

    Attributes:
        read_in: the market whose catalog was read; no member of the vendor's has this name.
    """

    __class__ = graph.Offer  # type: ignore[assignment]  # stands in for it

    id: str
    name: Text | None = None
    description: Text | None = None
    minimum_quantity: Number | None = None
    maximum_quantity: Number | None = None
    rank: Number | None = None
    uri: Text | None = None
    locale: Text | None = None
    country: Text | None = None
    category: OfferCategory | None = None
    sent_limit_unit: Enumerated = field(default=None, name="limitUnitOfMeasure")
    limit: Number | None = None
    sent_prerequisites: tuple[str, ...] | None = field(default=None, name="prerequisiteOffers")
    is_add_on: bool | None = None
    has_add_ons: bool | None = None
    is_available_for_purchase: bool | None = None
    sent_billing: Enumerated = field(default=None, name="billing")
    sent_billing_cycles: tuple[str | int, ...] | None = field(
        default=None, name="supportedBillingCycles"
    )
    is_auto_renewable: bool | None = None
    is_trial: bool | None = None
    is_internal: bool | None = None
    is_microsoft_product: bool | None = None
    sent_upgrade_targets: tuple[str, ...] | None = field(default=None, name="upgradeTargetOffers")
    sent_conversion_targets: tuple[str, ...] | None = field(
        default=None, name="conversionTargetOffers"
    )
    sent_resellee: tuple[str, ...] | None = field(default=None, name="reselleeQualifications")
    sent_reseller: tuple[str, ...] | None = field(default=None, name="resellerQualifications")
    sent_partner: tuple[str, ...] | None = field(default=None, name="partnerQualifications")
    sales_group_id: Text | None = None
    attestation_properties: AttestationProperties | None = None
    product: OfferProduct | None = None
    unit_type: Text | None = None
    acquisition_type: Text | None = None
    sent_actions: tuple[str, ...] | None = field(default=None, name="actions")
    additional_properties: PassedThrough = None
    sent_catalog_types: tuple[str, ...] | None = field(default=None, name="supportedCatalogTypes")
    sent_links: Raw = field(default=NOTHING, name="links")
    attributes: Attributes | None = None
    read_in: Market | None = field(default=None, name="(read in)")

    node_id = graph.Offer.node_id

    @property
    def market(self) -> Market:
        """The market it was read in, or the one it names itself."""
        return self.read_in or Market(
            self.country or DEFAULT_COUNTRY, self.locale or DEFAULT_LOCALE
        )

    @property
    def limit_unit_of_measure(self) -> graph.LimitUnitOfMeasure | None:
        """What `limit` counts."""
        return enums.LIMIT_UNIT_OF_MEASURE(self.sent_limit_unit)

    @property
    def raw_limit_unit_of_measure(self) -> str | None:
        """As sent."""
        return enums.raw_text(self.sent_limit_unit)

    @property
    def prerequisite_offers(self) -> list[ID]:
        """Ids of the offers one of which an add-on needs."""
        return identifiers(self.sent_prerequisites)

    @property
    def billing(self) -> BillingType | None:
        """By license or by usage."""
        return enums.BILLING_TYPE(self.sent_billing)

    @property
    def raw_billing(self) -> str | None:
        """As sent."""
        return enums.raw_text(self.sent_billing)

    @property
    def supported_billing_cycles(self) -> list[BillingCycle]:
        """How often it can be charged."""
        return [enums.BILLING_CYCLE.required(cycle) for cycle in self.sent_billing_cycles or ()]

    @property
    def raw_supported_billing_cycles(self) -> list[str]:
        """As sent."""
        return [str(cycle) for cycle in self.sent_billing_cycles or ()]

    @property
    def upgrade_target_offers(self) -> list[ID]:
        """Ids of the offers it can be upgraded to."""
        return identifiers(self.sent_upgrade_targets)

    @property
    def conversion_target_offers(self) -> list[ID]:
        """Ids of the offers a trial converts to."""
        return identifiers(self.sent_conversion_targets)

    @property
    def resellee_qualifications(self) -> list[str]:
        """What the customer must qualify as."""
        return texts(self.sent_resellee)

    @property
    def reseller_qualifications(self) -> list[str]:
        """What the reseller must qualify as."""
        return texts(self.sent_reseller)

    @property
    def partner_qualifications(self) -> list[str]:
        """What the partner must qualify as."""
        return texts(self.sent_partner)

    @property
    def actions(self) -> list[str]:
        """What can be done with it."""
        return texts(self.sent_actions)

    @property
    def supported_catalog_types(self) -> list[str]:
        """Catalogs it belongs to."""
        return texts(self.sent_catalog_types)

    @property
    def links(self) -> graph.OfferLinks | None:
        """Links of the offer."""
        sent = read_links(self.sent_links)
        if sent is None:
            return None
        return graph.OfferLinks(
            self_=link(sent.self_),
            next=link(sent.next),
            previous=link(sent.previous),
            learn_more=link(sent.learn_more),
            attributes=attributes(sent.attributes),
        )


def offer(sent: Offer, market: Market) -> graph.Offer:
    """Make an offer one of the market whose catalog was read."""
    sent.read_in = market
    return cast("graph.Offer", sent)


def category(sent: OfferCategory) -> graph.OfferCategory:
    """Take a category for what it stands in for."""
    return cast("graph.OfferCategory", sent)
