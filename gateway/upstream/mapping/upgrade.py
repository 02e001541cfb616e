"""Upgrades of legacy license subscriptions. Source: CONTRACT 5.2."""

import schema.upgrade as graph
from gateway.upstream.mapping import enums
from gateway.upstream.mapping.offer import offer
from gateway.upstream.mapping.resource import attributes
from gateway.upstream.mapping.values import identifier, passed_through, text
from gateway.upstream.wire import upgrade as wire
from schema.keys import DEFAULT_COUNTRY, DEFAULT_LOCALE, Market, SubscriptionKey


def upgrade(sent: wire.Upgrade, source: SubscriptionKey) -> graph.Upgrade:
    """Map an Upgrade of a subscription; its offer belongs to the market it says."""
    target = sent.target_offer
    market = Market(target.country or DEFAULT_COUNTRY, target.locale or DEFAULT_LOCALE)
    return graph.Upgrade(
        source=source,
        target_offer=offer(target, market),
        upgrade_type=enums.UPGRADE_TYPE.required(sent.upgrade_type),
        raw_upgrade_type=enums.raw_text(sent.upgrade_type),
        is_eligible=bool(sent.is_eligible),
        quantity=sent.quantity,
        upgrade_errors=[_upgrade_error(error) for error in sent.upgrade_errors or ()],
        attributes=attributes(sent.attributes),
    )


def upgrade_result(sent: wire.UpgradeResult, customer_id: str) -> graph.UpgradeResult:
    """Map an UpgradeResult of a customer."""
    return graph.UpgradeResult(
        customer_id=customer_id,
        source_subscription_id=identifier(sent.source_subscription_id),
        target_subscription_id=identifier(sent.target_subscription_id),
        upgrade_type=enums.UPGRADE_TYPE(sent.upgrade_type),
        raw_upgrade_type=enums.raw_text(sent.upgrade_type),
        upgrade_errors=[_upgrade_error(error) for error in sent.upgrade_errors or ()],
        license_errors=[_license_error(error) for error in sent.license_errors or ()],
        attributes=attributes(sent.attributes),
    )


def service_fault(sent: wire.ServiceFault) -> graph.ServiceFault:
    """Map a ServiceFault: its code is a string whatever it was, its data [] (Q4, Q6)."""
    return graph.ServiceFault(
        code=enums.raw_text(sent.code),
        description=text(sent.description),
        data=passed_through([] if sent.data is None else sent.data),
        source=text(sent.source),
        attributes=attributes(sent.attributes),
    )


def _upgrade_error(sent: wire.UpgradeError) -> graph.UpgradeError:
    return graph.UpgradeError(
        code=enums.UPGRADE_ERROR_CODE.required(sent.code),
        raw_code=enums.raw_text(sent.code) or "",
        description=text(sent.description),
        additional_details=text(sent.additional_details),
        attributes=attributes(sent.attributes),
    )


def _license_error(sent: wire.UserLicenseError) -> graph.UserLicenseError:
    return graph.UserLicenseError(
        user_object_id=identifier(sent.user_object_id),
        name=text(sent.name),
        email=text(sent.email),
        errors=[service_fault(fault) for fault in sent.errors or ()],
        attributes=attributes(sent.attributes),
    )
