"""Batches: many upgrades under one idempotency key. Source: DESIGN 3.2."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from strawberry import field

from schema.arguments import DEFAULT_PAGE_SIZE, After, First
from schema.context import Info
from schema.errors import InvalidInput
from schema.keys import BatchLinesKey
from schema.node import Node, encode_node_id
from schema.operation import OPEN_STATES, OperationState, OperationStateInput, UpgradeOperation
from schema.pagination import (
    Connection,
    build_page_info,
    decode_cursor,
    encode_cursor,
    validate_first,
)
from schema.upgrade import UpgradeTypeInput
from schema.user_errors import UserError


@strawberry.enum(description="Where a batch stands; how its lines ended, `counts` tells.")
class BatchState(Enum):
    """The last two are final."""

    RUNNING = strawberry.enum_value("RUNNING", description="Some lines have not ended.")
    CANCELLING = strawberry.enum_value(
        "CANCELLING", description="Cancelled; lines that were sent are still finished."
    )
    COMPLETED = strawberry.enum_value(
        "COMPLETED", description="Every line has ended, whether it was done or refused."
    )
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="Every line has ended, and some were cancelled unsent."
    )
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="A state this graph does not know.")


@strawberry.type(description="How many lines of a batch are in each state.")
class BatchCounts:
    """One field for each `OperationState`, and sums."""

    total: int = field(description="All lines.")
    open: int = field(description="Lines that are QUEUED, RUNNING or WAITING.")
    queued: int = field(description="Lines of which nothing was sent yet.")
    running: int = field(description="Lines being sent.")
    waiting: int = field(description="Lines that are tried again later.")
    done: int = field(description="Lines that the vendor did.")
    done_with_license_errors: int = field(
        description="Lines bought with some users left on their old license."
    )
    refused: int = field(description="Lines that were not done; their operations say why.")
    failed: int = field(description="Lines that were not done because something broke.")
    in_doubt: int = field(description="Lines of which nobody can tell: look, and settle them.")
    cancelled: int = field(description="Lines cancelled before anything was sent.")


def count_by_state(states: Sequence[OperationState]) -> BatchCounts:
    """Count the lines by state."""
    found = Counter(states)
    return BatchCounts(
        total=len(states),
        open=sum(found[state] for state in OPEN_STATES),
        **{name: found[OperationState[name.upper()]] for name in _COUNTED_STATES},
    )


_COUNTED_STATES = (
    "queued",
    "running",
    "waiting",
    "done",
    "done_with_license_errors",
    "refused",
    "failed",
    "in_doubt",
    "cancelled",
)


@strawberry.type(description="One upgrade of a batch.")
class UpgradeBatchLine:
    """A line is recorded with its batch, before its turn comes."""

    number: int = field(description="Its place in the batch, from 1 on.")
    operation: UpgradeOperation = field(description="What became of it.")


@dataclass(frozen=True, slots=True)
class BatchLinesPage:
    """Lines in the batch's order, and whether more follow."""

    lines: Sequence[UpgradeBatchLine]
    has_next: bool


@strawberry.type(description="A page of a batch's lines, in the order they were sent in.")
class UpgradeBatchLineConnection(Connection[UpgradeBatchLine]):
    """A cursor names a line, so pages stay where they are while states change."""


