"""Records the writes of the handlers in the audit feed (G25).

No operation type is published for transitions and scheduled changes: both are
`update_subscription`. Product upgrades are not recorded.
"""

from dataclasses import replace
from typing import Final
from uuid import uuid4

from gateway.sandbox.audit_log import AuditedWrite
from gateway.sandbox.bodies.audit import build_order, render_resource
from gateway.sandbox.bodies.envelope import Body
from gateway.sandbox.bodies.subscriptions import build_subscription
from gateway.sandbox.handler_request import HandlerRequest
from gateway.sandbox.identity import guid
from gateway.sandbox.records import CommerceFamily, Customer, Subscription, Transition
from gateway.sandbox.upgrades import UpgradeOutcome
from gateway.sandbox.world import World

USER: Final = "admin@partner.example"


def record_update(
    world: World, request: HandlerRequest, customer: Customer, before: Body, after: Body
) -> None:
    """Record an update, with the subscription before and after it."""
    write = _build_write(world, request, customer, "update_subscription", after)
    _add(world, request, replace(write, old_value=render_resource(before)))


def record_upgrade(
    world: World, request: HandlerRequest, customer: Customer, outcome: UpgradeOutcome
) -> None:
    """Record a legacy upgrade and the order for its target. A refused upgrade has no order."""
    target = outcome.target
    body = _build_body(world, customer, target or outcome.source)
    write = _build_write(world, request, customer, "upgrade_subscription", body)
    write = replace(write, resource_id=outcome.source.id, fails=target is None)
    _add(world, request, write)
    if target is not None:
        _record_order(world, request, customer, body)


def record_transition(
    world: World,
    request: HandlerRequest,
    customer: Customer,
    source: Subscription,
    transition: Transition,
) -> None:
    """Record a transition. The new value is the subscription that has the licenses afterwards."""
    target = replace(
        source,
        id=transition.to_id or source.id,
        commerce_family=CommerceFamily.NEW_COMMERCE,
        item=transition.to_item,
        availability_id=transition.to_availability_id,
        quantity=transition.quantity,
        term=transition.term,
        cycle=transition.cycle,
    )
    body = _build_body(world, customer, target)
    write = _build_write(world, request, customer, "update_subscription", body)
    write = replace(
        write,
        resource_id=source.id,
        old_value=render_resource(_build_body(world, customer, source)),
        fails=transition.conversion_fails,
        ends_s=transition.created_s + world.options.timings.conversion_s,
    )
    _add(world, request, write)


def _record_order(
    world: World, request: HandlerRequest, customer: Customer, subscription: Body
) -> None:
    order = build_order(subscription, customer.profile.id)
    cycle = str(subscription["billingCycle"].value)
    write = _build_write(world, request, customer, "create_order", subscription)
    write = replace(
        write,
        resource_type="order",
        resource_id=order["id"],
        new_value=render_resource(order),
        customized=(
            ("OrderId", order["id"]),
            ("BillingCycle", cycle.capitalize()),
            ("OfferId-0", subscription["offerId"]),
            ("SubscriptionId-0", subscription["id"]),
            ("SubscriptionName-0", subscription["friendlyName"]),
            ("Quantity-0", str(subscription["quantity"])),
            ("PartnerOnRecord-0", None),
        ),
    )
    _add(world, request, write)


def _build_write(
    world: World, request: HandlerRequest, customer: Customer, operation: str, subscription: Body
) -> AuditedWrite:
    """Describe a write of the caller whose resource is a subscription."""
    return AuditedWrite(
        profile=customer.profile,
        operation_type=operation,
        resource_type="subscription",
        resource_id=subscription["id"],
        application_id=world.options.credentials.client_id,
        user=USER if request.caller.is_user else None,
        correlation_id=_choose_correlation_id(world, request),
        new_value=render_resource(subscription),
        customized=(
            ("SubscriptionId", subscription["id"]),
            ("SubscriptionName", subscription["friendlyName"]),
            ("OfferId", subscription["offerId"]),
            ("Quantity", str(subscription["quantity"])),
        ),
    )


def _choose_correlation_id(world: World, request: HandlerRequest) -> str | None:
    sent_id = request.headers.get("ms-correlationid") or str(uuid4())
    kind = world.audit.options.correlation_id
    return {"same": sent_id, "other": guid("other", sent_id)}.get(kind)


def _build_body(world: World, customer: Customer, record: Subscription) -> Body:
    return build_subscription(record, customer, world.catalog, world.renewals)


def _add(world: World, request: HandlerRequest, write: AuditedWrite) -> None:
    world.audit.add(write, request.caller.tenant_id, request.now_s)
