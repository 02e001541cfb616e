"""Whether an order can be sent, by what the vendor says now; pure, for previews and operations."""

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
    asked: SubscriptionKey,
    other_mutations: Mapping[CommerceFamily, str],
) -> UserError | None:
    """Refuse what is not there, or belongs to another family of upgrades (CONTRACT 4.0).

    The mutations are those that serve the families which the asked one does not.
    """
    if source is None:
        message = (
            f"Customer {asked.customer_id} has no subscription {asked.subscription_id};"
            " `subscriptions` lists those it has."
        )
        return UserError(code=UserErrorCode.NOT_FOUND, message=message)
    other = other_mutations.get(source.commerce)
    if other is None:
        return None
    message = f"This subscription is {source.commerce.name}: `{other}` upgrades it."
    return UserError(code=UserErrorCode.WRONG_FAMILY, message=message)


# Whom `upgradeSubscription` sends elsewhere.
OTHER_MUTATIONS: Mapping[CommerceFamily, str] = {
    CommerceFamily.NEW_COMMERCE: "transitionSubscription",
    CommerceFamily.LEGACY_AZURE: "requestProductUpgrade",
}


def find_upgrade_path(order: UpgradeOrder, upgrades: Sequence[Upgrade]) -> Upgrade | None:
    """Find the upgrade that is ordered; of several, one that is not possible."""
    wanted = order.target_offer_id.lower(), order.upgrade_type
    listed = (u for u in upgrades if (u.target_offer.id.lower(), u.upgrade_type) == wanted)
    return min(listed, key=lambda upgrade: upgrade.is_eligible, default=None)


def validate_upgrade(
    order: UpgradeOrder, source: CustomerSubscription, upgrades: Sequence[Upgrade]
) -> UserError | None:
    """Refuse what the vendor says is not possible now."""
    path = find_upgrade_path(order, upgrades)
    if path is None:
        known = sorted({str(each.target_offer.id) for each in upgrades})
        named = f"it can become {', '.join(known)}" if known else "it has no upgrade at all"
        message = f"The subscription has no such upgrade to {order.target_offer_id}: {named}."
        return UserError(code=UserErrorCode.NOT_ELIGIBLE, message=message)
    if not path.is_eligible:
        reasons = [e.description or e.code.name for e in path.upgrade_errors]
        message = "Not possible now: " + ("; ".join(reasons) or "the vendor gives no reason")
        return UserError(code=UserErrorCode.NOT_ELIGIBLE, message=message)
    return _validate_quantity(order, source, path)


def _validate_quantity(
    order: UpgradeOrder, source: CustomerSubscription, path: Upgrade
) -> UserError | None:
    """Hold what would be bought against the offer, whoever has named the quantity."""
    quantity, offer = resolve_quantity(order, path, source), path.target_offer
    field = ["input", "quantity"]
    if quantity is None:
        message = "quantity is missing: Partner Center does not say how many licenses there are."
        return UserError(code=UserErrorCode.QUANTITY_OUT_OF_RANGE, message=message, field=field)
    least, most = offer.minimum_quantity or 1, offer.maximum_quantity
    if quantity >= least and (most is None or quantity <= most):
        return None
    bounds = f"{least} or more" if most is None else f"from {least} to {most}"
    message = f"quantity is {bounds} for this offer, not {quantity}."
    return UserError(code=UserErrorCode.QUANTITY_OUT_OF_RANGE, message=message, field=field)


def resolve_quantity(
    order: UpgradeOrder, path: Upgrade, source: CustomerSubscription
) -> int | None:
    """How many licenses would be bought; None when nobody says."""
    return order.quantity or path.quantity or source.quantity or None


def digest_facts(order: UpgradeOrder, source: CustomerSubscription, path: Upgrade) -> str:
    """Digest what a preview showed; any of it may change until the mutation comes."""
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
    order: UpgradeOrder, source: CustomerSubscription, path: Upgrade, asked_at: float
) -> UserError | None:
    """Refuse an order whose preview has ended or shows what is not so any more."""
    if order.preview is None:
        return None
    expires_at, facts = preview_tokens.decode("previewToken", order.preview)
    field = ["input", "previewToken"]
    if asked_at >= expires_at:
        ended = datetime.fromtimestamp(expires_at, UTC).isoformat(timespec="seconds")
        message = f"The preview ended at {ended}; look at a new one."
        return UserError(code=UserErrorCode.PREVIEW_EXPIRED, message=message, field=field)
    if facts == digest_facts(order, source, path):
        return None
    message = "Something has changed since the preview; look at a new one."
    return UserError(code=UserErrorCode.PREVIEW_CHANGED, message=message, field=field)
