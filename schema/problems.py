"""What can be wrong with a request, whoever finds it.

Problem                 a top-level error with a code of its own
├── BadInput            BAD_INPUT: an argument is not what it should be
├── NotFound            NOT_FOUND: there is no such thing, or not for this caller
├── Forbidden           FORBIDDEN: it may exist, and is not for this caller
└── LimitExceeded       LIMIT_EXCEEDED: the request would cost more than one may

Refusals of an upgrade are not problems: they are data (`UpgradeError`, `UserError`).
"""

from typing import Self


class Problem(Exception):
    """A request error that its sender can understand; the text is shown as it is."""


class BadInput(Problem):
    """An argument is wrong; the text names it, what came and what was expected."""


class NotFound(Problem):
    """The thing asked for does not exist, or not for this caller."""


class Forbidden(Problem):
    """This caller may not do or see this; the text says what it lacks."""


class LimitExceeded(Problem):
    """A limit of one request is reached; nothing was sent beyond it.

    Attributes:
        rule: which limit.
        bound: its number, where the caller may know it.
    """

    rule: str = "request"
    bound: int | None = None

    @classmethod
    def of(cls, rule: str, advice: str, bound: int | None = None) -> Self:
        """Build one for a rule; the advice says what to do instead."""
        error = cls(advice)
        error.rule = rule
        error.bound = bound
        return error
