"""The steps of a batch, in order: read its lines, submit them as one, wait, read anew, answer."""

from collections.abc import Sequence
from typing import Final

from resolvers import orders, preview_tokens
from resolvers.context import RequestContext
from resolvers.operations import read_position
from resolvers.orders import UpgradeOrder
from resolvers.ports.batches import BatchEnded, Batches
from resolvers.ports.refusals import OperationsUnavailable
from resolvers.upgrades import UNSUBMITTED, invalid, read_wait, unavailable, unsubmitted
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
from schema.operation import Retry, UserError, UserErrorCode
from schema.pagination import decode_cursor, encode_cursor, page_info
from schema.problems import BadInput, NotFound
from schema.quoting import quote

_BATCHES: Final = ["batches"]
_MOST_LINES: Final = 5_000
# Whoever has this many wrong lines has made one mistake many times.
_MOST_ERRORS: Final = 20


async def upgrade_subscriptions(
    context: RequestContext, input: UpgradeSubscriptionsInput
) -> UpgradeSubscriptionsPayload:
    """Record a batch, or say everything that is wrong with it."""
    try:
        key = arguments.idempotency_key("idempotencyKey", input.idempotency_key)
        wait_s = read_wait(input.wait_seconds)
    except BadInput as problem:
        return UpgradeSubscriptionsPayload(user_errors=[invalid(problem)])
    wanted, errors = read_lines(input.lines)
    if errors:
        return UpgradeSubscriptionsPayload(user_errors=errors)
    try:
        wanted, errors = await _bound_to_previews(context, wanted, input.lines)
        if errors:
            return UpgradeSubscriptionsPayload(user_errors=errors)
        submitted = await context.batches.submit(wanted, key)
    except UNSUBMITTED as reason:
        return UpgradeSubscriptionsPayload(user_errors=[unsubmitted(reason)])
    return UpgradeSubscriptionsPayload(batch=await _outcome(context, submitted, wait_s))


async def cancel_batch(context: RequestContext, input: CancelBatchInput) -> CancelBatchPayload:
    """Send nothing more of a batch."""
    try:
        wait_s = read_wait(input.wait_seconds)
        cancelled = await context.batches.cancel(input.batch_id)
    except BadInput as problem:
        return CancelBatchPayload(user_errors=[invalid(problem)])
    except OperationsUnavailable as reason:
        return CancelBatchPayload(user_errors=[unavailable(reason)])
    except BatchEnded:
        message = "Every line of this batch has ended; `counts` says how."
        error = UserError(code=UserErrorCode.BATCH_ENDED, message=message)
        found = await context.batches.batch(input.batch_id)
        return CancelBatchPayload(batch=found, user_errors=[error])
    if cancelled is None:
        error = UserError(
            code=UserErrorCode.NOT_FOUND,
            message=_unknown(input.batch_id),
            field=["input", "batchId"],
            retry_override=Retry.NONE,
        )
        return CancelBatchPayload(user_errors=[error])
    return CancelBatchPayload(batch=await _outcome(context, cancelled, wait_s))


async def one_batch(batches: Batches, batch_id: str) -> UpgradeBatch:
    """Find one of the caller's batches; another's is as unknown as none."""
    found = await batches.batch(batch_id)
    if found is None:
        raise NotFound(_unknown(batch_id))
    return found


async def batch_connection(
    batches: Batches, first: int, after: str | None
) -> UpgradeBatchConnection:
    """Answer with up to `first` batches behind a cursor, which names the last one before it."""
    behind = None if after is None else read_position(decode_cursor(after, _BATCHES))
    page = await batches.page(first, behind)

    def cursor_at(index: int) -> str:
        return encode_cursor(_BATCHES, page.positions[index])

    info = page_info(
        len(page.batches), cursor_at, has_next=page.has_next, has_previous=behind is not None
    )
    return UpgradeBatchConnection(nodes=list(page.batches), page_info=info, cursor_at=cursor_at)


def read_lines(
    lines: Sequence[UpgradeLineInput],
) -> tuple[list[UpgradeOrder], list[UserError]]:
    """Read every line; the first errors instead if there are any."""
    if not 1 <= len(lines) <= _MOST_LINES:
        cure = "send several batches" if lines else "name one at least"
        message = f"lines is 1 to {_MOST_LINES} upgrades, not {len(lines)}; {cure}."
        return [], [invalid(BadInput(message))]
    read: list[UpgradeOrder] = []
    errors: list[UserError] = []
    first_at: dict[tuple[str, str], int] = {}
    for index, line in enumerate(lines):
        try:
            order = orders.upgrade(line)
        except BadInput as problem:
            errors.append(_of_line(index, problem))
            continue
        earlier = first_at.setdefault(order.source.folded, index)
        if earlier != index:
            message = f"subscriptionId is upgraded by line {earlier + 1} already; leave one out."
            errors.append(_of_line(index, BadInput(message)))
        read.append(order)
    return read, errors[:_MOST_ERRORS]


async def _bound_to_previews(
    context: RequestContext, wanted: Sequence[UpgradeOrder], lines: Sequence[UpgradeLineInput]
) -> tuple[list[UpgradeOrder], list[UserError]]:
    """Hold each order to the preview of its line; the first errors instead if there are any."""
    bound: list[UpgradeOrder] = []
    errors: list[UserError] = []
    for index, (order, line) in enumerate(zip(wanted, lines, strict=True)):
        try:
            signer = context.preview_signer
            bound.append(await preview_tokens.bound_to_preview(order, line.preview_token, signer))
        except BadInput as problem:
            errors.append(_of_line(index, problem))
    return bound, errors[:_MOST_ERRORS]


def _of_line(index: int, problem: BadInput) -> UserError:
    """Say which argument of which line is wrong; the path counts from 0, as JSON does."""
    error = invalid(problem)
    (_, argument) = error.field or ("", "")
    return UserError(
        code=error.code,
        message=f"Line {index + 1}: {error.message}",
        field=["input", "lines", str(index), argument],
    )


async def _outcome(context: RequestContext, batch: UpgradeBatch, wait_s: float) -> UpgradeBatch:
    """Wait for the end; afterwards everything is read anew."""
    found = await context.batches.outcome(batch.id, wait_s)
    context.begin_again()
    return found


def _unknown(batch_id: str) -> str:
    return f"You have no batch {quote(batch_id)}."
