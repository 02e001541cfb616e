"""Refusals of mutations, as data."""

from enum import Enum
from typing import Final

import strawberry
from strawberry import field


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
