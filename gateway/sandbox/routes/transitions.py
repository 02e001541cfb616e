"""Transitions to new commerce products (CONTRACT 4.16 to 4.18)."""

from gateway.sandbox import transitions
from gateway.sandbox.bodies import transitions as bodies
from gateway.sandbox.bodies.envelope import Body, collection
from gateway.sandbox.errors import VendorError, malformed_body
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.identity import guid
from gateway.sandbox.records import Account, Family, Subscription, Trait, Transition
from gateway.sandbox.transition_request import TransitionRequest, parse_transition_request
from gateway.sandbox.upgrades import UpgradeContext
from gateway.sandbox.world import World


def list_eligibilities(world: World, ask: HandlerRequest) -> HandlerResponse:
    """What the subscription could become, now or at the end of its term."""
    account, source = world.subscription(ask.path["customer"], ask.path["subscription"], ask.now_s)
    kind = ask.query.get("eligibilitytype", "immediate").lower()
    if kind not in {"immediate", "scheduled"}:
        raise malformed_body("eligibilityType", kind, "immediate or scheduled")
    around = UpgradeContext(ask.principal.is_user, ask.now_s)
    found = transitions.list_eligibilities(
        account, source, world.catalog, around, is_scheduled=kind == "scheduled"
    )
    operation_id = guid("eligibility", source.id)
    return HandlerResponse(collection([bodies.eligibility(each, operation_id) for each in found]))


def list_transitions(world: World, ask: HandlerRequest) -> HandlerResponse:
    """Past and present transitions, oldest first; one of them by `operationId`."""
    account, source = world.subscription(ask.path["customer"], ask.path["subscription"], ask.now_s)
    if source.family is not Family.MODERN:
        raise VendorError(403, 900263, "This method does not serve legacy subscriptions.")
    wanted = ask.query.get("operationid") or ask.query.get("operation-id") or ""
    found = [
        each for each in account.transitions.get(source.id, ()) if wanted.lower() in {"", each.id}
    ]
    return HandlerResponse(collection([_body(world, ask, source, each) for each in found]))


def create_transition(world: World, ask: HandlerRequest) -> HandlerResponse:
    """Begin a conversion; its end shows in the list."""
    account, source = world.subscription(ask.path["customer"], ask.path["subscription"], ask.now_s)
    timings = world.options.timings
    past = account.transitions.get(source.id, ())
    if any(transitions.is_running(each, ask.now_s, timings) for each in past):
        raise VendorError(409, 900278, "An operation is pending; try again after 24 hours.")
    around = UpgradeContext(ask.principal.is_user, ask.now_s)
    wanted = parse_transition_request(ask.json(), account, source, world.catalog, around)
    world.save(account)
    fresh = _transition(account, source, wanted, ask.now_s)
    account.transitions.setdefault(source.id, []).append(fresh)
    world.upgrades_performed[source.id] += 1
    return HandlerResponse(_body(world, ask, source, fresh))


def _body(world: World, ask: HandlerRequest, source: Subscription, record: Transition) -> Body:
    happened = transitions.list_events(record, ask.now_s, world.options.timings)
    return bodies.transition(record, happened, source, world.catalog)


def _transition(
    account: Account, source: Subscription, wanted: TransitionRequest, now_s: float
) -> Transition:
    ordinal = len(account.transitions.get(source.id, ()))
    is_whole = wanted.quantity == source.quantity and source.family is Family.MODERN
    is_in_place = is_whole and wanted.receiver_id is None
    into_new = None if is_whole else guid("transitioned", source.id, ordinal)
    return Transition(
        id=guid("transition", source.id, ordinal, now_s),
        created_s=now_s,
        from_item=source.item,
        to_item=wanted.product.key,
        from_id=source.id,
        to_id=wanted.receiver_id or into_new,
        quantity=wanted.quantity,
        term=wanted.term,
        cycle=wanted.cycle,
        # In place the users are always reassigned, into another subscription only when it was
        # asked for: nothing there is automatic (CONTRACT 10.3).
        moves_licenses=is_in_place or wanted.moves_licenses,
        conversion_fails=Trait.CONVERSION_FAILS in source.trait,
        reassignment_fails=Trait.REASSIGNMENT_FAILS in source.trait,
    )
