"""Ids and random values that are derived from a seed, so that a world need not store them."""

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
    """Whether the text is a GUID with dashes, in any letter case."""
    return GUID.fullmatch(text) is not None


def hash_parts(*parts: object, size: int = 16) -> int:
    """Hash the parts to a number of `size` bytes."""
    text = "\x1f".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=size).digest())


def guid(*parts: object) -> str:
    """Derive a GUID in the form of version 4 from the parts."""
    return _format_guid((hash_parts(*parts) & _RANDOM_BITS) | _VERSION_AND_VARIANT)


def guid_for_index(seed: int, index: int) -> str:
    """Encode an index as a GUID. `find_index` decodes it without a table."""
    upper = _compute_top_bits(seed, index)
    return _format_guid((upper << _INDEX_BITS) | (index ^ _compute_mask(seed, upper)))


def find_index(seed: int, text: str) -> int | None:
    """Decode the index of a GUID from `guid_for_index`, or return None for any other GUID."""
    value = int(text.replace("-", ""), 16)
    upper = value >> _INDEX_BITS
    index = (value & _INDEX_MASK) ^ _compute_mask(seed, upper)
    return index if _compute_top_bits(seed, index) == upper else None


def seeded_random(*parts: object) -> random.Random:
    """Create a random generator whose seed is derived from the parts."""
    return random.Random(hash_parts(*parts))  # noqa: S311 - must be repeatable, not secret


def _compute_top_bits(seed: int, index: int) -> int:
    value = (hash_parts("customer", seed, index) & _RANDOM_BITS) | _VERSION_AND_VARIANT
    return value >> _INDEX_BITS


def _compute_mask(seed: int, upper: int) -> int:
    return hash_parts("index", seed, upper, size=4)


def _format_guid(value: int) -> str:
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
