"""Batches: many orders under one idempotency key."""

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
from schema.order_input import UpgradeOrderInput
from schema.pagination import (
    Connection,
    build_page_info,
    decode_cursor,
    encode_cursor,
    validate_first,
)
from schema.user_errors import UserError


@strawberry.enum(
    description="The state of a batch. `counts` has the number of lines in each operation state."
)
class BatchState(Enum):
    """The states of a batch. COMPLETED and CANCELLED are final."""

    RUNNING = strawberry.enum_value("RUNNING", description="At least one line has not ended.")
    CANCELLING = strawberry.enum_value(
        "CANCELLING", description="Cancelled. Lines that were already sent are being finished."
    )
    COMPLETED = strawberry.enum_value(
        "COMPLETED",
        description="Final. Every line has ended; some may have been refused or failed.",
    )
    CANCELLED = strawberry.enum_value(
        "CANCELLED",
        description=(
            "Final. Every line has ended, and at least one was cancelled before it was sent."
        ),
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="A state that this version of the graph does not know."
    )


@strawberry.type(description="The number of lines of a batch in each operation state.")
class BatchCounts:
    """The number of lines in each `OperationState`, and sums of them."""

    total: int = field(description="All lines.")
    open: int = field(
        description="Lines that have not ended: `QUEUED`, `RUNNING` and `WAITING` together."
    )
    queued: int = field(description="Lines in state `QUEUED`: nothing has been sent.")
    running: int = field(description="Lines in state `RUNNING`: being sent or polled.")
    waiting: int = field(description="Lines in state `WAITING`: to be retried.")
    done: int = field(description="Lines in state `DONE`: the upgrade was bought.")
    done_with_license_errors: int = field(
        description=(
            "Lines in state `DONE_WITH_LICENSE_ERRORS`: the upgrade was bought, but"
            " some users kept their old license."
        )
    )
    refused: int = field(
        description="Lines in state `REFUSED`: not bought. `operation.failure` has the reason."
    )
    failed: int = field(description="Lines in state `FAILED`: not bought because of a fault.")
    in_doubt: int = field(
        description=(
            "Lines in state `IN_DOUBT`: the outcome is unknown. Check Partner Center,"
            " then settle each."
        )
    )
    cancelled: int = field(
        description="Lines in state `CANCELLED`: cancelled before they were sent."
    )


def count_by_state(states: Sequence[OperationState]) -> BatchCounts:
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


@strawberry.type(description="One order of a batch.")
class UpgradeBatchLine:
    number: int = field(description="The line's position in the batch, from 1.")
    operation: UpgradeOperation = field(description="The operation that executes this line.")


@dataclass(frozen=True, slots=True)
class BatchLinesPage:
    lines: Sequence[UpgradeBatchLine]
    has_next: bool


@strawberry.type(
    description="A page of a batch's lines, in the order in which they were submitted."
)
class UpgradeBatchLineConnection(Connection[UpgradeBatchLine]):
    """A page of lines. Cursors contain line numbers, so later changes of states do not move it."""


@strawberry.type(
    description=(
        "Many orders recorded under one idempotency key. Each line is a"
        " separate operation. Recorded by this gateway, not by Partner Center."
    )
)
class UpgradeBatch(Node):
    id: strawberry.ID = field(description="The batch's id in this gateway.")
    state: BatchState = field(description="The state of the batch, derived from its lines.")
    idempotency_key: str = field(
        description=(
            "The key that the caller chose. The operation of line 7 has this key followed by `#7`."
        )
    )
    counts: BatchCounts = field(description="The number of lines in each state.")
    created_at: datetime = field(description="When the batch was recorded.")
    updated_at: datetime = field(description="When a line last changed its state.")
    cancelled_at: datetime | None = field(
        default=None, description="When `cancelBatch` was called. Null if it was not."
    )
    principal: str = field(default="", description="The principal that owns the batch.")

    @strawberry.field(
        description="The object's globally unique, opaque id. Pass it to `node(nodeId:)`."
    )
    def node_id(self) -> strawberry.ID:
        return encode_node_id("UpgradeBatch", self.id)

    @strawberry.field(
        description="The lines with their operations, in order. Makes no upstream call."
    )
    async def lines(
        self,
        info: Info,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
        states: Annotated[
            list[OperationStateInput] | None,
            strawberry.argument(
                description="Returns only lines whose operation is in one of these states."
            ),
        ] = None,
    ) -> UpgradeBatchLineConnection | None:
        validate_first(first, info.context.max_page_size)
        wanted = frozenset(OperationState[each.name] for each in states or ())
        connection = ["lines", self.id, *sorted(state.name for state in wanted)]
        after_number = 0 if after is None else _parse_number(decode_cursor(after, connection))
        key = BatchLinesKey(self.id, first, after_number, wanted)
        page = await info.context.loaders.batch_lines.load(key)
        return _connection(page, connection, has_previous=after is not None)


@strawberry.type(description="A page of batches, newest first. The total number is not counted.")
class UpgradeBatchConnection(Connection[UpgradeBatch]):
    """A page of batches. There is no total, because counting would take ever longer."""


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
        raise InvalidInput("after must be a cursor of a page of lines. Start again without it.")
    return position


@strawberry.input(description="One order of a batch, of any kind.")
class UpgradeLineInput(UpgradeOrderInput):
    """One order of a batch. The batch itself has the idempotency key and the time to wait."""

    preview_token: str | None = field(
        default=None,
        description=(
            "A `previewToken` of `upgradePreview`. The line is refused if anything"
            " that the preview showed has changed."
        ),
    )


@strawberry.input(description="The input of `upgradeSubscriptions`.")
class UpgradeSubscriptionsInput:
    idempotency_key: str = field(
        description=(
            "Your name for this batch: 1 to 255 printable characters; must not end in"
            " `#` followed by digits. Sending the same key again returns the same"
            " batch."
        )
    )
    lines: list[UpgradeLineInput] = field(
        description=(
            "The orders, 1 to 5,000, of one kind or mixed. A batch may change each"
            " subscription, and upgrade each customer's product family, in one line only."
        )
    )
    wait_seconds: int = field(
        default=25,
        description=(
            "How long the response waits for every line to end, 0 to 60 seconds. The"
            " batch continues after that."
        ),
    )


@strawberry.type(description="The result of `upgradeSubscriptions`.")
class UpgradeSubscriptionsPayload:
    batch: UpgradeBatch | None = field(
        default=None,
        description=(
            "The batch recorded under the key. Null if nothing could be recorded;"
            " `userErrors` has the reason."
        ),
    )
    user_errors: list[UserError] = field(
        default_factory=list,
        description=(
            "Why nothing was recorded. Empty if the batch was recorded; refusals of"
            " single lines are in `operation.failure` of the line."
        ),
    )


@strawberry.input(description="The input of `cancelBatch`.")
class CancelBatchInput:
    batch_id: strawberry.ID = field(description="The `id` of the batch.")
    wait_seconds: int = field(
        default=25,
        description=(
            "How long the response waits for lines that were already sent, 0 to 60 seconds."
        ),
    )


@strawberry.type(description="The result of `cancelBatch`.")
class CancelBatchPayload:
    batch: UpgradeBatch | None = field(
        default=None, description="The batch. Null if you have no batch with this id."
    )
    user_errors: list[UserError] = field(
        default_factory=list, description="Why the batch was not cancelled. Empty if it was."
    )
