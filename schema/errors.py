"""What can be wrong with a request, whoever finds it.

RequestError                 a top-level error with a code of its own
├── InvalidInput        INVALID_INPUT: an argument is not what it should be
├── NotFound            NOT_FOUND: there is no such thing, or not for this caller
├── Forbidden           FORBIDDEN: it may exist, and is not for this caller
└── LimitExceeded       LIMIT_EXCEEDED: the request would cost more than one may

Refusals of an upgrade are not problems: they are data (`UpgradeError`, `UserError`).
"""

from typing import Self


class RequestError(Exception):
    """A request error that its sender can understand; the text is shown as it is."""


class InvalidInput(RequestError):
    """An argument is wrong; the text names it, what came and what was expected."""


class NotFound(RequestError):
    """The thing asked for does not exist, or not for this caller."""


class Forbidden(RequestError):
    """This caller may not do or see this; the text says what it lacks."""


class LimitExceeded(RequestError):
    """A limit of one request is reached; nothing was sent beyond it.

    Attributes:
        rule: which limit.
        bound: its number, where the caller may know it.
    """

    rule: str = "request"
    maximum: int | None = None

    @classmethod
    def for_rule(cls, rule: str, advice: str, bound: int | None = None) -> Self:
        """Build one for a rule; the advice says what to do instead."""
        error = cls(advice)
        error.rule = rule
        error.maximum = bound
        return error
