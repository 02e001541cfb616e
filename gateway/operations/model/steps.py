"""The stored steps of an operation: the result of each, and the final result.

Stored structs outlive the code that wrote them: members are only added, with defaults, and keep
their JSON names. None contains a token.
"""

import enum
from typing import Any, Final

import msgspec

from gateway.operations.model.record import StoredStruct
from schema.operation import AttemptOutcome, OperationState
from schema.user_errors import UserErrorCode


class Failure(StoredStruct, frozen=True, kw_only=True):
    """Why an order was refused, or failed."""

    code: UserErrorCode
    message: str
    field: list[str] | None = None


class Blocker(StoredStruct, frozen=True, kw_only=True):
    """Why a step has no result yet: an error that says nothing about the order itself.

    Attributes:
        is_transient: it may go away without the caller's help.
        needs_credentials: the gateway has no token of the principal, who has to send a request.
    """

    message: str
    is_transient: bool = msgspec.field(default=True, name="passes")
    needs_credentials: bool = msgspec.field(default=False, name="needs_caller")
    retry_after_s: float | None = None
    status: int | None = None
    code: str | None = None


class AttemptIntent(StoredStruct, frozen=True, kw_only=True):
    """The announcement of an attempt, stored before it is sent.

    Attributes:
        process_run_id: the run of a process that may send it. Another run that finds an intent
            without a result cannot know whether it was sent, and does not send it.
    """

    number: int
    correlation_id: str
    process_run_id: str = msgspec.field(name="incarnation")
    at: float


class AttemptIntended(StoredStruct, frozen=True, kw_only=True):
    """Whether a further attempt is sent. Without an intent, the idempotency window has passed.

    Attributes:
        cancelled_at: set instead if the operation was cancelled.
        blocker: set instead if no slot was available; `at` is its time.
    """

    intent: AttemptIntent | None = msgspec.field(default=None, name="announcement")
    cancelled_at: float | None = None
    blocker: Blocker | None = msgspec.field(default=None, name="trouble")
    at: float | None = None


class Baseline(StoredStruct, frozen=True, kw_only=True):
    """The state before the first attempt, with which reconciliation compares.

    Attributes:
        quantity: licenses to buy.
        known_ids: existing resources of the kind that an attempt creates.
        is_listed: the vendor keeps a list of what attempts create.
        source_quantity: licenses of the source, if an order may leave some of them.
        target_name: the vendor's name of the target, if the order has one.
        details: what the check decided and only the family knows.
    """

    quantity: int = 0
    known_ids: tuple[str, ...] = ()
    is_listed: bool = False
    source_quantity: int | None = None
    target_name: str | None = None
    details: dict[str, Any] = {}


class CheckResult(StoredStruct, frozen=True, kw_only=True):
    """Whether the order can be sent. Exactly one of five members is set.

    Attributes:
        intent: it can, and this is its first attempt; with `baseline`.
        refusal: it cannot; `body` may hold the vendor's reasons as an UpgradeResult.
        blocker: unknown; checked again later.
        reference: the vendor has this upgrade already; it is polled instead.
        is_cancelled: it was cancelled.
    """

    at: float
    intent: AttemptIntent | None = msgspec.field(default=None, name="announcement")
    reference: str | None = None
    baseline: Baseline = msgspec.field(default=Baseline(), name="facts")
    refusal: Failure | None = None
    body: str | None = None
    blocker: Blocker | None = msgspec.field(default=None, name="trouble")
    is_cancelled: bool = False


class SendResult(StoredStruct, frozen=True, kw_only=True):
    """The result of an attempt.

    Attributes:
        has_fresh_token: a rejected token was replaced, so another attempt makes sense.
        has_errors: a successful response contains reasons why nothing was bought.
        has_license_errors: a successful response names users who kept their old license.
        reference: what to poll, such as the id of a product upgrade.
        purchase: id of the subscription that was bought, if it is not `reference`.
        body: the response body.
        status: HTTP status; None without a response, or if `blocker` has it.
    """

    outcome: AttemptOutcome
    at: float
    blocker: Blocker | None = msgspec.field(default=None, name="trouble")
    has_fresh_token: bool = False
    has_errors: bool = False
    has_license_errors: bool = False
    reference: str | None = None
    purchase: str | None = None
    body: str | None = None
    status: int | None = None


