"""Previews of upgrades: the reads and checks of an operation, without its order."""

import asyncio
from datetime import UTC, datetime

from resolvers import orders, preview_tokens
from resolvers.context import RequestContext
from resolvers.operation_mutations import input_error
from resolvers.orders import UpgradeOrder
from resolvers.ports.errors import OperationsUnavailable
from resolvers.validation import (
    OTHER_MUTATIONS,
    digest_facts,
    find_upgrade_path,
    resolve_quantity,
    validate_source,
    validate_upgrade,
)
from schema.customer_subscription import CustomerSubscription
from schema.errors import InvalidInput, NotFound
from schema.preview import (
    PreviewWarning,
    PreviewWarningCode,
    UpgradePreview,
    UpgradePreviewInput,
)
from schema.upgrade import Upgrade, UpgradeType
from schema.user_errors import UserError, UserErrorCode


async def upgrade_preview(context: RequestContext, input: UpgradePreviewInput) -> UpgradePreview:
    """Return what `upgradeSubscription` would do with the same order."""
    try:
        order = orders.parse_order(input)
        if not isinstance(order, UpgradeOrder):
            raise InvalidInput("kind must be UPGRADE_SUBSCRIPTION for a preview.")
    except InvalidInput as problem:
        return UpgradePreview(is_eligible=False, user_errors=[input_error(problem)])
    try:
        source = await context.loaders.subscription.load(order.source)
    except NotFound as problem:
        missing = UserError(code=UserErrorCode.NOT_FOUND, message=str(problem))
        return UpgradePreview(is_eligible=False, user_errors=[missing])
    return await _build_preview(context, order, source)


async def _build_preview(
    context: RequestContext, order: UpgradeOrder, source: CustomerSubscription
) -> UpgradePreview:
    refusal = validate_source(source, order.source, OTHER_MUTATIONS)
    if refusal is not None:
        return UpgradePreview(is_eligible=False, user_errors=[refusal], source=order.source)
    upgrades, add_ons = await asyncio.gather(
        context.loaders.upgrades.load(order.source), _load_add_ons(context, source)
    )
    path = find_upgrade_path(order, upgrades)
    refusal = validate_upgrade(order, source, upgrades)
    if path is None:
        errors = [refusal] if refusal else []
        return UpgradePreview(is_eligible=False, user_errors=errors, source=order.source)
    preview = _describe_upgrade(order, source, path, add_ons)
    if refusal is not None:
        preview.user_errors = [refusal]
        return preview
    expires_at = context.wall_clock() + context.preview_ttl_s
    facts = digest_facts(order, source, path)
    try:
        preview.preview_token = await preview_tokens.create_token(
            context.preview_signer, facts, expires_at
        )
    except OperationsUnavailable as reason:
        # `upgradeSubscription` would return the same error now.
        preview.user_errors = [_unsigned_error(reason)]
        return preview
    preview.expires_at = datetime.fromtimestamp(int(expires_at), UTC)
    return preview


def _unsigned_error(reason: OperationsUnavailable) -> UserError:
    message = (
        f"No previewToken can be issued, and nothing can be bought: {reason}. Try again later."
    )
    return UserError(code=UserErrorCode.STORE_UNAVAILABLE, message=message)


def _describe_upgrade(
    order: UpgradeOrder,
    source: CustomerSubscription,
    path: Upgrade,
    add_ons: list[CustomerSubscription],
) -> UpgradePreview:
    return UpgradePreview(
        is_eligible=path.is_eligible,
        upgrade_errors=path.upgrade_errors,
        target_offer=path.target_offer,
        quantity=resolve_quantity(order, path, source),
        minimum_quantity=path.target_offer.minimum_quantity,
        maximum_quantity=path.target_offer.maximum_quantity,
        source_afterwards=(
            "Partner Center takes it out of service once every user's license has been moved. It"
            " does not say when, or with which status."
        ),
        warnings=_build_warnings(order, add_ons),
        source=order.source,
    )


def _build_warnings(
    order: UpgradeOrder, add_ons: list[CustomerSubscription]
) -> list[PreviewWarning]:
    warnings = []
    if add_ons:
        names = ", ".join(each.friendly_name or each.id for each in add_ons)
        text = f"The subscription has add-ons, which are not moved: {names}."
        warnings.append(PreviewWarning(code=PreviewWarningCode.ADD_ONS_PRESENT, message=text))
    if order.upgrade_type is UpgradeType.UPGRADE_ONLY:
        text = "Users keep their old licenses until an administrator assigns the new ones."
        warnings.append(PreviewWarning(code=PreviewWarningCode.LICENSES_STAY, message=text))
    else:
        text = (
            "The gateway's token must be of a user with write access to the customer's directory."
        )
        warnings.append(PreviewWarning(code=PreviewWarningCode.USER_CONTEXT_NEEDED, message=text))
    return warnings


async def _load_add_ons(
    context: RequestContext, source: CustomerSubscription
) -> list[CustomerSubscription]:
    held = await context.directory.subscriptions(source.key.customer_id)
    return [s for s in held if (s.parent_subscription_id or "").lower() == source.id.lower()]
