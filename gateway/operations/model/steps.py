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
    """Why an order was refused or has failed."""

    code: UserErrorCode
    message: str
    field: list[str] | None = None


class Blocker(StoredStruct, frozen=True, kw_only=True):
    """Why a step has no result yet: an error that says nothing about the order itself.

    Attributes:
        is_transient: whether the error may go away without the caller's help.
        needs_credentials: whether the step waits for a request of the principal, because the
            gateway has none of its tokens.
    """

    message: str
    is_transient: bool = msgspec.field(default=True, name="passes")
    needs_credentials: bool = msgspec.field(default=False, name="needs_caller")
    retry_after_s: float | None = None
    status: int | None = None
    code: str | None = None


class AttemptIntent(StoredStruct, frozen=True, kw_only=True):
    """The intent to send the order, stored before it is sent.

    Attributes:
        process_run_id: the run of the process that may send the order. Any other run cannot know
            whether it was sent, and must not send it.
    """

    number: int
    correlation_id: str
    process_run_id: str = msgspec.field(name="incarnation")
    at: float


class AttemptIntended(StoredStruct, frozen=True, kw_only=True):
    """The decision whether to send the order once more.

    One of the first three attributes is set; none if the idempotency window has passed.

    Attributes:
        intent: the order is sent.
        cancelled_at: the order is not sent, because the operation was cancelled at this time.
        blocker: the order cannot be sent at the moment.
        at: the time of the blocker.
    """

    intent: AttemptIntent | None = msgspec.field(default=None, name="announcement")
    cancelled_at: float | None = None
    blocker: Blocker | None = msgspec.field(default=None, name="trouble")
    at: float | None = None


class Baseline(StoredStruct, frozen=True, kw_only=True):
    """The vendor's state before the first attempt. Reconciliation compares later states with it.

    Attributes:
        quantity: licenses to buy.
        known_ids: ids of existing subscriptions, transitions or upgrades; an attempt creates a new
            one.
        is_listed: whether the vendor lists what attempts create.
        source_quantity: licenses of the source, if an order may leave some of them.
        target_name: the vendor's name of the target, if the order has one.
        details: other results of the check, whose meaning only the family knows.
    """

    quantity: int = 0
    known_ids: tuple[str, ...] = ()
    is_listed: bool = False
    source_quantity: int | None = None
    target_name: str | None = None
    details: dict[str, Any] = {}


class CheckResult(StoredStruct, frozen=True, kw_only=True):
    """The result of checking whether the order can be sent. One of five attributes is set.

    Attributes:
        intent: the order can be sent, and this is its first attempt; `baseline` is set too.
        refusal: the order cannot be sent; `body` may hold the vendor's reasons as an UpgradeResult.
        blocker: the check failed and is repeated later.
        reference: the id of an upgrade that already exists at the vendor; it is polled, and no
            order is sent.
        is_cancelled: the operation was cancelled.
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
        reference: the id to poll, such as that of a product upgrade.
        purchase: the id of the subscription that was bought, unless `reference` is that id.
        body: the response body.
        status: the HTTP status; None without a response, or if there is a blocker.
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
    """Whether the attempts without a response took effect."""

    DONE = "DONE"
    NOT_DONE = "NOT_DONE"
    UNCLEAR = "UNCLEAR"


class ReconcileResult(StoredStruct, frozen=True, kw_only=True):
    """Whether an order without a response took effect, or why that could not be read.

    Attributes:
        purchase: the id of the subscription that was found, unless `reference` is that id.
        body: the effect, in the form of the vendor's response.
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
    """A changed state of an accepted upgrade, or why it could not be read.

    Attributes:
        message: why the upgrade failed.
        reference: the correct id, if the vendor says that the polled one is wrong.
        purchase: the id of the subscription that was bought.
        body: the state, as JSON of the graph's type.
        polls: the number of polls so far.
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
    """A wait before the next step.

    Attributes:
        until: when the wait ends; None if it ends when the principal sends a request.
        delay_s: the length of the wait, which also limits it if the clock is set back.
    """

    reason: str
    until: float | None = None
    delay_s: float | None = msgspec.field(default=None, name="pause_s")


class OperationOutcome(StoredStruct, frozen=True, kw_only=True):
    """How an operation ended.

    Attributes:
        purchase: the id of the subscription that was bought, unless `reference` is that id.
        evidence: a sentence on how the outcome is known, if not from the vendor's response.
    """

    state: OperationState
    at: float
    failure: Failure | None = None
    reference: str | None = None
    purchase: str | None = None
    body: str | None = None
    evidence: str | None = None


class Settlement(StoredStruct, frozen=True, kw_only=True):
    """The outcome of an operation in doubt, as a person has found out."""

    operation_id: str
    principal: str
    is_done: bool
    note: str
    at: float


class AttemptRecord(StoredStruct, frozen=True, kw_only=True):
    """One attempt to send the order, with its result once it is known."""

    intent: AttemptIntent = msgspec.field(name="announcement")
    result: SendResult | None = msgspec.field(default=None, name="sent")


class OperationResult(StoredStruct, frozen=True, kw_only=True):
    """The final record of an operation.

    Attributes:
        quantity: licenses that were ordered; None if the order was refused before it was sent.
        target_name: the vendor's name of the target; None if the order was refused before it was
            sent.
    """

    outcome: OperationOutcome = msgspec.field(name="ending")
    attempts: tuple[AttemptRecord, ...] = ()
    quantity: int | None = None
    target_name: str | None = None

    @property
    def purchases(self) -> tuple[str, ...]:
        """The ids of the subscriptions that the operation bought, in lower case.

        No two operations have the same purchase.
        """
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
    """Decode the stored result of a step by the name of the step."""
    return msgspec.json.decode(body, type=_STEP_TYPES[name])
