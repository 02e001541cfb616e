"""Mutations of single operations: validate the order, submit it, wait, reset reads, respond."""

from dataclasses import dataclass
from typing import Final, Protocol

from resolvers import preview_tokens
from resolvers.context import RequestContext
from resolvers.orders import (
    CancelScheduledUpgradeOrder,
    Order,
    ProductUpgradeOrder,
    ScheduleUpgradeOrder,
    TransitionOrder,
    UpgradeOrder,
)
from resolvers.ports.errors import KeyReused, OperationsUnavailable, OrderForbidden
from resolvers.ports.operations import NotInDoubt
from schema import arguments
from schema.errors import Forbidden, InvalidInput
from schema.mutation_types import (
    RequestProductUpgradeInput,
    RequestProductUpgradePayload,
    SettledOutcome,
    SettleOperationInput,
    SettleOperationPayload,
    TransitionSubscriptionInput,
    TransitionSubscriptionPayload,
    UpgradeSubscriptionInput,
    UpgradeSubscriptionPayload,
)
from schema.operation import UpgradeOperation
from schema.quoting import quote
from schema.scheduled_change_inputs import (
    CancelScheduledUpgradeInput,
    CancelScheduledUpgradePayload,
    ScheduleUpgradeInput,
    ScheduleUpgradePayload,
)
from schema.user_errors import RetryAdvice, UserError, UserErrorCode

KEY_REUSED: Final = UserError(
    code=UserErrorCode.IDEMPOTENCY_KEY_REUSED,
    message=(
        "You have used this idempotency key for another order. `operationByKey` or `batchByKey`"
        " returns it. Use a new key for this one."
    ),
    field=["input", "idempotencyKey"],
)
_MAX_WAIT_S: Final = 60
SUBMISSION_ERRORS: Final = (KeyReused, Forbidden, OrderForbidden, OperationsUnavailable)


async def upgrade_subscription(
    context: RequestContext, input: UpgradeSubscriptionInput
) -> UpgradeSubscriptionPayload:
    done = await place_order(context, input, UpgradeOrder)
    result = done.operation.result if done.operation else None
    return UpgradeSubscriptionPayload(
        operation=done.operation, result=result, user_errors=done.errors
    )


async def request_product_upgrade(
    context: RequestContext, input: RequestProductUpgradeInput
) -> RequestProductUpgradePayload:
    done = await place_order(context, input, ProductUpgradeOrder)
    return RequestProductUpgradePayload(operation=done.operation, user_errors=done.errors)


async def transition_subscription(
    context: RequestContext, input: TransitionSubscriptionInput
) -> TransitionSubscriptionPayload:
    done = await place_order(context, input, TransitionOrder)
    return TransitionSubscriptionPayload(operation=done.operation, user_errors=done.errors)


async def schedule_upgrade(
    context: RequestContext, input: ScheduleUpgradeInput
) -> ScheduleUpgradePayload:
    done = await place_order(context, input, ScheduleUpgradeOrder)
    return ScheduleUpgradePayload(operation=done.operation, user_errors=done.errors)


async def cancel_scheduled_upgrade(
    context: RequestContext, input: CancelScheduledUpgradeInput
) -> CancelScheduledUpgradePayload:
    done = await place_order(context, input, CancelScheduledUpgradeOrder)
    return CancelScheduledUpgradePayload(operation=done.operation, user_errors=done.errors)


