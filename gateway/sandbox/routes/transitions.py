"""Transitions to new commerce products (CONTRACT 4.16 to 4.18)."""

from gateway.sandbox import audited_writes, renewals, scheduled_changes, transitions
from gateway.sandbox.bodies import transitions as bodies
from gateway.sandbox.bodies.envelope import Body, build_collection
from gateway.sandbox.errors import VendorError, malformed_value_error
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.identity import guid
from gateway.sandbox.records import CommerceFamily, Customer, Subscription, Trait, Transition
from gateway.sandbox.transition_request import TransitionRequest, parse_transition_request
from gateway.sandbox.upgrades import UpgradeContext
from gateway.sandbox.world import World


def list_eligibilities(world: World, request: HandlerRequest) -> HandlerResponse:
    """Return the eligibilities for transitions now, or at the end of the term."""
    customer, source = world.get_subscription(
        request.path["customer"], request.path["subscription"], request.now_s
    )
    kind = request.query.get("eligibilitytype", "immediate").lower()
    if kind not in {"immediate", "scheduled"}:
        raise malformed_value_error("eligibilityType", kind, "immediate or scheduled")
    context = UpgradeContext(request.caller.is_user, request.now_s)
    found = transitions.list_eligibilities(
        customer, source, world.catalog, context, is_scheduled=kind == "scheduled"
    )
    operation_id = guid("eligibility", source.id)
    return HandlerResponse(
        build_collection([bodies.build_eligibility(each, operation_id) for each in found])
    )


def list_transitions(world: World, request: HandlerRequest) -> HandlerResponse:
    """Return all transitions, oldest first, or only the one named by `operationId`."""
    customer, source = world.get_subscription(
        request.path["customer"], request.path["subscription"], request.now_s
    )
    if source.commerce_family is not CommerceFamily.NEW_COMMERCE:
        raise VendorError(403, 900263, "This method does not serve legacy subscriptions.")
    transition_request = request.query.get("operationid") or request.query.get("operation-id") or ""
    found = [
        each
        for each in customer.transitions.get(source.id, ())
        if transition_request.lower() in {"", each.id}
    ]
    return HandlerResponse(
        build_collection([_build_body(world, request, source, each) for each in found])
    )


def create_transition(world: World, request: HandlerRequest) -> HandlerResponse:
    """Start a transition. The list of transitions shows its progress."""
    customer, source = world.get_subscription(
        request.path["customer"], request.path["subscription"], request.now_s
    )
    timings = world.options.timings
    previous = customer.transitions.get(source.id, ())
    if any(transitions.is_running(each, request.now_s, timings) for each in previous):
        raise VendorError(409, 900278, "An operation is pending; try again after 24 hours.")
    if renewals.is_renewing(source, request.now_s):
        raise scheduled_changes.renewing_error()
    context = UpgradeContext(request.caller.is_user, request.now_s)
    transition_request = parse_transition_request(
        request.parse_json(), customer, source, world.catalog, context
    )
    world.save(customer)
    source.remove_schedule()
    transition = _create_record(customer, source, transition_request, request.now_s)
    product = transition_request.product
    transition.to_availability_id = world.catalog.get_availability_id(product, request.now_s)
    customer.transitions.setdefault(source.id, []).append(transition)
    world.upgrades_performed[source.id] += 1
    audited_writes.record_transition(world, request, customer, source, transition)
    return HandlerResponse(_build_body(world, request, source, transition))


def _build_body(
    world: World, request: HandlerRequest, source: Subscription, record: Transition
) -> Body:
    events = transitions.list_events(record, request.now_s, world.options.timings)
    return bodies.build_transition(record, events, source, world.catalog)


def _create_record(
    customer: Customer, source: Subscription, transition_request: TransitionRequest, now_s: float
) -> Transition:
    ordinal = len(customer.transitions.get(source.id, ()))
    is_whole = (
        transition_request.quantity == source.quantity
        and source.commerce_family is CommerceFamily.NEW_COMMERCE
    )
    is_in_place = is_whole and transition_request.receiver_id is None
    new_id = None if is_whole else guid("transitioned", source.id, ordinal)
    return Transition(
        id=guid("transition", source.id, ordinal, now_s),
        created_s=now_s,
        from_item=source.item,
        to_item=transition_request.product.key,
        from_id=source.id,
        to_id=transition_request.receiver_id or new_id,
        quantity=transition_request.quantity,
        term=transition_request.term,
        cycle=transition_request.cycle,
        from_availability_id=source.availability_id,
        # A transition in place always reassigns the users. One to another subscription does so
        # only on request (CONTRACT 10.3).
        moves_licenses=is_in_place or transition_request.moves_licenses,
        conversion_fails=Trait.CONVERSION_FAILS in source.trait,
        reassignment_fails=Trait.REASSIGNMENT_FAILS in source.trait,
    )
