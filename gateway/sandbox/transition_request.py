"""Parses and checks the request of a transition."""

from dataclasses import dataclass
from typing import Any, Final

from gateway.sandbox import transitions
from gateway.sandbox.catalog import Catalog, Product
from gateway.sandbox.enums import BillingCycle, TargetSubscriptionErrorCode, TransitionErrorCode
from gateway.sandbox.errors import VendorError, invalid_input_error
from gateway.sandbox.records import CommerceFamily, Customer, Subscription
from gateway.sandbox.upgrades import UpgradeContext

_CYCLE_MONTHS: Final = {
    BillingCycle.MONTHLY: 1,
    BillingCycle.ANNUAL: 12,
    BillingCycle.TRIENNIAL: 36,
    BillingCycle.NONE: 0,
}
_RECEIVER_ERRORS: Final = {
    TargetSubscriptionErrorCode.SUBSCRIPTION_NOT_ACTIVE: (900258, "is not active"),
    TargetSubscriptionErrorCode.SUBSCRIPTION_IN_CANCELLATION_WINDOW: (900261, "is not ready yet"),
    TargetSubscriptionErrorCode.TERM_DURATION_SHORTER: (900267, "has a shorter term"),
    TargetSubscriptionErrorCode.TERM_END_EARLIER: (900236, "ends before the source"),
}


@dataclass(frozen=True, slots=True)
class TransitionRequest:
    """A checked request. `receiver_id` is the existing subscription that receives the licenses."""

    product: Product
    quantity: int
    moves_licenses: bool
    term: str
    cycle: BillingCycle
    receiver_id: str | None


def parse_transition_request(
    body: dict[str, Any],
    customer: Customer,
    source: Subscription,
    catalog: Catalog,
    context: UpgradeContext,
) -> TransitionRequest:
    """Parse and check a body with lower-case member names. Raises VendorError."""
    product = _parse_product(body, source, catalog, context.now_s)
    transition_type = str(body.get("transitiontype", "")).lower()
    if transition_type not in transitions.TRANSITION_TYPES:
        raise invalid_input_error(
            "transitionType must be transition_only or …_with_license_transfer"
        )
    problems = transitions.find_problems(customer, source, product, transition_type, context)
    if problems:
        raise _ineligible_error(problems[0])
    receiver = _find_receiver(body, customer, source, product, context)
    term, cycle = _parse_term_and_cycle(body, receiver or source, source)
    return TransitionRequest(
        product=product,
        quantity=_parse_quantity(body, source),
        moves_licenses=transition_type == transitions.TRANSITION_TYPES[1],
        term=term,
        cycle=cycle,
        receiver_id=receiver.id if receiver else None,
    )


def _parse_product(
    body: dict[str, Any], source: Subscription, catalog: Catalog, now_s: float
) -> Product:
    requested_id = body.get("tocatalogitemid")
    if not isinstance(requested_id, str) or not requested_id:
        raise invalid_input_error("toCatalogItemId is missing")
    for product in transitions.list_targets(source, catalog):
        if catalog.get_item_id(product, now_s).lower() == requested_id.lower():
            return product
    raise VendorError(
        400, 800024, f"Catalog item {requested_id} is not eligible for this transaction."
    )


def _parse_quantity(body: dict[str, Any], source: Subscription) -> int:
    quantity = body.get("quantity")
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        raise invalid_input_error("quantity is missing or not a whole number")
    if not 1 <= quantity <= source.quantity:
        raise VendorError(400, 2002, f"The quantity must be between 1 and {source.quantity}.")
    return quantity


def _ineligible_error(code: TransitionErrorCode) -> VendorError:
    if code is TransitionErrorCode.DELEGATED_ADMIN_PERMISSIONS_DISABLED:
        return VendorError(403, 900308, "The privileges on the customer are insufficient.")
    if code is TransitionErrorCode.SUBSCRIPTION_STATUS_NOT_ACTIVE:
        return VendorError(400, 800012, "The subscription is not active.")
    if code is TransitionErrorCode.SUBSCRIPTION_NOT_PROVISIONED:
        return VendorError(409, 800082, "The subscription is not ready for an update.")
    words = str(code.value).replace("_", " ")
    return VendorError(
        400, 800024, f"The subscription is not eligible for this transaction: {words}."
    )


def _find_receiver(
    body: dict[str, Any],
    customer: Customer,
    source: Subscription,
    product: Product,
    context: UpgradeContext,
) -> Subscription | None:
    requested_id = body.get("tosubscriptionid")
    if not requested_id:
        return None
    receiver = customer.subscriptions.get(str(requested_id).lower())
    if receiver is None:
        raise VendorError(404, 20003, f"Subscription {requested_id} was not found.")
    if receiver.id == source.id:
        raise VendorError(400, 900259, "toSubscriptionId and the source are the same subscription.")
    if receiver.commerce_family is not CommerceFamily.NEW_COMMERCE or receiver.item != product.key:
        raise VendorError(
            400, 900260, "The subscription in toSubscriptionId is for another catalog item."
        )
    for problem in transitions.find_receiver_problems(source, receiver, context.now_s):
        code, words = _RECEIVER_ERRORS[problem]
        raise VendorError(400, code, f"toSubscriptionId {words}.")
    return receiver


def _parse_term_and_cycle(
    body: dict[str, Any], default: Subscription, source: Subscription
) -> tuple[str, BillingCycle]:
    term = str(body.get("termduration") or default.term or "P1Y").upper()
    if term not in transitions.TERM_MONTHS:
        raise VendorError(400, 900268, f"'{term}' is not a term; expected P1M, P1Y or P3Y.")
    if transitions.TERM_MONTHS[term] < transitions.TERM_MONTHS[source.term]:
        raise VendorError(
            400, 900267, f"The term {term} is shorter than the source's {source.term}."
        )
    name = str(body.get("billingcycle") or default.cycle.value)
    cycle = next((each for each in _CYCLE_MONTHS if each.value == name.lower()), None)
    if cycle is None:
        raise VendorError(400, 900269, f"'{name}' is not a billing cycle for this subscription.")
    if _CYCLE_MONTHS[cycle] > transitions.TERM_MONTHS[term]:
        raise VendorError(400, 900270, f"The cycle {name} is longer than the term {term}.")
    return term, cycle
