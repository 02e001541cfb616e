"""Operations: writes that are recorded before they are sent. Source: DESIGN 3.2, 4."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Final

import strawberry
from strawberry import field

from schema.context import Info
from schema.cost import PER_CUSTOMER, PER_SUBSCRIPTION
from schema.errors import NotFound
from schema.keys import CustomerKey, SubscriptionKey
from schema.node import Node, encode_node_id
from schema.order import OperationOrder
from schema.pagination import Connection
from schema.product_upgrade import ProductUpgradesStatus
from schema.transition import Transition
from schema.upgrade import UpgradeResult

if TYPE_CHECKING:
    from schema.customer import Customer
    from schema.customer_subscription import CustomerSubscription

LazyCustomer = Annotated["Customer", strawberry.lazy("schema.customer")]
LazySubscription = Annotated[
    "CustomerSubscription", strawberry.lazy("schema.customer_subscription")
]


@strawberry.enum(description="What an operation does.")
class OperationKind(Enum):
    """One for each family of upgrades (CONTRACT 4.0)."""

    UPGRADE_SUBSCRIPTION = strawberry.enum_value(
        "UPGRADE_SUBSCRIPTION", description="Upgrades a legacy license subscription."
    )
    REQUEST_PRODUCT_UPGRADE = strawberry.enum_value(
        "REQUEST_PRODUCT_UPGRADE", description="Moves a customer's legacy Azure to the Azure plan."
    )
    TRANSITION_SUBSCRIPTION = strawberry.enum_value(
        "TRANSITION_SUBSCRIPTION", description="Turns a subscription into another catalog item."
    )
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A kind this graph does not know.")


@strawberry.enum(description="Where an operation stands.")
class OperationState(Enum):
    """The last six are final, save that IN_DOUBT can be settled."""

    QUEUED = strawberry.enum_value("QUEUED", description="Recorded; nothing was sent yet.")
    RUNNING = strawberry.enum_value("RUNNING", description="Being sent, or followed to its end.")
    WAITING = strawberry.enum_value(
        "WAITING", description="Tried again later; `retryAt` says when, if that is known."
    )
    DONE = strawberry.enum_value("DONE", description="The vendor did it, once.")
    DONE_WITH_LICENSE_ERRORS = strawberry.enum_value(
        "DONE_WITH_LICENSE_ERRORS",
        description="Bought, but some users kept their old license: `result.licenseErrors`.",
    )
    REFUSED = strawberry.enum_value(
        "REFUSED", description="Not done: `failure` and `result.upgradeErrors` say why."
    )
    FAILED = strawberry.enum_value(
        "FAILED", description="Not done because something broke: `failure` says what."
    )
    IN_DOUBT = strawberry.enum_value(
        "IN_DOUBT",
        description="Sent, and nobody can tell whether it was done: look, then `settleOperation`.",
    )
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="Cancelled before anything was sent."
    )
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A state this graph does not know.")


@strawberry.enum(description="The states to select operations by.")
class OperationStateInput(Enum):
    """`OperationState` without the value that says nothing as an argument."""

    QUEUED = strawberry.enum_value("QUEUED", description="Recorded; nothing was sent yet.")
    RUNNING = strawberry.enum_value("RUNNING", description="Being sent, or polled until it ends.")
    WAITING = strawberry.enum_value("WAITING", description="Retried later.")
    DONE = strawberry.enum_value("DONE", description="The vendor executed it.")
    DONE_WITH_LICENSE_ERRORS = strawberry.enum_value(
        "DONE_WITH_LICENSE_ERRORS", description="Bought, but some users kept their old license."
    )
    REFUSED = strawberry.enum_value("REFUSED", description="Not done for a reason it names.")
    FAILED = strawberry.enum_value("FAILED", description="Not done because of a fault.")
    IN_DOUBT = strawberry.enum_value("IN_DOUBT", description="The outcome is unknown.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Cancelled before it was sent.")


OPEN_STATES = frozenset({OperationState.QUEUED, OperationState.RUNNING, OperationState.WAITING})


@strawberry.enum(
    description=(
        "Why something was not done. Each value says the cure. A refused operation keeps its"
        " idempotency key: what is corrected is asked for with a new one."
    )
)
class UserErrorCode(Enum):
    """Refusals that a client is expected to handle."""

    INVALID_INPUT = strawberry.enum_value(
        "INVALID_INPUT", description="An argument is wrong; `field` names it: correct it."
    )
    IDEMPOTENCY_KEY_REUSED = strawberry.enum_value(
        "IDEMPOTENCY_KEY_REUSED",
        description="The key stands for another operation of yours: take a new key.",
    )
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND", description="There is no such thing, or not for you: check the ids."
    )
    WRONG_FAMILY = strawberry.enum_value(
        "WRONG_FAMILY", description="Another mutation serves this subscription; the text names it."
    )
    NOT_ELIGIBLE = strawberry.enum_value(
        "NOT_ELIGIBLE", description="Not possible now: cure the reasons in `result`."
    )
    QUANTITY_OUT_OF_RANGE = strawberry.enum_value(
        "QUANTITY_OUT_OF_RANGE", description="The target does not sell as many: change it."
    )
    UPGRADE_IN_PROGRESS = strawberry.enum_value(
        "UPGRADE_IN_PROGRESS", description="Another operation upgrades the same: wait for its end."
    )
    EARLIER_IN_DOUBT = strawberry.enum_value(
        "EARLIER_IN_DOUBT",
        description="An operation on the same is IN_DOUBT: look, settle that one first.",
    )
    REFUSED_BY_VENDOR = strawberry.enum_value(
        "REFUSED_BY_VENDOR", description="The vendor answered no; the text is the vendor's."
    )
    NOT_SENT = strawberry.enum_value(
        "NOT_SENT",
        description="It could not be sent, for too long or without a token: ask with a new key.",
    )
    FAILED_UPSTREAM = strawberry.enum_value(
        "FAILED_UPSTREAM", description="The vendor began and failed; the text is the vendor's."
    )
    OUTCOME_UNKNOWN = strawberry.enum_value(
        "OUTCOME_UNKNOWN", description="Sent, without an answer: look at the subscriptions."
    )
    PREVIEW_EXPIRED = strawberry.enum_value(
        "PREVIEW_EXPIRED", description="The preview is too old: look at a new one."
    )
    PREVIEW_CHANGED = strawberry.enum_value(
        "PREVIEW_CHANGED", description="Something changed since the preview: look at a new one."
    )
    NOT_IN_DOUBT = strawberry.enum_value(
        "NOT_IN_DOUBT", description="Only an operation that is IN_DOUBT can be settled."
    )
    BATCH_ENDED = strawberry.enum_value(
        "BATCH_ENDED", description="Every line has ended, so there is nothing to cancel."
    )
    SETTLED_AS_NOT_DONE = strawberry.enum_value(
        "SETTLED_AS_NOT_DONE", description="Somebody looked and found that it was not done."
    )
    FORBIDDEN_BY_OPERATOR = strawberry.enum_value(
        "FORBIDDEN_BY_OPERATOR",
        description="This gateway's operator does not allow it now; the text says what.",
    )
    STORE_UNAVAILABLE = strawberry.enum_value(
        "STORE_UNAVAILABLE",
        description="It is not recorded, or that is not known: ask again with the same key.",
    )
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A code this graph does not know.")


@strawberry.enum(
    name="Retry", description="How to ask again after an error, once its reason is gone."
)
class RetryAdvice(Enum):
    """Whether an error has used its idempotency key up."""

    SAME_KEY = strawberry.enum_value(
        "SAME_KEY",
        description="Use the same idempotency key: it is still free, or finds what was recorded.",
    )
    NEW_KEY = strawberry.enum_value(
        "NEW_KEY",
        description="Use a new idempotency key: this one keeps this answer.",
    )
    AFTER_SETTLEMENT = strawberry.enum_value(
        "AFTER_SETTLEMENT",
        description="Settle the operation that is IN_DOUBT first, then use a new idempotency key.",
    )
    NONE = strawberry.enum_value("NONE", description="Asking again changes nothing.")


_IN_DOUBT_CODES: Final = frozenset({UserErrorCode.OUTCOME_UNKNOWN, UserErrorCode.EARLIER_IN_DOUBT})
_NO_RETRY_CODES: Final = frozenset({UserErrorCode.NOT_IN_DOUBT, UserErrorCode.BATCH_ENDED})


def decide_retry(code: UserErrorCode, *, is_recorded: bool) -> RetryAdvice:
    """Decide how to ask again; `is_recorded` for the failure of an operation."""
    if code in _IN_DOUBT_CODES:
        return RetryAdvice.AFTER_SETTLEMENT
    if code in _NO_RETRY_CODES:
        return RetryAdvice.NONE
    is_used_up = is_recorded or code is UserErrorCode.IDEMPOTENCY_KEY_REUSED
    return RetryAdvice.NEW_KEY if is_used_up else RetryAdvice.SAME_KEY


@strawberry.type(description="Why something was not done.")
class UserError:
    """A refusal as data; never a top-level error."""

    code: UserErrorCode = field(description="The reason.")
    message: str = field(description="For people.")
    field: list[str] | None = strawberry.field(
        default=None, description="The argument that is wrong, as a path; null where none is."
    )
    retry_override: strawberry.Private[RetryAdvice | None] = None

    @strawberry.field(description="How to ask again, once the reason is gone.")
    def retry(self) -> RetryAdvice:
        """Tell by the code, unless an operation keeps this answer or there is no key at all."""
        return self.retry_override or decide_retry(self.code, is_recorded=False)


@strawberry.enum(description="How far an attempt got.")
class AttemptOutcome(Enum):
    """What decides whether something may be sent again."""

    PENDING = strawberry.enum_value("PENDING", description="No end is known yet.")
    NEVER_SENT = strawberry.enum_value("NEVER_SENT", description="It did not leave the gateway.")
    THROTTLED = strawberry.enum_value("THROTTLED", description="429: not done, later perhaps.")
    UNANSWERED = strawberry.enum_value(
        "UNANSWERED", description="Sent, and no answer decides whether it was done."
    )
    REFUSED = strawberry.enum_value("REFUSED", description="Answered with a no.")
    # Attempts are stored with this value.
    SUCCEEDED = strawberry.enum_value("ACCEPTED", description="Answered with a yes.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A value this graph does not know.")


@strawberry.type(description="One sending of an operation.")
class UpgradeAttempt:
    """All attempts of an operation share its `requestId`."""

    number: int = field(description="From 1 on.")
    correlation_id: str = field(description="`MS-CorrelationId` of this attempt alone.")
    started_at: datetime = field(description="When it was announced, UTC.")
    ended_at: datetime | None = field(default=None, description="When its end was known, UTC.")
    outcome: AttemptOutcome = field(description="How far it got.")
    upstream_status: int | None = field(default=None, description="HTTP status of the answer.")
    upstream_code: str | None = field(default=None, description="The vendor's code.")
    message: str | None = field(default=None, description="What was in the way, for people.")


@strawberry.type(
    description=(
        "A write that is recorded before it is sent, and performed once for each idempotency key."
    )
)
class UpgradeOperation(Node):
    """What became of a mutation."""

    id: strawberry.ID = field(description="The gateway's id of the operation.")
    kind: OperationKind = field(description="What it does.")
    state: OperationState = field(description="Where it stands.")
    idempotency_key: str = field(description="The caller's key.")
    order: OperationOrder = field(description="What was ordered.")
    request_id: str = field(description="`MS-RequestId` of all its attempts.")
    attempts: list[UpgradeAttempt] = field(default_factory=list, description="Oldest first.")
    result: UpgradeResult | None = field(
        default=None, description="What the vendor said of an upgrade of a subscription."
    )
    product_upgrade: ProductUpgradesStatus | None = field(
        default=None, description="How far a product upgrade is, as last read."
    )
    transition: Transition | None = field(
        default=None, description="How far a transition is, as last read."
    )
    failure: UserError | None = field(default=None, description="Why it was not done.")
    created_at: datetime = field(description="When it was recorded, UTC.")
    updated_at: datetime = field(description="When its state last changed, UTC.")
    retry_at: datetime | None = field(
        default=None, description="When it is tried or asked about again, UTC."
    )
    waiting_for: str | None = field(
        default=None, description="What a WAITING operation waits for, for people."
    )
    principal: str = field(description="Whose key it is, and in whose name it was sent.")
    settled_by: str | None = field(
        default=None, description="Who gave it its end after it had been IN_DOUBT."
    )
    settlement_note: str | None = field(
        default=None, description="What whoever settled it had found."
    )
    evidence: str | None = field(
        default=None,
        description=(
            "How it is known that it was done, at `updatedAt`, where no response of the vendor"
            " says so; null otherwise."
        ),
    )

    @strawberry.field(description="Opaque id for `node(nodeId:)`, unique over all types.")
    def node_id(self) -> strawberry.ID:
        """Name the operation."""
        return encode_node_id("UpgradeOperation", self.id)

    @strawberry.field(
        description="The customer whose products it upgrades.", directives=PER_CUSTOMER
    )
    async def customer(self, info: Info) -> LazyCustomer | None:
        """Read as it is now."""
        return await info.context.loaders.customer.load(CustomerKey(self.order.customer_id))

    @strawberry.field(
        description="The subscription it upgrades, as it is now; null for product upgrades.",
        directives=PER_SUBSCRIPTION,
    )
    async def source_subscription(self, info: Info) -> LazySubscription | None:
        """A subscription that is gone is null too: the operation outlives it."""
        if self.order.subscription_id is None:
            return None
        key = SubscriptionKey(self.order.customer_id, self.order.subscription_id)
        try:
            return await info.context.loaders.subscription.load(key)
        except NotFound:
            return None


@strawberry.type(description="A page of operations, newest first.")
class UpgradeOperationConnection(Connection[UpgradeOperation]):
    """A list that grows for ever; its length is not counted."""
