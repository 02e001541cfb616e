"""The steps of an upgrade, in order: read the order, submit it, wait, read anew, answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from resolvers import orders, preview_tokens
from resolvers.context import RequestContext
from resolvers.orders import Order
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
from schema.user_errors import RetryAdvice, UserError, UserErrorCode

KEY_REUSED: Final = UserError(
    code=UserErrorCode.IDEMPOTENCY_KEY_REUSED,
    message=(
        "This key stands for another operation of yours, which `operationByKey` shows unless it is"
        " a batch; take a new key for this one."
    ),
    field=["input", "idempotencyKey"],
)
_MAX_WAIT_S: Final = 60
SUBMISSION_ERRORS: Final = (KeyReused, Forbidden, OrderForbidden, OperationsUnavailable)


async def upgrade_subscription(
    context: RequestContext, input: UpgradeSubscriptionInput
) -> UpgradeSubscriptionPayload:
    """Upgrade a subscription once; what stands in the way is data."""

    async def read() -> Order:
        order = orders.parse_upgrade(input)
        return await preview_tokens.attach_preview(
            order, input.preview_token, context.preview_signer
        )

    done = await place_order(context, input, read)
    result = done.operation.result if done.operation else None
    return UpgradeSubscriptionPayload(
        operation=done.operation, result=result, user_errors=done.errors
    )


async def request_product_upgrade(
    context: RequestContext, input: RequestProductUpgradeInput
) -> RequestProductUpgradePayload:
    """Upgrade a customer's products once."""

    async def read() -> Order:
        return orders.parse_product_upgrade(input)

    done = await place_order(context, input, read)
    return RequestProductUpgradePayload(operation=done.operation, user_errors=done.errors)


async def transition_subscription(
    context: RequestContext, input: TransitionSubscriptionInput
) -> TransitionSubscriptionPayload:
    """Turn a subscription into another catalog item once."""

    async def read() -> Order:
        return orders.parse_transition(input)

    done = await place_order(context, input, read)
    return TransitionSubscriptionPayload(operation=done.operation, user_errors=done.errors)


async def settle_operation(
    context: RequestContext, input: SettleOperationInput
) -> SettleOperationPayload:
    """Write down what somebody found out."""
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
        message = f"You have no operation {quote(input.operation_id)}."
        error = UserError(
            code=UserErrorCode.NOT_FOUND,
            message=message,
            field=["input", "operationId"],
            retry_override=RetryAdvice.NONE,
        )
        return SettleOperationPayload(user_errors=[error])
    return SettleOperationPayload(operation=found)


class IdempotentInput(Protocol):
    """The input of a mutation that orders something."""

    idempotency_key: str
    wait_seconds: int


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """An operation as it stands, and what stands in its way."""

    operation: UpgradeOperation | None
    errors: list[UserError]


async def place_order(
    context: RequestContext, input: IdempotentInput, read_order: Callable[[], Awaitable[Order]]
) -> OrderOutcome:
    """Read an order, submit it and wait.

    `read_order` raises InvalidInput for a wrong argument, OperationsUnavailable if it cannot tell.
    """
    try:
        key = arguments.parse_idempotency_key("idempotencyKey", input.idempotency_key)
        order = await read_order()
        wait_s = parse_wait_s(input.wait_seconds)
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
    """Submit an order and wait for its end; afterwards everything is read anew."""
    try:
        submitted = await context.operations.submit(order, key)
    except SUBMISSION_ERRORS as reason:
        return submission_error(reason)
    found = await context.operations.wait_for_outcome(submitted.id, wait_s)
    context.reset_reads()
    return found


def parse_wait_s(wait_seconds: int) -> float:
    """Return how long to wait. Raises InvalidInput outside 0 to 60."""
    if 0 <= wait_seconds <= _MAX_WAIT_S:
        return float(wait_seconds)
    raise InvalidInput(f"waitSeconds is from 0 to {_MAX_WAIT_S}, not {wait_seconds}.")


def input_error(problem: InvalidInput) -> UserError:
    """Say which argument is wrong; every message of `schema.arguments` begins with its name."""
    message = str(problem)
    argument = message.partition(" ")[0]
    return UserError(code=UserErrorCode.INVALID_INPUT, message=message, field=["input", argument])


def submission_error(
    reason: KeyReused | Forbidden | OrderForbidden | OperationsUnavailable,
) -> UserError:
    """Say why an order was not taken."""
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
    """Say that nothing can be recorded now; whether it was before is not known."""
    if reason.may_be_recorded:
        message = f"{reason}. Ask again with the same idempotency key."
    else:
        text = str(reason)
        message = f"{text[:1].upper()}{text[1:]}. Ask again, with the same key if there is one."
    return UserError(code=UserErrorCode.STORE_UNAVAILABLE, message=message)
