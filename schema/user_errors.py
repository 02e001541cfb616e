"""User errors: refusals that are part of a mutation's data."""

from enum import Enum
from typing import Final

import strawberry
from strawberry import field


@strawberry.enum(
    description=(
        "Why an order was not executed, and what to do. A refused operation uses"
        " up its idempotency key: retry the corrected request with a new key."
        " `retry` says which key to use."
    )
)
class UserErrorCode(Enum):
    INVALID_INPUT = strawberry.enum_value(
        "INVALID_INPUT", description="An argument is wrong. `field` names it. Correct it."
    )
    IDEMPOTENCY_KEY_REUSED = strawberry.enum_value(
        "IDEMPOTENCY_KEY_REUSED",
        description="You have used this key for another order. Use a new key.",
    )
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND",
        description="The object does not exist, or you have no access to it. Check the ids.",
    )
    WRONG_FAMILY = strawberry.enum_value(
        "WRONG_FAMILY",
        description=(
            "The subscription belongs to another family of upgrades. Use the mutation"
            " that `message` names."
        ),
    )
    NOT_ELIGIBLE = strawberry.enum_value(
        "NOT_ELIGIBLE",
        description=(
            "The upgrade is not possible now. Resolve the reasons in `message` and in `result`."
        ),
    )
    QUANTITY_OUT_OF_RANGE = strawberry.enum_value(
        "QUANTITY_OUT_OF_RANGE",
        description="The target does not allow this number of licenses. Change `quantity`.",
    )
    UPGRADE_IN_PROGRESS = strawberry.enum_value(
        "UPGRADE_IN_PROGRESS",
        description=(
            "Another operation changes the same subscription or products. Wait until it ends."
        ),
    )
    EARLIER_IN_DOUBT = strawberry.enum_value(
        "EARLIER_IN_DOUBT",
        description=(
            "An earlier operation on the same subscription or products is `IN_DOUBT`."
            " Settle it first."
        ),
    )
    REFUSED_BY_VENDOR = strawberry.enum_value(
        "REFUSED_BY_VENDOR",
        description="Partner Center refused the order. `message` has its reason.",
    )
    NOT_SENT = strawberry.enum_value(
        "NOT_SENT",
        description=(
            "The order could not be sent in time, or without a token. Nothing was"
            " bought. Try again with a new key."
        ),
    )
    FAILED_UPSTREAM = strawberry.enum_value(
        "FAILED_UPSTREAM",
        description=(
            "Partner Center started to execute the order and failed. `message` has its reason."
        ),
    )
    OUTCOME_UNKNOWN = strawberry.enum_value(
        "OUTCOME_UNKNOWN",
        description=(
            "Partner Center did not respond, so the upgrade may still take effect."
            " Check the subscription, then call `settleOperation`."
        ),
    )
    PREVIEW_EXPIRED = strawberry.enum_value(
        "PREVIEW_EXPIRED", description="The preview token has expired. Make a new preview."
    )
    PREVIEW_CHANGED = strawberry.enum_value(
        "PREVIEW_CHANGED",
        description="Something has changed since the preview. Make a new preview.",
    )
    NOT_IN_DOUBT = strawberry.enum_value(
        "NOT_IN_DOUBT",
        description="The operation is not `IN_DOUBT`, so there is nothing to settle.",
    )
    BATCH_ENDED = strawberry.enum_value(
        "BATCH_ENDED",
        description="Every line of the batch has ended, so there is nothing to cancel.",
    )
    SETTLED_AS_NOT_DONE = strawberry.enum_value(
        "SETTLED_AS_NOT_DONE", description="A person found that the order was not executed."
    )
    FORBIDDEN_BY_OPERATOR = strawberry.enum_value(
        "FORBIDDEN_BY_OPERATOR",
        description=(
            "The operator of this gateway does not allow the order. `message` has the rule."
        ),
    )
    STORE_UNAVAILABLE = strawberry.enum_value(
        "STORE_UNAVAILABLE",
        description=(
            "The order is not recorded, or it is unknown whether it is. Send it again"
            " with the same key."
        ),
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="A code that this version of the graph does not know."
    )


@strawberry.enum(
    name="Retry", description="How to retry after an error, once its reason is resolved."
)
class RetryAdvice(Enum):
    SAME_KEY = strawberry.enum_value(
        "SAME_KEY",
        description="Use the same idempotency key. It is unused, or returns what was recorded.",
    )
    NEW_KEY = strawberry.enum_value(
        "NEW_KEY",
        description="Use a new idempotency key. This one always returns this result.",
    )
    AFTER_SETTLEMENT = strawberry.enum_value(
        "AFTER_SETTLEMENT",
        description=(
            "Settle the operation that is `IN_DOUBT` first, then use a new idempotency key."
        ),
    )
    NONE = strawberry.enum_value("NONE", description="Do not retry. The result would be the same.")


_IN_DOUBT_CODES: Final = frozenset({UserErrorCode.OUTCOME_UNKNOWN, UserErrorCode.EARLIER_IN_DOUBT})
_NO_RETRY_CODES: Final = frozenset({UserErrorCode.NOT_IN_DOUBT, UserErrorCode.BATCH_ENDED})


def decide_retry(code: UserErrorCode, *, is_recorded: bool) -> RetryAdvice:
    """Return how to retry after an error. `is_recorded` if an operation has failed with it."""
    if code in _IN_DOUBT_CODES:
        return RetryAdvice.AFTER_SETTLEMENT
    if code in _NO_RETRY_CODES:
        return RetryAdvice.NONE
    is_used_up = is_recorded or code is UserErrorCode.IDEMPOTENCY_KEY_REUSED
    return RetryAdvice.NEW_KEY if is_used_up else RetryAdvice.SAME_KEY


@strawberry.type(
    description="Why an order was not executed. It is part of the data, never a top-level error."
)
class UserError:
    code: UserErrorCode = field(description="The reason.")
    message: str = field(description="A human-readable message: what is wrong and what to do.")
    field: list[str] | None = strawberry.field(
        default=None,
        description=(
            'The path of the wrong argument, such as `["input", "quantity"]`. Null if'
            " no argument is wrong."
        ),
    )
    retry_override: strawberry.Private[RetryAdvice | None] = None

    @strawberry.field(description="How to retry, once the reason is resolved.")
    def retry(self) -> RetryAdvice:
        return self.retry_override or decide_retry(self.code, is_recorded=False)
