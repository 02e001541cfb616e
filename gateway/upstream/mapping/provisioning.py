"""Provisioning of subscriptions. Source: CONTRACT 5.5."""

from gateway.upstream.mapping import enums
from gateway.upstream.mapping.resource import attributes
from gateway.upstream.mapping.values import identifier, instant, text
from gateway.upstream.wire import subscription as wire
from schema import provisioning


def provisioning_status(
    sent: wire.SubscriptionProvisioningStatus,
) -> provisioning.SubscriptionProvisioningStatus:
    """Map SubscriptionProvisioningStatus."""
    return provisioning.SubscriptionProvisioningStatus(
        sku_id=identifier(sent.sku_id),
        status=enums.PROVISIONING_STATUS(sent.status),
        raw_status=enums.raw_text(sent.status),
        quantity=sent.quantity,
        end_date=instant(sent.end_date),
        raw_end_date=text(sent.end_date),
        attributes=attributes(sent.attributes),
    )
