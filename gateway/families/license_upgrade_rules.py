"""Pure decisions about upgrades of legacy license subscriptions (CONTRACT 4.7, 10.1)."""

from collections.abc import Sequence

from gateway.families.source_rules import show_source, warn_of_add_ons, warn_of_licenses
from resolvers.orders import UpgradeOrder
from schema.customer_subscription import CustomerSubscription
from schema.preview import UpgradePreview
from schema.upgrade import Upgrade, UpgradeType
from schema.user_errors import UserError, UserErrorCode


def find_upgrade_path(order: UpgradeOrder, upgrades: Sequence[Upgrade]) -> Upgrade | None:
    """Return the upgrade that the order names; if several do, one that is not eligible if any."""
    wanted = order.target_offer_id.lower(), order.upgrade_type
    listed = (u for u in upgrades if (u.target_offer.id.lower(), u.upgrade_type) == wanted)
    return min(listed, key=lambda upgrade: upgrade.is_eligible, default=None)


def validate_upgrade(
    order: UpgradeOrder, source: CustomerSubscription, upgrades: Sequence[Upgrade]
) -> UserError | None:
    """Return an error if Partner Center does not allow the upgrade now."""
    path = find_upgrade_path(order, upgrades)
    if path is None:
        known = sorted({str(each.target_offer.id) for each in upgrades})
        options = f"It has: {', '.join(known)}." if known else "It has no upgrades."
        message = (
            f"The subscription has no {order.upgrade_type.name} upgrade to offer"
            f" {order.target_offer_id}. {options}"
        )
        return UserError(code=UserErrorCode.NOT_ELIGIBLE, message=message)
    if not path.is_eligible:
        reasons = [e.description or e.code.name for e in path.upgrade_errors]
        message = "Partner Center does not allow the upgrade now: " + (
            "; ".join(reasons) or "it gives no reason"
        )
        return UserError(code=UserErrorCode.NOT_ELIGIBLE, message=message)
    return _validate_quantity(order, source, path)


def _validate_quantity(
    order: UpgradeOrder, source: CustomerSubscription, path: Upgrade
) -> UserError | None:
    """Compare the quantity with the offer's limits, also if Partner Center supplied it."""
    quantity, offer = resolve_quantity(order, path, source), path.target_offer
    field = ["input", "quantity"]
    if quantity is None:
        message = (
            "quantity is required: Partner Center does not return the current number of licenses."
        )
        return UserError(code=UserErrorCode.QUANTITY_OUT_OF_RANGE, message=message, field=field)
    least, most = offer.minimum_quantity or 1, offer.maximum_quantity
    if quantity >= least and (most is None or quantity <= most):
        return None
    bounds = f"at least {least}" if most is None else f"{least} to {most}"
    message = f"quantity must be {bounds} for this offer, not {quantity}."
    return UserError(code=UserErrorCode.QUANTITY_OUT_OF_RANGE, message=message, field=field)


def resolve_quantity(
    order: UpgradeOrder, path: Upgrade, source: CustomerSubscription
) -> int | None:
    """Return the number of licenses to buy; None if neither order nor Partner Center states it."""
    return order.quantity or path.quantity or source.quantity or None


def describe_upgrade(
    order: UpgradeOrder,
    source: CustomerSubscription,
    path: Upgrade | None,
    held: Sequence[CustomerSubscription],
) -> UpgradePreview:
    """Describe the effects of the upgrade; only the source if there is no upgrade path."""
    preview = show_source(source)
    if path is None:
        return preview
    offer, quantity = path.target_offer, resolve_quantity(order, path, source)
    moves_licenses = order.upgrade_type is UpgradeType.UPGRADE_WITH_LICENSE_TRANSFER
    preview.is_eligible = path.is_eligible
    preview.upgrade_errors = path.upgrade_errors
    preview.target_offer = offer
    preview.target_name = offer.name
    preview.quantity = quantity
    preview.minimum_quantity = offer.minimum_quantity
    preview.maximum_quantity = offer.maximum_quantity
    preview.licenses_left = 0
    preview.moves_user_licenses = moves_licenses
    preview.source_afterwards = (
        "Partner Center takes it out of service once every user's license has been moved. It"
        " does not say when, or with which status."
    )
    preview.target_afterwards = "A new subscription with an id of its own."
    preview.warnings = [
        *warn_of_add_ons(source, held),
        *warn_of_licenses(are_moved=moves_licenses, on_request=moves_licenses),
    ]
    return preview
