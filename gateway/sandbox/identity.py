"""Identifiers that follow from a seed, so that a world needs no index of what it contains."""

import hashlib
import random
import re
from typing import Final

GUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
_INDEX_BITS: Final = 32
_INDEX_MASK: Final = 2**_INDEX_BITS - 1
_VERSION_AND_VARIANT: Final = (4 << 76) | (2 << 62)
_RANDOM_BITS: Final = ~((15 << 76) | (3 << 62))


def is_guid(text: str) -> bool:
    """Whether the text is a GUID in the form that the vendor writes, in any letter case."""
    return GUID.fullmatch(text) is not None


def hash_parts(*parts: object, size: int = 16) -> int:
    """A number of `size` bytes that is always the same for the same parts."""
    text = "\x1f".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=size).digest())


def guid(*parts: object) -> str:
    """A version 4 GUID that is always the same for the same parts."""
    return _format_guid((hash_parts(*parts) & _RANDOM_BITS) | _VERSION_AND_VARIANT)


def guid_for_index(seed: int, index: int) -> str:
    """The GUID of the customer at `index`: `index_of` finds the index again without a table."""
    upper = _compute_top_bits(seed, index)
    return _format_guid((upper << _INDEX_BITS) | (index ^ _compute_mask(seed, upper)))


def find_index(seed: int, text: str) -> int | None:
    """The index whose `indexed_guid` this is; None for every other GUID."""
    value = int(text.replace("-", ""), 16)
    upper = value >> _INDEX_BITS
    index = (value & _INDEX_MASK) ^ _compute_mask(seed, upper)
    return index if _compute_top_bits(seed, index) == upper else None


def seeded_random(*parts: object) -> random.Random:
    """A random generator that throws the same numbers for the same parts."""
    return random.Random(hash_parts(*parts))  # noqa: S311 - a world to repeat, not a secret to keep


def _compute_top_bits(seed: int, index: int) -> int:
    value = (hash_parts("customer", seed, index) & _RANDOM_BITS) | _VERSION_AND_VARIANT
    return value >> _INDEX_BITS


def _compute_mask(seed: int, upper: int) -> int:
    return hash_parts("index", seed, upper, size=4)


def _format_guid(value: int) -> str:
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
