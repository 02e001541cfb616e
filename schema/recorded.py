"""Nouns that operations record as JSON and read back with msgspec."""

import dataclasses
from typing import TypeVar

T = TypeVar("T", bound=type)


def recorded(noun: T) -> T:
    """Leave a noun's links to Strawberry: msgspec finds no annotation for them and fails."""
    links = [field.name for field in dataclasses.fields(noun) if not field.init]
    for name in links:
        del vars(noun)["__dataclass_fields__"][name]
    return noun