async def settle_operation(
    context: RequestContext, input: SettleOperationInput
) -> SettleOperationPayload:
    try:
        note = arguments.parse_note("note", input.note)
    except InvalidInput as problem:
        return SettleOperationPayload(user_errors=[input_error(problem)])
    is_done = input.outcome is SettledOutcome.DONE
    try:
        found = await context.operations.settle(input.operation_id, is_done=is_done, note=note)
    except OperationsUnavailable as reason:
        return SettleOperationPayload(user_errors=[unavailable_error(reason)])
    except NotInDoubt as reason:
        error = UserError(code=UserErrorCode.NOT_IN_DOUBT, message=str(reason))
        found = await context.operations.find(input.operation_id)
        return SettleOperationPayload(operation=found, user_errors=[error])
    if found is None:
        message = f"You have no operation {quote(input.operation_id)}. `operations` lists yours."
        error = UserError(
            code=UserErrorCode.NOT_FOUND,
            message=message,
            field=["input", "operationId"],
            retry_override=RetryAdvice.NONE,
        )
        return SettleOperationPayload(user_errors=[error])
    return SettleOperationPayload(operation=found)


class OrderInput(Protocol):
    """The members that the inputs of all orders have."""

    idempotency_key: str
    preview_token: str | None
    wait_seconds: int


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """The result of a mutation that places an order: an operation, errors, or both."""

    operation: UpgradeOperation | None
    errors: list[UserError]


async def place_order(
    context: RequestContext, input: OrderInput, order_type: type[Order]
) -> OrderOutcome:
    """Validate an order, submit it, and wait for its outcome."""
    try:
        key = arguments.parse_idempotency_key("idempotencyKey", input.idempotency_key)
        order = order_type.parse(input)
        wait_s = parse_wait_s(input.wait_seconds)
        order = await preview_tokens.attach_preview(
            order, input.preview_token, context.preview_signer
        )
    except InvalidInput as problem:
        return OrderOutcome(None, [input_error(problem)])
    except OperationsUnavailable as reason:
        return OrderOutcome(None, [unavailable_error(reason)])
    found = await submit_and_wait(context, order, key, wait_s)
    if isinstance(found, UserError):
        return OrderOutcome(None, [found])
    return OrderOutcome(found, [] if found.failure is None else [found.failure])


async def submit_and_wait(
    context: RequestContext, order: Order, key: str, wait_s: float
) -> UpgradeOperation | UserError:
    """Submit an order and wait for its outcome. Returns an error if it was not recorded."""
    try:
        submitted = await context.operations.submit(order, key)
    except SUBMISSION_ERRORS as reason:
        return submission_error(reason)
    found = await context.operations.wait_for_outcome(submitted.id, wait_s)
    context.reset_reads()
    return found


def parse_wait_s(wait_seconds: int) -> float:
    """Return the number of seconds to wait. Raises InvalidInput unless it is from 0 to 60."""
    if 0 <= wait_seconds <= _MAX_WAIT_S:
        return float(wait_seconds)
    raise InvalidInput(f"waitSeconds must be 0 to {_MAX_WAIT_S}, not {wait_seconds}.")


def input_error(problem: InvalidInput) -> UserError:
    """Build the error for an invalid argument. The message begins with the argument's name."""
    message = str(problem)
    argument = message.partition(" ")[0]
    return UserError(code=UserErrorCode.INVALID_INPUT, message=message, field=["input", argument])


def submission_error(
    reason: KeyReused | Forbidden | OrderForbidden | OperationsUnavailable,
) -> UserError:
    """Build the error for an order that was not recorded."""
    if isinstance(reason, KeyReused):
        return KEY_REUSED
    if isinstance(reason, Forbidden):
        return UserError(code=UserErrorCode.NOT_FOUND, message=str(reason))
    if isinstance(reason, OperationsUnavailable):
        return unavailable_error(reason)
    return UserError(
        code=UserErrorCode.FORBIDDEN_BY_OPERATOR, message=f"Nothing was sent: {reason}"
    )


def unavailable_error(reason: OperationsUnavailable) -> UserError:
    """Build the error for a store of operations that is not available."""
    if reason.may_be_recorded:
        message = f"{reason}. Send the request again with the same idempotency key."
    else:
        text = str(reason)
        message = (
            f"{text[:1].upper()}{text[1:]}. Try again later, with the same key if there is one."
        )
    return UserError(code=UserErrorCode.STORE_UNAVAILABLE, message=message)
