"""Subscriptions of a customer (CONTRACT 4.3 to 4.6, 4.19)."""

from collections.abc import Iterable

from gateway.sandbox import audited_writes, subscription_updates
from gateway.sandbox.bodies import subscriptions
from gateway.sandbox.bodies.envelope import Body, build_collection, build_link
from gateway.sandbox.errors import VendorError, invalid_input_error
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.records import CommerceFamily, Customer, Subscription
from gateway.sandbox.world import World


def list_subscriptions(world: World, request: HandlerRequest) -> HandlerResponse:
    """Return all subscriptions, including add-ons, on one page."""
    customer = world.get_customer(request.path["customer"], request.now_s)
    uri = f"/customers/{customer.profile.id}/subscriptions"
    return _build_list(world, customer, _filter_by_query(customer, request), uri)


def get_subscription(world: World, request: HandlerRequest) -> HandlerResponse:
    customer, found = world.get_subscription(
        request.path["customer"], request.path["subscription"], request.now_s
    )
    return HandlerResponse(_build_body(world, customer, found))


def update_subscription(world: World, request: HandlerRequest) -> HandlerResponse:
    """Update a subscription; also schedules a change for its renewal, or removes it (4.19)."""
    customer, source = world.get_subscription(
        request.path["customer"], request.path["subscription"], request.now_s
    )
    etag = request.headers.get("if-match", "").strip('"')
    if etag and etag != subscriptions.build_etag(source):
        raise VendorError(400, 2055, "The ETag is stale; read the resource again.")
    update = subscription_updates.parse_update(
        request.parse_json(), source, world.catalog, world.renewals
    )
    subscription_updates.check_update(update, customer, source, world.catalog, request.now_s)
    world.save(customer)
    before = _build_body(world, customer, source)
    subscription_updates.apply_update(update, source, request.now_s)
    after = _build_body(world, customer, source)
    audited_writes.record_update(world, request, customer, before, after)
    return HandlerResponse(after)


def list_add_ons(world: World, request: HandlerRequest) -> HandlerResponse:
    customer, parent = world.get_subscription(
        request.path["customer"], request.path["subscription"], request.now_s
    )
    uri = f"/customers/{customer.profile.id}/subscriptions/{parent.id}/addons"
    return _build_list(world, customer, customer.list_add_ons(parent), uri)


def get_provisioning_status(world: World, request: HandlerRequest) -> HandlerResponse:
    """Return the provisioning status. Requires delegated access; Azure subscriptions have none."""
    customer, found = world.get_subscription(
        request.path["customer"], request.path["subscription"], request.now_s
    )
    if not customer.allows_delegated_access:
        raise VendorError(403, 900308, "The privileges on the customer are insufficient.")
    if found.commerce_family in {CommerceFamily.LEGACY_AZURE, CommerceFamily.AZURE_PLAN}:
        raise VendorError(404, 800007, "Provisioning information is not available.")
    return HandlerResponse(subscriptions.build_provisioning_status(found, request.now_s))


def _filter_by_query(customer: Customer, request: HandlerRequest) -> Iterable[Subscription]:
    order_id, mpn_id = request.query.get("order_id"), request.query.get("mpn_id")
    if order_id and mpn_id:
        raise invalid_input_error("order_id and mpn_id exclude each other")
    found: Iterable[Subscription] = customer.subscriptions.values()
    if order_id:
        return [each for each in found if each.order_id.lower() == order_id.lower()]
    if mpn_id:
        is_legacy = {CommerceFamily.LEGACY_LICENSE, CommerceFamily.LEGACY_AZURE}
        known = mpn_id == subscriptions.PARTNER_MPN_ID
        return [each for each in found if known and each.commerce_family in is_legacy]
    return found


def _build_list(
    world: World, customer: Customer, found: Iterable[Subscription], uri: str
) -> HandlerResponse:
    items = [_build_body(world, customer, each) for each in found]
    return HandlerResponse(build_collection(items, {"self": build_link(uri)}))


def _build_body(world: World, customer: Customer, record: Subscription) -> Body:
    return subscriptions.build_subscription(record, customer, world.catalog, world.renewals)
