"""The steps of a batch, in order: read its lines, submit them as one, wait, read anew, answer."""

from collections.abc import Sequence
from typing import Final

from resolvers import orders, preview_tokens
from resolvers.context import RequestContext
from resolvers.operation_mutations import (
    SUBMISSION_ERRORS,
    input_error,
    parse_wait_s,
    submission_error,
    unavailable_error,
)
from resolvers.operation_queries import parse_position
from resolvers.orders import UpgradeOrder
from resolvers.ports.batches import BatchAlreadyEnded, Batches
from resolvers.ports.errors import OperationsUnavailable
from schema import arguments
from schema.batch import (
    CancelBatchInput,
    CancelBatchPayload,
    UpgradeBatch,
    UpgradeBatchConnection,
    UpgradeLineInput,
    UpgradeSubscriptionsInput,
    UpgradeSubscriptionsPayload,
)
from schema.errors import InvalidInput, NotFound
from schema.pagination import build_page_info, decode_cursor, encode_cursor
from schema.quoting import quote
from schema.user_errors import RetryAdvice, UserError, UserErrorCode

_BATCHES: Final = ["batches"]
_MAX_LINES: Final = 5_000
# Whoever has this many wrong lines has made one mistake many times.
_MAX_ERRORS: Final = 20


async def upgrade_subscriptions(
    context: RequestContext, input: UpgradeSubscriptionsInput
) -> UpgradeSubscriptionsPayload:
    """Record a batch, or say everything that is wrong with it."""
    try:
        key = arguments.parse_idempotency_key("idempotencyKey", input.idempotency_key)
        wait_s = parse_wait_s(input.wait_seconds)
    except InvalidInput as problem:
        return UpgradeSubscriptionsPayload(user_errors=[input_error(problem)])
    wanted, errors = parse_lines(input.lines)
    if errors:
        return UpgradeSubscriptionsPayload(user_errors=errors)
    try:
        wanted, errors = await _attach_previews(context, wanted, input.lines)
        if errors:
            return UpgradeSubscriptionsPayload(user_errors=errors)
        submitted = await context.batches.submit(wanted, key)
    except SUBMISSION_ERRORS as reason:
        return UpgradeSubscriptionsPayload(user_errors=[submission_error(reason)])
    return UpgradeSubscriptionsPayload(batch=await _wait_for_batch(context, submitted, wait_s))


async def cancel_batch(context: RequestContext, input: CancelBatchInput) -> CancelBatchPayload:
    """Send nothing more of a batch."""
    try:
        wait_s = parse_wait_s(input.wait_seconds)
        cancelled = await context.batches.cancel(input.batch_id)
    except InvalidInput as problem:
        return CancelBatchPayload(user_errors=[input_error(problem)])
    except OperationsUnavailable as reason:
        return CancelBatchPayload(user_errors=[unavailable_error(reason)])
    except BatchAlreadyEnded:
        message = "Every line of this batch has ended; `counts` says how."
        error = UserError(code=UserErrorCode.BATCH_ENDED, message=message)
        found = await context.batches.find(input.batch_id)
        return CancelBatchPayload(batch=found, user_errors=[error])
    if cancelled is None:
        error = UserError(
            code=UserErrorCode.NOT_FOUND,
            message=_unknown_batch_message(input.batch_id),
            field=["input", "batchId"],
            retry_override=RetryAdvice.NONE,
        )
        return CancelBatchPayload(user_errors=[error])
    return CancelBatchPayload(batch=await _wait_for_batch(context, cancelled, wait_s))


async def get_batch(batches: Batches, batch_id: str) -> UpgradeBatch:
    """Find one of the caller's batches; another's is as unknown as none."""
    found = await batches.find(batch_id)
    if found is None:
        raise NotFound(_unknown_batch_message(batch_id))
    return found


async def batch_connection(
    batches: Batches, first: int, after: str | None
) -> UpgradeBatchConnection:
    """Answer with up to `first` batches behind a cursor, which names the last one before it."""
    behind = None if after is None else parse_position(decode_cursor(after, _BATCHES))
    page = await batches.list_page(first, behind)

    def cursor_at(index: int) -> str:
        return encode_cursor(_BATCHES, page.positions[index])

    info = build_page_info(
        len(page.batches), cursor_at, has_next=page.has_next, has_previous=behind is not None
    )
    return UpgradeBatchConnection(nodes=list(page.batches), page_info=info, cursor_at=cursor_at)


def parse_lines(
    lines: Sequence[UpgradeLineInput],
) -> tuple[list[UpgradeOrder], list[UserError]]:
    """Read every line; the first errors instead if there are any."""
    if not 1 <= len(lines) <= _MAX_LINES:
        cure = "send several batches" if lines else "name one at least"
        message = f"lines is 1 to {_MAX_LINES} upgrades, not {len(lines)}; {cure}."
        return [], [input_error(InvalidInput(message))]
    read: list[UpgradeOrder] = []
    errors: list[UserError] = []
    first_at: dict[tuple[str, str], int] = {}
    for index, line in enumerate(lines):
        try:
            order = orders.parse_upgrade(line)
        except InvalidInput as problem:
            errors.append(_line_error(index, problem))
            continue
        earlier = first_at.setdefault(order.source.normalized, index)
        if earlier != index:
            message = f"subscriptionId is upgraded by line {earlier + 1} already; leave one out."
            errors.append(_line_error(index, InvalidInput(message)))
        read.append(order)
    return read, errors[:_MAX_ERRORS]


async def _attach_previews(
    context: RequestContext, wanted: Sequence[UpgradeOrder], lines: Sequence[UpgradeLineInput]
) -> tuple[list[UpgradeOrder], list[UserError]]:
    """Hold each order to the preview of its line; the first errors instead if there are any."""
    bound: list[UpgradeOrder] = []
    errors: list[UserError] = []
    for index, (order, line) in enumerate(zip(wanted, lines, strict=True)):
        try:
            signer = context.preview_signer
            bound.append(await preview_tokens.attach_preview(order, line.preview_token, signer))
        except InvalidInput as problem:
            errors.append(_line_error(index, problem))
    return bound, errors[:_MAX_ERRORS]


def _line_error(index: int, problem: InvalidInput) -> UserError:
    """Say which argument of which line is wrong; the path counts from 0, as JSON does."""
    error = input_error(problem)
    (_, argument) = error.field or ("", "")
    return UserError(
        code=error.code,
        message=f"Line {index + 1}: {error.message}",
        field=["input", "lines", str(index), argument],
    )


async def _wait_for_batch(
    context: RequestContext, batch: UpgradeBatch, wait_s: float
) -> UpgradeBatch:
    """Wait for the end; afterwards everything is read anew."""
    found = await context.batches.wait_for_outcome(batch.id, wait_s)
    context.reset_reads()
    return found


def _unknown_batch_message(batch_id: str) -> str:
    return f"You have no batch {quote(batch_id)}."