class Verdict(enum.Enum):
    """Whether attempts without a response took effect."""

    DONE = "DONE"
    NOT_DONE = "NOT_DONE"
    UNCLEAR = "UNCLEAR"


class ReconcileResult(StoredStruct, frozen=True, kw_only=True):
    """The result of a reconciliation: a verdict, or a blocker.

    Attributes:
        purchase: id of the subscription that was found, if it is not `reference`.
        body: what was done, in the form of the vendor's response.
    """

    at: float
    verdict: Verdict | None = None
    blocker: Blocker | None = msgspec.field(default=None, name="trouble")
    reference: str | None = None
    purchase: str | None = None
    body: str | None = None


class UpstreamProgress(enum.Enum):
    """The state of an upgrade that the vendor has accepted."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    DONE_WITH_LICENSE_ERRORS = "DONE_WITH_LICENSE_ERRORS"
    FAILED = "FAILED"


class PollResult(StoredStruct, frozen=True, kw_only=True):
    """A changed state of an accepted upgrade, or a blocker.

    Attributes:
        message: why it failed.
        reference: the correct id, if the vendor says that the polled one is wrong.
        purchase: id of the subscription that was bought.
        body: the state, as JSON of the graph's type.
        polls: number of polls so far.
    """

    at: float
    progress: UpstreamProgress | None = None
    message: str | None = None
    reference: str | None = None
    purchase: str | None = None
    body: str | None = None
    polls: int = 0
    blocker: Blocker | None = msgspec.field(default=None, name="trouble")


class Backoff(StoredStruct, frozen=True, kw_only=True):
    """A wait; without `until` it ends when the principal sends a request.

    Attributes:
        delay_s: its length. `until` is a date, which a changed clock may move away.
    """

    reason: str
    until: float | None = None
    delay_s: float | None = msgspec.field(default=None, name="pause_s")


class OperationOutcome(StoredStruct, frozen=True, kw_only=True):
    """How an operation ended.

    Attributes:
        purchase: id of the subscription that was bought, if it is not `reference`.
        evidence: how the outcome is known if no response of the vendor says it, for people.
    """

    state: OperationState
    at: float
    failure: Failure | None = None
    reference: str | None = None
    purchase: str | None = None
    body: str | None = None
    evidence: str | None = None


class Settlement(StoredStruct, frozen=True, kw_only=True):
    """A person's finding about an operation in doubt."""

    operation_id: str
    principal: str
    is_done: bool
    note: str
    at: float


class AttemptRecord(StoredStruct, frozen=True, kw_only=True):
    """An attempt, with its result once it is known."""

    intent: AttemptIntent = msgspec.field(name="announcement")
    result: SendResult | None = msgspec.field(default=None, name="sent")


class OperationResult(StoredStruct, frozen=True, kw_only=True):
    """The final record of an operation.

    Attributes:
        quantity: licenses that were ordered; None if nothing was to be sent.
        target_name: the vendor's name of the target; None if nothing was to be sent.
    """

    outcome: OperationOutcome = msgspec.field(name="ending")
    attempts: tuple[AttemptRecord, ...] = ()
    quantity: int | None = None
    target_name: str | None = None

    @property
    def purchases(self) -> tuple[str, ...]:
        """The purchased subscriptions, in lower case; each is credited to one operation only."""
        if self.outcome.state not in BOUGHT:
            return ()
        names = (self.outcome.reference, self.outcome.purchase)
        return tuple(name.lower() for name in names if name)


BOUGHT: Final = frozenset({OperationState.DONE, OperationState.DONE_WITH_LICENSE_ERRORS})

_STEP_TYPES: Final[dict[str, type[StoredStruct]]] = {
    "check": CheckResult,
    "send": SendResult,
    "announce": AttemptIntended,
    "look": ReconcileResult,
    "wait": Backoff,
    "follow": PollResult,
}


def decode_step(name: str, body: str) -> StoredStruct:
    """Decode the result of a step by the step's stored name."""
    return msgspec.json.decode(body, type=_STEP_TYPES[name])
