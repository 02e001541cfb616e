"""Checks whether Partner Center allows an order now. Previews and operations share them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from resolvers import preview_tokens
from resolvers.orders import UpgradeOrder
from schema.customer_subscription import CustomerSubscription
from schema.keys import SubscriptionKey
from schema.subscription_terms import CommerceFamily
from schema.upgrade import Upgrade
from schema.user_errors import UserError, UserErrorCode


def validate_source(
    source: CustomerSubscription | None,
    key: SubscriptionKey,
    other_mutations: Mapping[CommerceFamily, str],
) -> UserError | None:
    """Return an error if the source does not exist or is of another family (CONTRACT 4.0).

    `other_mutations` has the mutation of each family that this one does not serve.
    """
    if source is None:
        message = (
            f"Customer {key.customer_id} has no subscription {key.subscription_id}."
            " `customer.subscriptions` lists those that it has."
        )
        return UserError(code=UserErrorCode.NOT_FOUND, message=message)
    other = other_mutations.get(source.commerce)
    if other is None:
        return None
    message = f"This subscription is {source.commerce.name}. Use `{other}` to upgrade it."
    return UserError(code=UserErrorCode.WRONG_FAMILY, message=message)


# The mutations for the families that `upgradeSubscription` does not serve.
OTHER_MUTATIONS: Mapping[CommerceFamily, str] = {
    CommerceFamily.NEW_COMMERCE: "transitionSubscription",
    CommerceFamily.LEGACY_AZURE: "requestProductUpgrade",
}


def find_upgrade_path(order: UpgradeOrder, upgrades: Sequence[Upgrade]) -> Upgrade | None:
    """Find the ordered upgrade. Of several, return one that is not eligible if there is one."""
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
    """Return the number of licenses to buy; None if neither the order nor Partner Center has it."""
    return order.quantity or path.quantity or source.quantity or None


def digest_facts(order: UpgradeOrder, source: CustomerSubscription, path: Upgrade) -> str:
    """Digest everything that a preview showed and that can change before the mutation."""
    offer = path.target_offer
    facts = [
        *order.source.normalized,
        order.target_offer_id.lower(),
        order.upgrade_type.name,
        resolve_quantity(order, path, source),
        source.quantity,
        source.raw_status,
        path.is_eligible,
        sorted(error.raw_code for error in path.upgrade_errors),
        offer.minimum_quantity,
        offer.maximum_quantity,
    ]
    return hashlib.blake2b(json.dumps(facts).encode(), digest_size=16).hexdigest()


def validate_preview(
    order: UpgradeOrder, source: CustomerSubscription, path: Upgrade, requested_at: float
) -> UserError | None:
    """Return an error if the order's preview has expired or shows something that has changed."""
    if order.preview is None:
        return None
    expires_at, facts = preview_tokens.decode("previewToken", order.preview)
    field = ["input", "previewToken"]
    if requested_at >= expires_at:
        ended = datetime.fromtimestamp(expires_at, UTC).isoformat(timespec="seconds")
        message = f"The preview expired at {ended}. Make a new preview."
        return UserError(code=UserErrorCode.PREVIEW_EXPIRED, message=message, field=field)
    if facts == digest_facts(order, source, path):
        return None
    message = "Something has changed since the preview. Make a new preview."
    return UserError(code=UserErrorCode.PREVIEW_CHANGED, message=message, field=field)
