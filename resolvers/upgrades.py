"""The steps of an upgrade, in order: read the order, submit it, wait, read anew, answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from resolvers import orders, preview_tokens
from resolvers.context import RequestContext
from resolvers.orders import Order
from resolvers.ports.operations import NotInDoubt
from resolvers.ports.refusals import KeyReused, OperationsUnavailable, OrderForbidden
from schema import arguments
from schema.operation import Retry, UpgradeOperation, UserError, UserErrorCode
from schema.problems import BadInput, Forbidden
from schema.quoting import quote
from schema.writes import (
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

KEY_REUSED: Final = UserError(
    code=UserErrorCode.IDEMPOTENCY_KEY_REUSED,
    message=(
        "This key stands for another operation of yours, which `operationByKey` shows unless it is"
        " a batch; take a new key for this one."
    ),
    field=["input", "idempotencyKey"],
)
_LONGEST_WAIT_S: Final = 60
UNSUBMITTED: Final = (KeyReused, Forbidden, OrderForbidden, OperationsUnavailable)


async def upgrade_subscription(
    context: RequestContext, input: UpgradeSubscriptionInput
) -> UpgradeSubscriptionPayload:
    """Upgrade a subscription once; what stands in the way is data."""

    async def read() -> Order:
        order = orders.upgrade(input)
        return await preview_tokens.bound_to_preview(
            order, input.preview_token, context.preview_signer
        )

    done = await ordered(context, input, read)
    result = done.operation.result if done.operation else None
    return UpgradeSubscriptionPayload(
        operation=done.operation, result=result, user_errors=done.errors
    )


async def request_product_upgrade(
    context: RequestContext, input: RequestProductUpgradeInput
) -> RequestProductUpgradePayload:
    """Upgrade a customer's products once."""

    async def read() -> Order:
        return orders.product_upgrade(input)

    done = await ordered(context, input, read)
    return RequestProductUpgradePayload(operation=done.operation, user_errors=done.errors)


async def transition_subscription(
    context: RequestContext, input: TransitionSubscriptionInput
) -> TransitionSubscriptionPayload:
    """Turn a subscription into another catalog item once."""

    async def read() -> Order:
        return orders.transition(input)

    done = await ordered(context, input, read)
    return TransitionSubscriptionPayload(operation=done.operation, user_errors=done.errors)


async def settle_operation(
    context: RequestContext, input: SettleOperationInput
) -> SettleOperationPayload:
    """Write down what somebody found out."""
    try:
        note = arguments.note("note", input.note)
    except BadInput as problem:
        return SettleOperationPayload(user_errors=[invalid(problem)])
    is_done = input.outcome is SettledOutcome.DONE
    try:
        found = await context.operations.settle(input.operation_id, is_done=is_done, note=note)
    except OperationsUnavailable as reason:
        return SettleOperationPayload(user_errors=[unavailable(reason)])
    except NotInDoubt as reason:
        error = UserError(code=UserErrorCode.NOT_IN_DOUBT, message=str(reason))
        found = await context.operations.operation(input.operation_id)
        return SettleOperationPayload(operation=found, user_errors=[error])
    if found is None:
        message = f"You have no operation {quote(input.operation_id)}."
        error = UserError(
            code=UserErrorCode.NOT_FOUND,
            message=message,
            field=["input", "operationId"],
            retry_override=Retry.NONE,
        )
        return SettleOperationPayload(user_errors=[error])
    return SettleOperationPayload(operation=found)


class Keyed(Protocol):
    """The input of a mutation that orders something."""

    idempotency_key: str
    wait_seconds: int


@dataclass(frozen=True, slots=True)
class Done:
    """An operation as it stands, and what stands in its way."""

    operation: UpgradeOperation | None
    errors: list[UserError]


async def ordered(
    context: RequestContext, input: Keyed, read_order: Callable[[], Awaitable[Order]]
) -> Done:
    """Read an order, submit it and wait.

    `read_order` raises BadInput for a wrong argument, OperationsUnavailable if it cannot tell.
    """
    try:
        key = arguments.idempotency_key("idempotencyKey", input.idempotency_key)
        order = await read_order()
        wait_s = read_wait(input.wait_seconds)
    except BadInput as problem:
        return Done(None, [invalid(problem)])
    except OperationsUnavailable as reason:
        return Done(None, [unavailable(reason)])
    found = await performed(context, order, key, wait_s)
    if isinstance(found, UserError):
        return Done(None, [found])
    return Done(found, [] if found.failure is None else [found.failure])


async def performed(
    context: RequestContext, order: Order, key: str, wait_s: float
) -> UpgradeOperation | UserError:
    """Submit an order and wait for its end; afterwards everything is read anew."""
    try:
        submitted = await context.operations.submit(order, key)
    except UNSUBMITTED as reason:
        return unsubmitted(reason)
    found = await context.operations.outcome(submitted.id, wait_s)
    context.begin_again()
    return found


def read_wait(wait_seconds: int) -> float:
    """Return how long to wait. Raises BadInput outside 0 to 60."""
    if 0 <= wait_seconds <= _LONGEST_WAIT_S:
        return float(wait_seconds)
    raise BadInput(f"waitSeconds is from 0 to {_LONGEST_WAIT_S}, not {wait_seconds}.")


def invalid(problem: BadInput) -> UserError:
    """Say which argument is wrong; every message of `schema.arguments` begins with its name."""
    message = str(problem)
    argument = message.partition(" ")[0]
    return UserError(code=UserErrorCode.INVALID_INPUT, message=message, field=["input", argument])


def unsubmitted(
    reason: KeyReused | Forbidden | OrderForbidden | OperationsUnavailable,
) -> UserError:
    """Say why an order was not taken."""
    if isinstance(reason, KeyReused):
        return KEY_REUSED
    if isinstance(reason, Forbidden):
        return UserError(code=UserErrorCode.NOT_FOUND, message=str(reason))
    if isinstance(reason, OperationsUnavailable):
        return unavailable(reason)
    return UserError(
        code=UserErrorCode.FORBIDDEN_BY_OPERATOR, message=f"Nothing was sent: {reason}"
    )


def unavailable(reason: OperationsUnavailable) -> UserError:
    """Say that nothing can be recorded now; whether it was before is not known."""
    if reason.may_be_recorded:
        message = f"{reason}. Ask again with the same idempotency key."
    else:
        text = str(reason)
        message = f"{text[:1].upper()}{text[1:]}. Ask again, with the same key if there is one."
    return UserError(code=UserErrorCode.STORE_UNAVAILABLE, message=message)
