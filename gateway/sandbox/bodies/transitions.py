"""`TransitionEligibility` and `Transition` (CONTRACT 5.7)."""

from gateway.sandbox.bodies.envelope import Body, build_attributes
from gateway.sandbox.catalog import Catalog, Product
from gateway.sandbox.enums import EnumNumber, TargetSubscriptionErrorCode, TransitionErrorCode
from gateway.sandbox.records import CommerceFamily, Subscription, Transition
from gateway.sandbox.timestamps import Timestamp
from gateway.sandbox.transitions import TRANSITION_TYPES, TransitionEligibility, TransitionEvent


def build_eligibility(found: TransitionEligibility, operation_id: str) -> Body:
    body: Body = {
        "operationId": operation_id,
        "catalogItemId": found.item_id,
        "title": found.product.title,
        "description": found.product.description,
        "quantity": found.quantity,
    }
    if found.receivers is not None:
        body["subscriptionEligibilities"] = [
            _build_receiver(each.subscription, each.problems) for each in found.receivers
        ]
    body["eligibilities"] = [
        {
            "isEligible": not each.problems,
            "transitionType": each.transition_type,
            "errors": [_build_error(code) for code in each.problems],
        }
        for each in found.types
    ]
    body["attributes"] = build_attributes("TransitionEligibility")
    return body


def build_transition(
    record: Transition, events: list[TransitionEvent], source: Subscription, catalog: Catalog
) -> Body:
    products, offers = catalog.products, catalog.offers
    is_legacy = source.commerce_family is CommerceFamily.LEGACY_LICENSE
    if is_legacy:
        from_id = offers[record.from_item].id
    else:
        from_id = build_item_id(products[record.from_item], record.from_availability_id)
    body: Body = {
        "operationId": record.id,
        "fromCatalogItemId": from_id,
        "fromSubscriptionId": record.from_id,
        "toCatalogItemId": build_item_id(products[record.to_item], record.to_availability_id),
    }
    if record.to_id is not None:
        body["toSubscriptionId"] = record.to_id
    return body | {
        "quantity": record.quantity,
        "termDuration": record.term,
        "billingCycle": record.cycle,
        "transitionType": TRANSITION_TYPES[record.moves_licenses],
        "events": [_build_event(each) for each in events],
        "attributes": build_attributes("Transition"),
    }


def build_item_id(product: Product, availability_id: str) -> str:
    return product.build_item_id(availability_id or product.availability_id)


def _build_receiver(
    receiver: Subscription, problems: tuple[TargetSubscriptionErrorCode, ...]
) -> Body:
    return {
        "isEligible": not problems,
        "subscriptionId": receiver.id,
        "subscriptionFriendlyName": receiver.friendly_name,
        "subscriptionTermDuration": receiver.term,
        "subscriptionBillingCycle": receiver.cycle,
        "errors": [_build_error(code) for code in problems],
    }


def _build_error(code: TransitionErrorCode | TargetSubscriptionErrorCode) -> Body:
    words = str(code.value).replace("_", " ")
    return {
        "code": EnumNumber(code),
        "description": f"Subscription cannot be transitioned: {words}.",
    }


def _build_event(event: TransitionEvent) -> Body:
    return {
        "name": event.name,
        "status": event.status,
        "timestamp": Timestamp(event.at_s, digits=7),
        "attributes": build_attributes("TransitionEvent"),
    }
