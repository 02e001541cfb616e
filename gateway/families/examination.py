"""The examination of an order: one for its check and for its preview, so that they agree."""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from gateway.operations.model.record import hash_json
from gateway.operations.model.steps import Baseline
from resolvers import preview_tokens
from resolvers.orders import Order
from schema.customer_subscription import CustomerSubscription
from schema.preview import UpgradePreview
from schema.user_errors import UserError, UserErrorCode


class Examination(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """An order compared with the vendor's current state, and the decision whether it can be sent.

    Attributes:
        show: describes the effects of the order, without the refusal.
        refusal: why the order cannot be sent now; None if it can.
        body: the vendor's reasons as an UpgradeResult, if there is a refusal.
        baseline: the state before the order is sent; reconciliation compares with it.
        reference: the id of an upgrade that already exists at the vendor; it is polled, and no
            order is sent.
    """

    show: Callable[[], UpgradePreview]
    refusal: UserError | None = None
    body: str | None = None
    baseline: Baseline = Baseline()
    reference: str | None = None


def digest_preview(order: Order, preview: UpgradePreview) -> str:
    """Return a digest of the order and of everything that its preview shows.

    If the order has no quantity, the quantity in the preview counts as the order's.
    """
    members = msgspec.to_builtins(order)
    for name in ("preview", "quantity"):
        members.pop(name, None)
    shown = (
        preview.is_eligible,
        preview.target_name,
        preview.quantity,
        preview.minimum_quantity,
        preview.maximum_quantity,
        preview.licenses_left,
        preview.moves_user_licenses,
        preview.source_afterwards,
        preview.target_afterwards,
        [(each.code.name, each.message) for each in preview.warnings],
    )
    subscriptions = [
        None if each is None else (each.id, each.quantity, each.raw_status, _scheduled(each))
        for each in (preview.source, preview.receiver)
    ]
    return hash_json([order.kind, members, shown, subscriptions])


def _scheduled(subscription: CustomerSubscription) -> object:
    change = subscription.scheduled_change
    return None if change is None else msgspec.to_builtins(change.terms)


def validate_token(
    order: Order, show: Callable[[], UpgradePreview], requested_at: float
) -> UserError | None:
    """Return an error if the order's preview token has expired, or its preview would now differ."""
    if order.preview is None:
        return None
    expires_at, digest = preview_tokens.decode("previewToken", order.preview)
    field = ["input", "previewToken"]
    if requested_at >= expires_at:
        ended = datetime.fromtimestamp(expires_at, UTC).isoformat(timespec="seconds")
        message = f"The preview expired at {ended}. Make a new preview."
        return UserError(code=UserErrorCode.PREVIEW_EXPIRED, message=message, field=field)
    if digest == digest_preview(order, show()):
        return None
    message = "Something has changed since the preview. Make a new preview."
    return UserError(code=UserErrorCode.PREVIEW_CHANGED, message=message, field=field)
