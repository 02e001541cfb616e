"""Operations: writes that are recorded before they are sent. Source: DESIGN 3.2, 4."""

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
from schema.order import OperationOrder
from schema.pagination import Connection
from schema.product_upgrade import ProductUpgradesStatus
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
