"""How deep lists and objects may stand in each other in JSON.

A decoder in C stops at the interpreter's own depth, about 1,000. Below that, what was nested has to
be looked at by code in Python, for which this bound is.
"""

import re
from typing import Final

from gateway.limits.limit import Limit

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_SAME: Final = bytes.maketrans(b"{}", b"[]")
_ALL_BUT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


def check_nesting(json: bytes, bound: Limit) -> None:
    """Raise LimitExceeded for JSON that is nested too deeply; the JSON is known to be valid."""
    if json.count(b"[") + json.count(b"{") > bound.maximum and _is_deeper(json, bound.maximum):
        raise bound.exceeded("A variable nests lists and objects too deeply; send it flatter.")


def _is_deeper(json: bytes, depth: int) -> bool:
    """Take the innermost pairs away once for each level allowed; what is left is deeper."""
    brackets = _STRING.sub(b"", json).translate(_SAME, _ALL_BUT_BRACKETS)
    for _ in range(depth):
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)
