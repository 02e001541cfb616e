"""Operations: writes that are recorded before they are sent."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import field

from schema.context import Info
from schema.directives import PER_CUSTOMER, PER_SUBSCRIPTION
from schema.errors import NotFound
from schema.keys import CustomerKey, SubscriptionKey
from schema.node import Node, encode_node_id
from schema.operation_kind import OperationKind
from schema.order import OperationOrder
from schema.pagination import Connection
from schema.product_upgrade import ProductUpgradesStatus
from schema.scheduled_change import ScheduledChange
from schema.transition import Transition
from schema.upgrade import UpgradeResult
from schema.user_errors import UserError

if TYPE_CHECKING:
    from schema.customer import Customer
    from schema.customer_subscription import CustomerSubscription

LazyCustomer = Annotated["Customer", strawberry.lazy("schema.customer")]
LazySubscription = Annotated[
    "CustomerSubscription", strawberry.lazy("schema.customer_subscription")
]


@strawberry.enum(description="The state of an operation.")
class OperationState(Enum):
    QUEUED = strawberry.enum_value(
        "QUEUED", description="Recorded. Nothing has been sent to change anything."
    )
    RUNNING = strawberry.enum_value(
        "RUNNING", description="Being sent, or polled until Partner Center ends it."
    )
    WAITING = strawberry.enum_value(
        "WAITING",
        description=(
            "To be retried. `waitingFor` has the reason, and `retryAt` the time if it is known."
        ),
    )
    DONE = strawberry.enum_value(
        "DONE", description="Final. Partner Center executed the order once."
    )
    DONE_WITH_LICENSE_ERRORS = strawberry.enum_value(
        "DONE_WITH_LICENSE_ERRORS",
        description=(
            "Final. The upgrade was bought, but some users kept their old license."
            " `result.licenseErrors` lists them."
        ),
    )
    REFUSED = strawberry.enum_value(
        "REFUSED",
        description=(
            "Final. Nothing was bought. `failure` and `result.upgradeErrors` have the reasons."
        ),
    )
    FAILED = strawberry.enum_value(
        "FAILED",
        description="Final. Nothing was bought because of a fault. `failure` has the reason.",
    )
    IN_DOUBT = strawberry.enum_value(
        "IN_DOUBT",
        description=(
            "It cannot be determined whether Partner Center executed the order. Check"
            " the subscription in Partner Center, then call `settleOperation`."
        ),
    )
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="Final. Cancelled before anything was sent."
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="A state that this version of the graph does not know."
    )


@strawberry.enum(description="The states to filter operations by. See `OperationState`.")
class OperationStateInput(Enum):
    """The states to filter by: those of `OperationState` without UNKNOWN."""

    QUEUED = strawberry.enum_value("QUEUED", description="Recorded. Nothing has been sent.")
    RUNNING = strawberry.enum_value(
        "RUNNING", description="Being sent, or polled until Partner Center ends it."
    )
    WAITING = strawberry.enum_value("WAITING", description="To be retried.")
    DONE = strawberry.enum_value("DONE", description="Executed once.")
    DONE_WITH_LICENSE_ERRORS = strawberry.enum_value(
        "DONE_WITH_LICENSE_ERRORS", description="Bought, but some users kept their old license."
    )
    REFUSED = strawberry.enum_value(
        "REFUSED", description="Nothing was bought, for a reason that can be corrected."
    )
    FAILED = strawberry.enum_value("FAILED", description="Nothing was bought because of a fault.")
    IN_DOUBT = strawberry.enum_value("IN_DOUBT", description="The outcome is unknown.")
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="Cancelled before anything was sent."
    )


OPEN_STATES = frozenset({OperationState.QUEUED, OperationState.RUNNING, OperationState.WAITING})


@strawberry.enum(description="How an attempt to send an order ended.")
class AttemptOutcome(Enum):
    PENDING = strawberry.enum_value(
        "PENDING", description="The attempt has not ended, or its outcome was not recorded."
    )
    NEVER_SENT = strawberry.enum_value(
        "NEVER_SENT", description="The request did not leave the gateway."
    )
    THROTTLED = strawberry.enum_value(
        "THROTTLED",
        description=(
            "Partner Center responded with HTTP 429 and did not execute the order. It is retried."
        ),
    )
    UNANSWERED = strawberry.enum_value(
        "UNANSWERED",
        description="The request was sent, but no response says whether the order was executed.",
    )
    REFUSED = strawberry.enum_value("REFUSED", description="Partner Center refused the order.")
    # Attempts are stored with this value.
    SUCCEEDED = strawberry.enum_value("ACCEPTED", description="Partner Center accepted the order.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="A value that this version of the graph does not know."
    )


@strawberry.type(
    description=(
        "One attempt to send an operation's order. All attempts of an operation"
        " have the same `requestId`, by which Partner Center recognizes"
        " repetitions."
    )
)
class UpgradeAttempt:
    number: int = field(description="The attempt's position, from 1.")
    correlation_id: str = field(
        description=(
            "The `MS-CorrelationId` that is sent, the same in all attempts of an operation. Quote"
            " it to Microsoft's support."
        )
    )
    started_at: datetime = field(description="When the gateway recorded that it was about to send.")
    ended_at: datetime | None = field(
        default=None, description="When the outcome was known. Null until then."
    )
    outcome: AttemptOutcome = field(description="How the attempt ended.")
    upstream_status: int | None = field(
        default=None,
        description="The HTTP status of the response. Null if there was no response.",
    )
    upstream_code: str | None = field(
        default=None, description="Partner Center's error code. Null if it sent none."
    )
    message: str | None = field(
        default=None, description="A human-readable error. Null if there was none."
    )


@strawberry.type(
    description=(
        "A write that this gateway records before it sends it, and executes once"
        " for each principal and idempotency key. Recorded by this gateway, not"
        " by Partner Center."
    )
)
class UpgradeOperation(Node):
    id: strawberry.ID = field(description="The operation's id in this gateway.")
    kind: OperationKind = field(description="The kind of upgrade.")
    state: OperationState = field(description="The current state.")
    idempotency_key: str = field(description="The key that the caller chose.")
    order: OperationOrder = field(description="The order as it was recorded.")
    request_id: str = field(description="The `MS-RequestId` of all attempts.")
    attempts: list[UpgradeAttempt] = field(
        default_factory=list, description="The attempts to send the order, oldest first."
    )
    result: UpgradeResult | None = field(
        default=None,
        description=(
            "Partner Center's result of a subscription upgrade. Null for the other"
            " kinds, and until Partner Center has responded."
        ),
    )
    product_upgrade: ProductUpgradesStatus | None = field(
        default=None,
        description=(
            "The progress of a product upgrade, as last polled. Null for the other"
            " kinds, and before the first poll."
        ),
    )
    transition: Transition | None = field(
        default=None,
        description=(
            "The progress of a transition, as last polled. Null for the other kinds,"
            " and before Partner Center has responded."
        ),
    )
    scheduled_change: ScheduledChange | None = field(
        default=None,
        description=(
            "The change that was scheduled. Null for the other kinds, and before Partner Center"
            " has responded."
        ),
    )
    failure: UserError | None = field(
        default=None,
        description="Why the order was not executed. Null if it was, or has not ended.",
    )
    created_at: datetime = field(description="When the operation was recorded.")
    updated_at: datetime = field(description="When the state last changed.")
    retry_at: datetime | None = field(
        default=None,
        description=(
            "When the next attempt or poll is due. Null if none is planned, or its"
            " time is not known."
        ),
    )
    waiting_for: str | None = field(
        default=None,
        description="Why a `WAITING` operation waits, human-readable. Null in the other states.",
    )
    principal: str = field(
        description="The principal that owns the operation, on whose behalf it is sent."
    )
    settled_by: str | None = field(
        default=None,
        description=(
            "The principal that settled the operation, `gateway:audit` if a record of"
            " Partner Center's audit feed did. Null if it was not in doubt or is not settled."
        ),
    )
    settlement_note: str | None = field(
        default=None,
        description=(
            "The note of the principal that settled the operation. Null if it is not settled."
        ),
    )
    evidence: str | None = field(
        default=None,
        description=(
            "How the gateway found out that the order was executed, if no response said so. If the"
            " operation was `IN_DOUBT`, the records of Partner Center's audit feed that may"
            " belong to it. Null if there is neither."
        ),
    )

    def has_scheduled(self, change: ScheduledChange) -> bool:
        return self.scheduled_change is not None and self.scheduled_change.terms == change.terms

    @strawberry.field(
        description="The object's globally unique, opaque id. Pass it to `node(nodeId:)`."
    )
    def node_id(self) -> strawberry.ID:
        return encode_node_id("UpgradeOperation", self.id)

    @strawberry.field(
        description="The customer that the order is for, as it is now.", directives=PER_CUSTOMER
    )
    async def customer(self, info: Info) -> LazyCustomer | None:
        return await info.context.loaders.customer.load(CustomerKey(self.order.customer_id))

    @strawberry.field(
        description=(
            "The subscription that the order changes, as it is now. Null for product"
            " upgrades, and if the subscription no longer exists."
        ),
        directives=PER_SUBSCRIPTION,
    )
    async def source_subscription(self, info: Info) -> LazySubscription | None:
        if self.order.subscription_id is None:
            return None
        key = SubscriptionKey(self.order.customer_id, self.order.subscription_id)
        try:
            return await info.context.loaders.subscription.load(key)
        except NotFound:
            return None


@strawberry.type(description="A page of operations, newest first. The total number is not counted.")
class UpgradeOperationConnection(Connection[UpgradeOperation]):
    """A page of operations. There is no total, because counting would take ever longer."""
