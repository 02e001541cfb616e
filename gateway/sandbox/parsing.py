"""Converts JSON objects of the control API to dataclasses."""

from collections.abc import Mapping
from dataclasses import fields
from typing import TypeVar

import msgspec

T = TypeVar("T")


def parse_object(body: object, kind: type[T]) -> T:
    """Convert a JSON object to the dataclass `kind`. Missing members keep their defaults.

    Raises ValueError with the name of an invalid member and what was expected.
    """
    if not isinstance(body, Mapping):
        raise ValueError(f"expected a JSON object, got {type(body).__name__}")
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type] # always a dataclass
    if unknown := sorted(set(body) - known):
        names = ", ".join(sorted(known))
        raise ValueError(f"unknown members {', '.join(unknown)}; expected any of {names}")
    try:
        return msgspec.convert(dict(body), kind)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
