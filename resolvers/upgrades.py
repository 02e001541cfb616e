"""The steps of an upgrade, in order: read the order, submit it, wait, read anew, answer."""

from typing import Final

from resolvers.context import RequestContext
from resolvers.orders import Order, UpgradeOrder
from resolvers.ports import KeyReused, OperationsUnavailable
from schema import arguments
from schema.keys import SubscriptionKey
from schema.operation import (
    UpgradeOperation,
    UpgradeSubscriptionInput,
    UpgradeSubscriptionPayload,
    UserError,
    UserErrorCode,
)
from schema.problems import BadInput
from schema.upgrade import UpgradeType

_LONGEST_WAIT_S: Final = 60
_POSSIBLE_TYPES: Final = {UpgradeType.UPGRADE_ONLY, UpgradeType.UPGRADE_WITH_LICENSE_TRANSFER}


async def upgrade_subscription(
    context: RequestContext, input: UpgradeSubscriptionInput
) -> UpgradeSubscriptionPayload:
    """Upgrade a subscription once; what stands in the way is data."""
    try:
        key = arguments.idempotency_key("idempotencyKey", input.idempotency_key)
        order = read_upgrade_order(input)
        wait_s = read_wait(input.wait_seconds)
    except BadInput as problem:
        return UpgradeSubscriptionPayload(user_errors=[invalid(problem)])
    found = await performed(context, order, key, wait_s)
    if isinstance(found, UserError):
        return UpgradeSubscriptionPayload(user_errors=[found])
    return UpgradeSubscriptionPayload(
        operation=found,
        result=found.result,
        user_errors=[] if found.failure is None else [found.failure],
    )


async def performed(
    context: RequestContext, order: Order, key: str, wait_s: float
) -> UpgradeOperation | UserError:
    """Submit an order and wait for its end; afterwards everything is read anew."""
    try:
        submitted = await context.operations.submit(order, key)
    except KeyReused:
        return UserError(
            code=UserErrorCode.IDEMPOTENCY_KEY_REUSED,
            message="This key stands for another operation of yours; take a new key for this one.",
            field=["input", "idempotencyKey"],
        )
    except OperationsUnavailable as reason:
        return UserError(
            code=UserErrorCode.STORE_UNAVAILABLE, message=f"Nothing was sent: {reason}"
        )
    found = await context.operations.outcome(submitted.id, wait_s)
    context.begin_again()
    return found


def read_upgrade_order(input: UpgradeSubscriptionInput) -> UpgradeOrder:
    """Read the payload. Raises BadInput naming the argument that is wrong."""
    if input.upgrade_type not in _POSSIBLE_TYPES:
        expected = "UPGRADE_ONLY or UPGRADE_WITH_LICENSE_TRANSFER"
        raise BadInput(f"upgradeType is {expected}, not {input.upgrade_type.name}.")
    if input.quantity is not None and input.quantity < 1:
        raise BadInput(f"quantity is 1 or more, not {input.quantity}.")
    return UpgradeOrder(
        source=SubscriptionKey(
            arguments.guid("customerId", input.customer_id),
            arguments.guid("subscriptionId", input.subscription_id),
        ),
        target_offer_id=arguments.offer_id("targetOfferId", input.target_offer_id),
        upgrade_type=input.upgrade_type,
        quantity=input.quantity,
    )


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
