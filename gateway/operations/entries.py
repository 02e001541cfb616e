"""What is written down of an operation after its record: the end of every step, and its own.

For these as for the record: members are only ever added, with defaults, and none is a token.
"""

import enum
from typing import Any, Final

import msgspec

from gateway.operations.record import Stored
from schema.operation import AttemptOutcome, OperationState
from schema.user_errors import UserErrorCode


class Failure(Stored, frozen=True, kw_only=True):
    """Why an operation did not do what was asked."""

    code: UserErrorCode
    message: str
    field: list[str] | None = None


class Trouble(Stored, frozen=True, kw_only=True):
    """Something in the way that is not an answer to the order.

    Attributes:
        passes: whether it may go away by itself.
        needs_caller: nobody's token is at hand; the principal has to call again.
    """

    message: str
    passes: bool = True
    needs_caller: bool = False
    retry_after_s: float | None = None
    status: int | None = None
    code: str | None = None


class Announcement(Stored, frozen=True, kw_only=True):
    """An attempt that is about to be sent.

    Attributes:
        incarnation: the run of a process that may send it. Another one that finds an announced
            attempt without an end cannot know whether it left, and does not send it.
    """

    number: int
    correlation_id: str
    incarnation: str
    at: float


class Announced(Stored, frozen=True, kw_only=True):
    """The announcement of a further attempt; None when it is too late to send it unseen.

    Attributes:
        cancelled_at: when it was found that nobody wants it any more, instead.
        trouble: it could not have left, instead; met `at` that time.
    """

    announcement: Announcement | None = None
    cancelled_at: float | None = None
    trouble: Trouble | None = None
    at: float | None = None


class Facts(Stored, frozen=True, kw_only=True):
    """What was true before the first attempt, to tell later what it changed.

    Attributes:
        quantity: licenses to buy.
        known_ids: what already existed of the kind that an attempt would create.
        is_listed: the vendor keeps a list of what attempts create.
        source_quantity: licenses of the source, where an order may leave some of them.
    """

    quantity: int = 0
    known_ids: tuple[str, ...] = ()
    is_listed: bool = False
    source_quantity: int | None = None


class Checked(Stored, frozen=True, kw_only=True):
    """The end of looking whether the order can be sent; exactly one of five.

    Attributes:
        announcement: of the first attempt, with `facts`: it can be sent.
        refusal: it cannot; `body` may hold the vendor's reasons as an UpgradeResult.
        trouble: nobody knows yet.
        reference: what is asked for exists already, and is followed instead.
        is_cancelled: nobody wants it any more.
    """

    at: float
    announcement: Announcement | None = None
    reference: str | None = None
    facts: Facts = Facts()
    refusal: Failure | None = None
    body: str | None = None
    trouble: Trouble | None = None
    is_cancelled: bool = False


class Sent(Stored, frozen=True, kw_only=True):
    """The end of an attempt.

    Attributes:
        has_fresh_token: a refused token has been replaced, another attempt makes sense.
        has_errors: an accepted answer names reasons why nothing was done.
        has_license_errors: an accepted answer names users who were left behind.
        reference: what to follow, such as the id of a product upgrade.
        purchase: id of the subscription that was bought, where `reference` is not it.
        body: the answer, as it came.
        status: HTTP status of the answer; None without an answer, or where `trouble` has it.
    """

    outcome: AttemptOutcome
    at: float
    trouble: Trouble | None = None
    has_fresh_token: bool = False
    has_errors: bool = False
    has_license_errors: bool = False
    reference: str | None = None
    purchase: str | None = None
    body: str | None = None
    status: int | None = None


class Verdict(enum.Enum):
    """What looking found out about attempts without an answer."""

    DONE = "DONE"
    NOT_DONE = "NOT_DONE"
    UNCLEAR = "UNCLEAR"


class Looked(Stored, frozen=True, kw_only=True):
    """The end of a look; without a verdict, what was in its way.

    Attributes:
        purchase: id of the subscription that was found, where `reference` is not it.
        body: what was done, in the vendor's own form of an answer.
    """

    at: float
    verdict: Verdict | None = None
    trouble: Trouble | None = None
    reference: str | None = None
    purchase: str | None = None
    body: str | None = None


class Progress(enum.Enum):
    """How far something is that the vendor has accepted."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    DONE_WITH_LICENSE_ERRORS = "DONE_WITH_LICENSE_ERRORS"
    FAILED = "FAILED"


class Followed(Stored, frozen=True, kw_only=True):
    """A change of something that the vendor has accepted, or trouble in asking.

    Attributes:
        message: why it failed, if it did.
        reference: the right one, when the vendor says that another was meant.
        purchase: id of the subscription that was bought.
        body: how it stands, as JSON of the graph's type.
        polls: how often it has been asked about in all.
    """

    at: float
    progress: Progress | None = None
    message: str | None = None
    reference: str | None = None
    purchase: str | None = None
    body: str | None = None
    polls: int = 0
    trouble: Trouble | None = None


class Waiting(Stored, frozen=True, kw_only=True):
    """A pause; without `until` it ends when the principal calls again.

    Attributes:
        pause_s: how long it is; `until` is a date, which a clock that is set may move away.
    """

    reason: str
    until: float | None = None
    pause_s: float | None = None


class Ending(Stored, frozen=True, kw_only=True):
    """How an operation ended.

    Attributes:
        purchase: id of the subscription that was bought, where `reference` is not it.
        evidence: how it is known, where no response of the vendor says it; for people.
    """

    state: OperationState
    at: float
    failure: Failure | None = None
    reference: str | None = None
    purchase: str | None = None
    body: str | None = None
    evidence: str | None = None


class Settlement(Stored, frozen=True, kw_only=True):
    """What somebody found out about an operation in doubt, and who."""

    operation_id: str
    principal: str
    is_done: bool
    note: str
    at: float


class AttemptRecord(Stored, frozen=True, kw_only=True):
    """An attempt with its end, if that is known."""

    announcement: Announcement
    sent: Sent | None = None


class Ended(Stored, frozen=True, kw_only=True):
    """The output of an operation.

    Attributes:
        quantity: licenses that were to be bought; None where nothing was to be sent.
    """

    ending: Ending
    attempts: tuple[AttemptRecord, ...] = ()
    quantity: int | None = None

    @property
    def purchases(self) -> tuple[str, ...]:
        """What was bought, which is credited to one operation alone."""
        if self.ending.state not in BOUGHT:
            return ()
        names = (self.ending.reference, self.ending.purchase)
        return tuple(name.lower() for name in names if name)


BOUGHT: Final = frozenset({OperationState.DONE, OperationState.DONE_WITH_LICENSE_ERRORS})

# Built at import: msgspec 0.22 crashes when several threads use a type for the first time.
_STEP_DECODERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    "check": msgspec.json.Decoder(Checked),
    "send": msgspec.json.Decoder(Sent),
    "announce": msgspec.json.Decoder(Announced),
    "look": msgspec.json.Decoder(Looked),
    "wait": msgspec.json.Decoder(Waiting),
    "follow": msgspec.json.Decoder(Followed),
}


def decode_step(name: str, body: str) -> Stored:
    """Read the end of a step from its JSON."""
    step: Stored = _STEP_DECODERS[name].decode(body)
    return step
