"""`TransitionEligibility` and `Transition` (CONTRACT 5.7)."""

from gateway.sandbox.bodies.envelope import Body, attributes
from gateway.sandbox.catalog import Catalog
from gateway.sandbox.enums import Numbered, TargetSubscriptionErrorCode, TransitionErrorCode
from gateway.sandbox.records import Family, Subscription, Transition
from gateway.sandbox.timestamps import Instant
from gateway.sandbox.transitions import TRANSITION_TYPES, Eligibility, Event


def eligibility(found: Eligibility, operation_id: str) -> Body:
    """A product that the subscription could become."""
    body: Body = {
        "operationId": operation_id,
        "catalogItemId": found.product.id,
        "title": found.product.title,
        "description": found.product.description,
        "quantity": found.quantity,
    }
    if found.receivers is not None:
        body["subscriptionEligibilities"] = [
            _receiver(each.subscription, each.problems) for each in found.receivers
        ]
    body["eligibilities"] = [
        {
            "isEligible": not each.problems,
            "transitionType": each.transition_type,
            "errors": [_problem(code) for code in each.problems],
        }
        for each in found.types
    ]
    body["attributes"] = attributes("TransitionEligibility")
    return body


def transition(
    record: Transition, happened: list[Event], source: Subscription, catalog: Catalog
) -> Body:
    """A transition with what has happened so far."""
    products, offers = catalog.products, catalog.offers
    is_legacy = source.family is Family.LEGACY
    from_id = offers[record.from_item].id if is_legacy else products[record.from_item].id
    body: Body = {
        "operationId": record.id,
        "fromCatalogItemId": from_id,
        "fromSubscriptionId": record.from_id,
        "toCatalogItemId": products[record.to_item].id,
    }
    if record.to_id is not None:
        body["toSubscriptionId"] = record.to_id
    return body | {
        "quantity": record.quantity,
        "termDuration": record.term,
        "billingCycle": record.cycle,
        "transitionType": TRANSITION_TYPES[record.moves_licenses],
        "events": [_event(each) for each in happened],
        "attributes": attributes("Transition"),
    }


def _receiver(receiver: Subscription, against: tuple[TargetSubscriptionErrorCode, ...]) -> Body:
    return {
        "isEligible": not against,
        "subscriptionId": receiver.id,
        "subscriptionFriendlyName": receiver.friendly_name,
        "subscriptionTermDuration": receiver.term,
        "subscriptionBillingCycle": receiver.cycle,
        "errors": [_problem(code) for code in against],
    }


def _problem(code: TransitionErrorCode | TargetSubscriptionErrorCode) -> Body:
    words = str(code.value).replace("_", " ")
    return {
        "code": Numbered(code),
        "description": f"Subscription cannot be transitioned: {words}.",
    }


def _event(event: Event) -> Body:
    return {
        "name": event.name,
        "status": event.status,
        "timestamp": Instant(event.at_s, digits=7),
        "attributes": attributes("TransitionEvent"),
    }
