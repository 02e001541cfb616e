"""Product upgrades. Source: CONTRACT 5.3."""

from gateway.upstream.wire.resource import Attributes, Enumerated, Text, WireModel


class ProductUpgradesEligibility(WireModel):
    """CONTRACT 5.3."""

    customer_id: Text | None = None
    product_family: Text | None = None
    is_eligible: bool | None = None
    upgrade_id: Text | None = None
    reason: Text | None = None
    attributes: Attributes | None = None


class ErrorDetails(WireModel):
    """CONTRACT 5.3; documents say `message`, the SDK `description` (Q15)."""

    code: str | int | None = None
    message: Text | None = None
    description: Text | None = None
    attributes: Attributes | None = None


class UpgradeProduct(WireModel):
    """CONTRACT 5.3."""

    id: Text | None = None
    name: Text | None = None
    attributes: Attributes | None = None


class UpgradesLineItem(WireModel):
    """CONTRACT 5.3."""

    source_product: UpgradeProduct | None = None
    target_product: UpgradeProduct | None = None
    upgraded_date: Text | None = None
    status: Enumerated = None
    error_details: ErrorDetails | None = None
    attributes: Attributes | None = None


class ProductUpgradesStatus(WireModel):
    """CONTRACT 5.3."""

    id: str
    product_family: Text | None = None
    status: Enumerated = None
    line_items: tuple[UpgradesLineItem, ...] | None = None
    error_details: ErrorDetails | None = None
    attributes: Attributes | None = None
