"""Product upgrades. Source: CONTRACT 5.3."""

from gateway.upstream.wire.resource import Attributes, Enumerated, WireModel


class ProductUpgradesEligibility(WireModel):
    """CONTRACT 5.3."""

    customer_id: str | None = None
    product_family: str | None = None
    is_eligible: bool | None = None
    upgrade_id: str | None = None
    reason: str | None = None
    attributes: Attributes | None = None


class ErrorDetails(WireModel):
    """CONTRACT 5.3; documents say `message`, the SDK `description` (Q15)."""

    code: str | int | None = None
    message: str | None = None
    description: str | None = None
    attributes: Attributes | None = None


class UpgradeProduct(WireModel):
    """CONTRACT 5.3."""

    id: str | None = None
    name: str | None = None
    attributes: Attributes | None = None


class UpgradesLineItem(WireModel):
    """CONTRACT 5.3."""

    source_product: UpgradeProduct | None = None
    target_product: UpgradeProduct | None = None
    upgraded_date: str | None = None
    status: Enumerated = None
    error_details: ErrorDetails | None = None
    attributes: Attributes | None = None


class ProductUpgradesStatus(WireModel):
    """CONTRACT 5.3."""

    id: str
    product_family: str | None = None
    status: Enumerated = None
    line_items: tuple[UpgradesLineItem, ...] | None = None
    error_details: ErrorDetails | None = None
    attributes: Attributes | None = None
