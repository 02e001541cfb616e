"""Product upgrades. Source: CONTRACT 5.3."""

import msgspec
from strawberry import ID

import schema.product_upgrade as graph
from gateway.upstream.mapping import enums
from gateway.upstream.mapping.resource import attributes
from gateway.upstream.mapping.values import identifier, instant, text
from gateway.upstream.wire import product_upgrade as wire
from schema.keys import ProductUpgradeKey


def request(key: ProductUpgradeKey) -> bytes:
    """Build ProductUpgradeRequest; the first two members are enough (CONTRACT 4.11)."""
    members = {"customerId": key.customer_id, "productFamily": key.product_family}
    if key.attributes is None:
        return msgspec.json.encode(members)
    return msgspec.json.encode({**members, "attributes": key.attributes})


def eligibility(
    sent: wire.ProductUpgradesEligibility, asked: ProductUpgradeKey
) -> graph.ProductUpgradesEligibility:
    """Map the answer about a customer; only the question tells whose it is (Q26)."""
    return graph.ProductUpgradesEligibility(
        key=asked,
        customer_id=identifier(sent.customer_id),
        product_family=text(sent.product_family),
        is_eligible=bool(sent.is_eligible),
        upgrade_id=identifier(sent.upgrade_id),
        reason=text(sent.reason),
        attributes=attributes(sent.attributes),
    )


def status(sent: wire.ProductUpgradesStatus, customer_id: str) -> graph.ProductUpgradesStatus:
    """Map ProductUpgradesStatus; the question alone tells whose it is."""
    return graph.ProductUpgradesStatus(
        customer_id=customer_id,
        id=ID(sent.id),
        product_family=text(sent.product_family),
        status=enums.PRODUCT_UPGRADE_STATE.required(sent.status),
        raw_status=enums.raw_text(sent.status),
        line_items=[_line_item(item, customer_id) for item in sent.line_items or ()],
        error_details=_error_details(sent.error_details),
        attributes=attributes(sent.attributes),
    )


def _line_item(sent: wire.UpgradesLineItem, customer_id: str) -> graph.UpgradesLineItem:
    return graph.UpgradesLineItem(
        source_product=_product(sent.source_product, customer_id),
        target_product=_product(sent.target_product, customer_id),
        upgraded_date=instant(sent.upgraded_date),
        raw_upgraded_date=text(sent.upgraded_date),
        status=enums.PRODUCT_UPGRADE_STATE(sent.status),
        raw_status=enums.raw_text(sent.status),
        error_details=_error_details(sent.error_details),
        attributes=attributes(sent.attributes),
    )


def _product(sent: wire.UpgradeProduct | None, customer_id: str) -> graph.UpgradeProduct | None:
    if sent is None:
        return None
    return graph.UpgradeProduct(
        id=identifier(sent.id),
        name=text(sent.name),
        attributes=attributes(sent.attributes),
        customer_id=customer_id,
    )


def _error_details(sent: wire.ErrorDetails | None) -> graph.ErrorDetails | None:
    if sent is None:
        return None
    return graph.ErrorDetails(
        code=enums.raw_text(sent.code),
        message=text(sent.message) or text(sent.description),
        attributes=attributes(sent.attributes),
    )
