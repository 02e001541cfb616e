"""Reads JSON objects into dataclasses and says what is wrong with those that do not fit."""

from collections.abc import Mapping
from dataclasses import fields
from typing import TypeVar

import msgspec

T = TypeVar("T")


def parse_object(body: object, kind: type[T]) -> T:
    """The object as the dataclass `kind`; members that are left out keep their defaults.

    Raises ValueError that names the wrong member and what was expected.
    """
    if not isinstance(body, Mapping):
        raise ValueError(f"expected a JSON object, got {type(body).__name__}")
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type] # a dataclass by contract
    if unknown := sorted(set(body) - known):
        names = ", ".join(sorted(known))
        raise ValueError(f"unknown members {', '.join(unknown)}; known are {names}")
    try:
        return msgspec.convert(dict(body), kind)
    except msgspec.ValidationError as wrong:
        raise ValueError(str(wrong)) from wrong
