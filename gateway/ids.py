"""Ids of requests and responses: UUIDs of version 4 (RFC 9562)."""

import os
import uuid
from collections.abc import Callable
from typing import Final

_UUID_BYTES: Final = 16
_UUIDS_PER_DRAW: Final = 256
_VARIANTS: Final = "89ab"


class UuidGenerator:
    """Draws the random bytes of many UUIDs at once; one system call each would cost the most."""

    def __init__(self, draw: Callable[[int], bytes] = os.urandom) -> None:
        self._draw = draw
        self._drawn: list[str] = []

    def __call__(self) -> str:
        if not self._drawn:
            digits, size = self._draw(_UUID_BYTES * _UUIDS_PER_DRAW).hex(), 2 * _UUID_BYTES
            self._drawn = [digits[at : at + size] for at in range(0, len(digits), size)]
        d = self._drawn.pop()
        variant = _VARIANTS[int(d[16], 16) % 4]
        return f"{d[:8]}-{d[8:12]}-4{d[13:16]}-{variant}{d[17:20]}-{d[20:]}"


def new_uuid() -> str:
    """Return one UUID, where speed does not matter."""
    return str(uuid.uuid4())