@strawberry.type(
    description="Many upgrades under one idempotency key; each line is an operation of its own."
)
class UpgradeBatch(Node):
    """What became of `upgradeSubscriptions`."""

    id: strawberry.ID = field(description="The gateway's id of the batch.")
    state: BatchState = field(description="Where it stands.")
    idempotency_key: str = field(
        description="The caller's key; the operation of line 7 has this key followed by `#7`."
    )
    counts: BatchCounts = field(description="Its lines by state.")
    created_at: datetime = field(description="When it was recorded, UTC.")
    updated_at: datetime = field(description="When a line last changed its state, UTC.")
    cancelled_at: datetime | None = field(
        default=None, description="When it was cancelled, UTC; null when it was not."
    )
    principal: str = field(default="", description="Whose key it is.")

    @strawberry.field(description="Opaque id for `node(nodeId:)`, unique over all types.")
    def node_id(self) -> strawberry.ID:
        """Name the batch."""
        return encode_node_id("UpgradeBatch", self.id)

    @strawberry.field(description="Its lines with their operations. No upstream call.")
    async def lines(
        self,
        info: Info,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
        states: Annotated[
            list[OperationStateInput] | None,
            strawberry.argument(description="Only those whose operation is in one of these."),
        ] = None,
    ) -> UpgradeBatchLineConnection | None:
        """Read them as they stand now."""
        validate_first(first, info.context.max_page_size)
        wanted = frozenset(OperationState[each.name] for each in states or ())
        connection = ["lines", self.id, *sorted(state.name for state in wanted)]
        behind = 0 if after is None else _parse_number(decode_cursor(after, connection))
        key = BatchLinesKey(self.id, first, behind, wanted)
        page = await info.context.loaders.batch_lines.load(key)
        return _connection(page, connection, has_previous=after is not None)


@strawberry.type(description="A page of batches, newest first.")
class UpgradeBatchConnection(Connection[UpgradeBatch]):
    """A list that grows for ever; its length is not counted."""


def _connection(
    page: BatchLinesPage, connection: list[str], *, has_previous: bool
) -> UpgradeBatchLineConnection:
    def cursor_at(index: int) -> str:
        return encode_cursor(connection, page.lines[index].number)

    return UpgradeBatchLineConnection(
        nodes=list(page.lines),
        cursor_at=cursor_at,
        page_info=build_page_info(
            len(page.lines), cursor_at, has_next=page.has_next, has_previous=has_previous
        ),
    )


def _parse_number(position: object) -> int:
    if not isinstance(position, int):
        raise InvalidInput("after is a cursor of a page of lines. Start again without it.")
    return position


@strawberry.input(description="One upgrade of a batch, as `upgradeSubscription` takes it.")
class UpgradeLineInput:
    """`UpgradeSubscriptionInput` without what the batch has once."""

    customer_id: strawberry.ID = field(description="The customer's tenant id, a GUID.")
    subscription_id: strawberry.ID = field(
        description="The subscription to upgrade, a GUID; in one line of the batch alone."
    )
    target_offer_id: strawberry.ID = field(description="`targetOffer.id` of one of its upgrades.")
    upgrade_type: UpgradeTypeInput = field(description="What to move.")
    quantity: int | None = field(
        default=None, description="Licenses to buy; the source's quantity when left out."
    )
    preview_token: str | None = field(
        default=None,
        description="Of `upgradePreview`: refuse the line when anything it showed has changed.",
    )


@strawberry.input(description="Which subscriptions to upgrade, and to what.")
class UpgradeSubscriptionsInput:
    """Arguments of `upgradeSubscriptions`."""

    idempotency_key: str = field(
        description=(
            "1 to 255 printable characters, the last ones not like `#7`; the same key is the same"
            " batch."
        )
    )
    lines: list[UpgradeLineInput] = field(description="1 to 5,000 upgrades.")
    wait_seconds: int = field(
        default=25, description="How long to wait for the end of every line, 0 to 60."
    )


@strawberry.type(description="What became of `upgradeSubscriptions`.")
class UpgradeSubscriptionsPayload:
    """The batch as it stands when the answer leaves."""

    batch: UpgradeBatch | None = field(
        default=None, description="The batch of this key; null when none could be recorded."
    )
    user_errors: list[UserError] = field(
        default_factory=list,
        description="Why nothing was recorded; what became of a line, its operation says.",
    )


@strawberry.input(description="Which batch to cancel.")
class CancelBatchInput:
    """Arguments of `cancelBatch`; cancelling twice is cancelling once."""

    batch_id: strawberry.ID = field(description="The batch's `id`.")
    wait_seconds: int = field(
        default=25, description="How long to wait for lines that were sent, 0 to 60."
    )


@strawberry.type(description="What became of `cancelBatch`.")
class CancelBatchPayload:
    """The batch as it stands when the answer leaves."""

    batch: UpgradeBatch | None = field(
        default=None, description="The batch; null when you have none of that id."
    )
    user_errors: list[UserError] = field(
        default_factory=list, description="Why it was not cancelled."
    )
