"""Nouns that operations record as JSON and read back with msgspec."""

import dataclasses
from typing import TypeVar

T = TypeVar("T", bound=type)


def hide_links_from_msgspec(graph_type: T) -> T:
    """Leave a noun's links to Strawberry: msgspec finds no annotation for them and fails."""
    links = [field.name for field in dataclasses.fields(graph_type) if not field.init]
    for name in links:
        del vars(graph_type)["__dataclass_fields__"][name]
    return graph_type
