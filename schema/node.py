"""The Node interface: one opaque id for everything that can be fetched again."""

import base64
import binascii
import json

import strawberry
from strawberry.types import get_object_definition

from schema.errors import InvalidInput
from schema.quoting import quote


def encode_node_id(typename: str, *parts: str) -> strawberry.ID:
    """Pack a type's name and the ids that fetch it; `decode_node_id` is the inverse."""
    text = json.dumps([typename, *parts], separators=(",", ":"))
    return strawberry.ID(base64.urlsafe_b64encode(text.encode()).decode().rstrip("="))


def decode_node_id(node_id: str) -> tuple[str, tuple[str, ...]]:
    """Unpack a type's name and its ids. Raises InvalidInput for an id that was never handed out."""
    try:
        padded = node_id + "=" * (-len(node_id) % 4)
        typename, *parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError, RecursionError) as cause:
        raise _invalid_node_id(node_id) from cause
    if not isinstance(typename, str) or not all(isinstance(part, str) for part in parts):
        raise _invalid_node_id(node_id)
    return typename, tuple(parts)


def _invalid_node_id(node_id: str) -> InvalidInput:
    return InvalidInput(f"nodeId is a value of a field named nodeId, not {quote(node_id)}.")


@strawberry.interface(description="Something that can be fetched again by its `nodeId`.")
class Node:
    """The nouns with an identity of their own."""

    @strawberry.field(description="Opaque id for `node(nodeId:)`, unique over all types.")
    def node_id(self) -> strawberry.ID:
        """Say which type and which ids fetch this again."""
        raise TypeError(f"{type(self).__name__} is a Node and must say its nodeId.")

    @classmethod
    def resolve_type(cls, value: object, _info: object, _type: object) -> str:
        """Name the type of a node by the class that it states (see ADR 0006)."""
        return get_object_definition(value.__class__, strict=True).name
