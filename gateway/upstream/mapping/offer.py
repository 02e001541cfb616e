"""Offers and categories. Source: CONTRACT 5.4."""

from strawberry import ID

import schema.offer as graph
from gateway.upstream.mapping import enums
from gateway.upstream.mapping.resource import attributes, link, links
from gateway.upstream.mapping.values import (
    identifier,
    identifiers,
    passed_through,
    text,
    texts,
)
from gateway.upstream.wire import offer as wire
from gateway.upstream.wire.resource import Links
from schema.keys import Market


def category(sent: wire.OfferCategory) -> graph.OfferCategory:
    """Map an OfferCategory."""
    return graph.OfferCategory(
        id=identifier(sent.id),
        name=text(sent.name),
        rank=sent.rank,
        locale=text(sent.locale),
        country=text(sent.country),
        links=links(sent.links),
        attributes=attributes(sent.attributes),
    )


def offer(sent: wire.Offer, market: Market) -> graph.Offer:
    """Map an Offer that was read in a market."""
    return graph.Offer(
        market=market,
        id=ID(sent.id),
        name=text(sent.name),
        description=text(sent.description),
        minimum_quantity=sent.minimum_quantity,
        maximum_quantity=sent.maximum_quantity,
        rank=sent.rank,
        uri=text(sent.uri),
        locale=text(sent.locale),
        country=text(sent.country),
        category=None if sent.category is None else category(sent.category),
        limit_unit_of_measure=enums.LIMIT_UNIT_OF_MEASURE(sent.limit_unit_of_measure),
        raw_limit_unit_of_measure=enums.raw_text(sent.limit_unit_of_measure),
        limit=sent.limit,
        prerequisite_offers=identifiers(sent.prerequisite_offers),
        is_add_on=sent.is_add_on,
        has_add_ons=sent.has_add_ons,
        is_available_for_purchase=sent.is_available_for_purchase,
        billing=enums.BILLING_TYPE(sent.billing),
        raw_billing=enums.raw_text(sent.billing),
        supported_billing_cycles=[
            enums.BILLING_CYCLE.required(cycle) for cycle in sent.supported_billing_cycles or ()
        ],
        raw_supported_billing_cycles=[str(c) for c in sent.supported_billing_cycles or ()],
        is_auto_renewable=sent.is_auto_renewable,
        is_trial=sent.is_trial,
        is_internal=sent.is_internal,
        is_microsoft_product=sent.is_microsoft_product,
        upgrade_target_offers=identifiers(sent.upgrade_target_offers),
        conversion_target_offers=identifiers(sent.conversion_target_offers),
        resellee_qualifications=texts(sent.resellee_qualifications),
        reseller_qualifications=texts(sent.reseller_qualifications),
        partner_qualifications=texts(sent.partner_qualifications),
        sales_group_id=text(sent.sales_group_id),
        attestation_properties=_attestation(sent.attestation_properties),
        product=_product(sent.product),
        unit_type=text(sent.unit_type),
        acquisition_type=text(sent.acquisition_type),
        actions=texts(sent.actions),
        additional_properties=passed_through(sent.additional_properties),
        supported_catalog_types=texts(sent.supported_catalog_types),
        links=_links(sent.links),
        attributes=attributes(sent.attributes),
    )


def _product(sent: wire.OfferProduct | None) -> graph.OfferProduct | None:
    if sent is None:
        return None
    return graph.OfferProduct(
        id=identifier(sent.id), name=text(sent.name), unit=text(sent.unit), type=text(sent.type)
    )


def _attestation(
    sent: wire.AttestationProperties | None,
) -> graph.AttestationProperties | None:
    if sent is None:
        return None
    return graph.AttestationProperties(
        attestation_type=text(sent.attestation_type),
        enforce_attestation=sent.enforce_attestation,
    )


def _links(sent: Links | None) -> graph.OfferLinks | None:
    if sent is None:
        return None
    return graph.OfferLinks(
        self_=link(sent.self_),
        next=link(sent.next),
        previous=link(sent.previous),
        learn_more=link(sent.learn_more),
        attributes=attributes(sent.attributes),
    )
