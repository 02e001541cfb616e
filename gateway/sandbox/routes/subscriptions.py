"""Subscriptions of a customer (CONTRACT 4.3 to 4.6)."""

from collections.abc import Iterable

from gateway.sandbox.bodies import subscriptions
from gateway.sandbox.bodies.envelope import collection, link
from gateway.sandbox.errors import VendorError, invalid_input
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.records import Account, Family, Subscription
from gateway.sandbox.world import World


def list_subscriptions(world: World, ask: HandlerRequest) -> HandlerResponse:
    """All subscriptions, add-ons included; unpaged."""
    account = world.account(ask.path["customer"], ask.now_s)
    uri = f"/customers/{account.profile.id}/subscriptions"
    return _list_bodies(world, account, _filter_by_type(account, ask), uri)


def get_subscription(world: World, ask: HandlerRequest) -> HandlerResponse:
    """One subscription."""
    account, found = world.subscription(ask.path["customer"], ask.path["subscription"], ask.now_s)
    return HandlerResponse(subscriptions.subscription(found, account, world.catalog))


def list_add_ons(world: World, ask: HandlerRequest) -> HandlerResponse:
    """The subscriptions whose parent this is."""
    account, parent = world.subscription(ask.path["customer"], ask.path["subscription"], ask.now_s)
    uri = f"/customers/{account.profile.id}/subscriptions/{parent.id}/addons"
    return _list_bodies(world, account, account.add_ons_of(parent), uri)


def get_provisioning_status(world: World, ask: HandlerRequest) -> HandlerResponse:
    """Whether the licenses have arrived; needs delegated admin, and there is none for Azure."""
    account, found = world.subscription(ask.path["customer"], ask.path["subscription"], ask.now_s)
    if not account.allows_delegated_access:
        raise VendorError(403, 900308, "The privileges on the customer are insufficient.")
    if found.family in {Family.AZURE, Family.PLAN}:
        raise VendorError(404, 800007, "Provisioning information is not available.")
    return HandlerResponse(subscriptions.provisioning_status(found, ask.now_s))


def _filter_by_type(account: Account, ask: HandlerRequest) -> Iterable[Subscription]:
    order_id, mpn_id = ask.query.get("order_id"), ask.query.get("mpn_id")
    if order_id and mpn_id:
        raise invalid_input("order_id and mpn_id exclude each other")
    found: Iterable[Subscription] = account.subscriptions.values()
    if order_id:
        return [each for each in found if each.order_id.lower() == order_id.lower()]
    if mpn_id:
        is_legacy = {Family.LEGACY, Family.AZURE}
        known = mpn_id == subscriptions.PARTNER_MPN_ID
        return [each for each in found if known and each.family in is_legacy]
    return found


def _list_bodies(
    world: World, account: Account, found: Iterable[Subscription], uri: str
) -> HandlerResponse:
    items = [subscriptions.subscription(each, account, world.catalog) for each in found]
    return HandlerResponse(collection(items, {"self": link(uri)}))
