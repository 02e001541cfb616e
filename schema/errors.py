"""Errors of requests, by their code.

RequestError            a top-level error with a code of its own
├── InvalidInput        INVALID_INPUT: an argument is wrong
├── NotFound            NOT_FOUND: the object does not exist, or the caller has no access to it
├── Forbidden           FORBIDDEN: the caller has no access
└── LimitExceeded       LIMIT_EXCEEDED: the request exceeds a limit

Refusals of an order are not errors of the request but data (`UpgradeError`, `UserError`).
"""

from typing import Self


class RequestError(Exception):
    """An error that concerns the sender of a request. Its text is shown to the sender unchanged."""


class InvalidInput(RequestError):
    """An argument is invalid. The text contains its name, its value and what was expected."""


class NotFound(RequestError):
    """The object does not exist, or the caller has no access to it."""


class Forbidden(RequestError):
    """The caller may not do or read this. The text says what is missing or not allowed."""


class LimitExceeded(RequestError):
    """The request exceeds a limit. No call beyond the limit was sent.

    Attributes:
        rule: the name of the limit.
        maximum: the value of the limit; None if the caller may not know it.
    """

    rule: str = "request"
    maximum: int | None = None

    @classmethod
    def for_rule(cls, rule: str, advice: str, bound: int | None = None) -> Self:
        """Build the error for the limit `rule`. Its text is `advice`: what to do instead."""
        error = cls(advice)
        error.rule = rule
        error.maximum = bound
        return error
