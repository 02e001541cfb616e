"""Limits for the variables of a request: their size, and how deeply they nest lists and objects.

The decoder of JSON is written in C and accepts about 1,000 levels. Code in Python that handles the
values needs a lower limit.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from graphql import OperationType

from gateway.limits.limit import Limit

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_TO_SQUARE: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


@dataclass(frozen=True, slots=True)
class VariableLimits:
    """The limits for variables, in every protocol."""

    size: Limit
    mutation_size: Limit
    depth: Limit

    def check(self, variables: Mapping[str, Any] | None, operation_type: OperationType) -> None:
        """Raise LimitExceeded for variables that are too large or nested too deeply."""
        if not variables:
            return
        json = msgspec.json.encode(variables)
        size = self.mutation_size if operation_type is OperationType.MUTATION else self.size
        size.check(len(json), "The variables are too large. Send less data in one request.")
        check_nesting(json, self.depth)


def check_nesting(json: bytes, limit: Limit) -> None:
    """Raise LimitExceeded for valid JSON that nests lists and objects too deeply."""
    maximum = limit.maximum
    if json.count(b"[") + json.count(b"{") > maximum and _is_deeper(json, maximum):
        raise limit.exceeded("A variable nests lists and objects too deeply. Send a flatter value.")


def _is_deeper(json: bytes, depth: int) -> bool:
    # Each pass removes the innermost pairs; what is left after `depth` passes is deeper.
    brackets = _STRING.sub(b"", json).translate(_TO_SQUARE, _NO_BRACKETS)
    for _ in range(depth):
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)
