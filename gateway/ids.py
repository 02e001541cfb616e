"""Request ids."""

import os
from collections.abc import Callable
from typing import Final

_BYTES_OF_ONE: Final = 16
_DRAWN_AT_ONCE: Final = 256
_VARIANTS: Final = "89ab"


class UuidGenerator:
    """UUIDs of version 4 (RFC 9562), whose random bytes are drawn for many at once.

    Drawing them one by one costs a system call each, most of what an id costs.
    """

    def __init__(self, draw: Callable[[int], bytes] = os.urandom) -> None:
        self._draw = draw
        self._drawn: list[str] = []

    def __call__(self) -> str:
        """Return another one."""
        if not self._drawn:
            digits, size = self._draw(_BYTES_OF_ONE * _DRAWN_AT_ONCE).hex(), 2 * _BYTES_OF_ONE
            self._drawn = [digits[at : at + size] for at in range(0, len(digits), size)]
        d = self._drawn.pop()
        variant = _VARIANTS[int(d[16], 16) % 4]
        return f"{d[:8]}-{d[8:12]}-4{d[13:16]}-{variant}{d[17:20]}-{d[20:]}"
