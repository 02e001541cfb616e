"""Previews of upgrades: the reads and checks of an operation, without its order."""

from datetime import UTC, datetime

from resolvers import orders, preview_tokens
from resolvers.context import RequestContext
from resolvers.operation_mutations import input_error
from resolvers.ports.errors import OperationsUnavailable
from schema.errors import InvalidInput
from schema.preview import UpgradePreview, UpgradePreviewInput
from schema.user_errors import UserError, UserErrorCode


async def upgrade_preview(context: RequestContext, input: UpgradePreviewInput) -> UpgradePreview:
    """Return what a mutation with the same order would do."""
    try:
        order = orders.parse_order(input)
    except InvalidInput as problem:
        return UpgradePreview(is_eligible=False, user_errors=[input_error(problem)])
    preview = await context.previews.create(order, context.directory)
    if preview.user_errors:
        return preview
    expires_at = context.wall_clock() + context.preview_ttl_s
    try:
        preview.preview_token = await preview_tokens.create_token(
            context.preview_signer, preview.digest, expires_at
        )
    except OperationsUnavailable as reason:
        # The mutation would return the same error now.
        preview.user_errors = [_unsigned_error(reason)]
        return preview
    preview.expires_at = datetime.fromtimestamp(int(expires_at), UTC)
    return preview


def _unsigned_error(reason: OperationsUnavailable) -> UserError:
    message = (
        f"No previewToken can be issued, and nothing can be bought: {reason}. Try again later."
    )
    return UserError(code=UserErrorCode.STORE_UNAVAILABLE, message=message)
