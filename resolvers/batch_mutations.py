"""Mutations of batches: validate the lines, submit them, wait, reset reads, respond."""

from collections.abc import Sequence
from typing import Final

from resolvers import preview_tokens
from resolvers.context import RequestContext
from resolvers.operation_mutations import (
    SUBMISSION_ERRORS,
    input_error,
    parse_wait_s,
    submission_error,
    unavailable_error,
)
from resolvers.operation_queries import parse_position
from resolvers.orders import Order, parse_order
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
# So many wrong lines are one mistake that was made many times.
_MAX_ERRORS: Final = 20


async def upgrade_subscriptions(
    context: RequestContext, input: UpgradeSubscriptionsInput
) -> UpgradeSubscriptionsPayload:
    """Record a batch and return it; if its input is invalid, return the errors."""
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
    try:
        wait_s = parse_wait_s(input.wait_seconds)
        cancelled = await context.batches.cancel(input.batch_id)
    except InvalidInput as problem:
        return CancelBatchPayload(user_errors=[input_error(problem)])
    except OperationsUnavailable as reason:
        return CancelBatchPayload(user_errors=[unavailable_error(reason)])
    except BatchAlreadyEnded:
        message = "Every line of this batch has ended. There is nothing to cancel."
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
    """Return a batch of the caller. Raises NotFound, also if it belongs to another principal."""
    found = await batches.find(batch_id)
    if found is None:
        raise NotFound(_unknown_batch_message(batch_id))
    return found


async def batch_connection(
    batches: Batches, first: int, after: str | None
) -> UpgradeBatchConnection:
    """Return a page of up to `first` batches after the cursor `after`."""
    position = None if after is None else parse_position(decode_cursor(after, _BATCHES))
    page = await batches.list_page(first, position)

    def cursor_at(index: int) -> str:
        return encode_cursor(_BATCHES, page.positions[index])

    info = build_page_info(
        len(page.batches), cursor_at, has_next=page.has_next, has_previous=position is not None
    )
    return UpgradeBatchConnection(nodes=list(page.batches), page_info=info, cursor_at=cursor_at)


def parse_lines(lines: Sequence[UpgradeLineInput]) -> tuple[list[Order], list[UserError]]:
    """Validate the lines. Returns either all orders, or errors and no orders."""
    if not 1 <= len(lines) <= _MAX_LINES:
        advice = "Send several batches." if lines else "Send at least one."
        message = f"lines must have 1 to {_MAX_LINES} upgrades, not {len(lines)}. {advice}"
        return [], [input_error(InvalidInput(message))]
    read: list[Order] = []
    errors: list[UserError] = []
    first_at: dict[str, int] = {}
    for index, line in enumerate(lines):
        try:
            order = parse_order(line)
        except InvalidInput as problem:
            errors.append(_line_error(index, problem))
            continue
        earlier = first_at.setdefault(order.subject, index)
        if earlier != index:
            errors.append(_line_error(index, _repeated(order, earlier)))
        read.append(order)
    return read, errors[:_MAX_ERRORS]


def _repeated(order: Order, earlier: int) -> InvalidInput:
    line = f"line {earlier + 1}. Remove one of the lines."
    if order.source_id is not None:
        return InvalidInput(f"subscriptionId is the same as in {line}")
    return InvalidInput(f"customerId and productFamily are the same as in {line}")


async def _attach_previews(
    context: RequestContext, wanted: Sequence[Order], lines: Sequence[UpgradeLineInput]
) -> tuple[list[Order], list[UserError]]:
    """Attach the preview of each line to its order; return the first errors if there are any."""
    bound: list[Order] = []
    errors: list[UserError] = []
    for index, (order, line) in enumerate(zip(wanted, lines, strict=True)):
        try:
            signer = context.preview_signer
            bound.append(await preview_tokens.attach_preview(order, line.preview_token, signer))
        except InvalidInput as problem:
            errors.append(_line_error(index, problem))
    return bound, errors[:_MAX_ERRORS]


def _line_error(index: int, problem: InvalidInput) -> UserError:
    """Add the line to an error. The path counts lines from 0, the message from 1."""
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
    found = await context.batches.wait_for_outcome(batch.id, wait_s)
    context.reset_reads()
    return found


def _unknown_batch_message(batch_id: str) -> str:
    return f"You have no batch {quote(batch_id)}. `batches` lists yours."
