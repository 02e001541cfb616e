"""How much work something is, without a clock: calls of functions, the same on every machine."""

import sys
from collections.abc import Callable
from typing import Any


def count_calls(function: Callable[[], object]) -> int:
    """Run it and count every call of a function on the way, but those of built-in ones."""
    count = 0

    def on_event(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(on_event)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count
