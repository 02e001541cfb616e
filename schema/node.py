"""The Node interface: one opaque id for every object that can be read again."""

import base64
import binascii
import json

import strawberry
from strawberry.types import get_object_definition

from schema.errors import InvalidInput
from schema.quoting import quote


def encode_node_id(typename: str, *parts: str) -> strawberry.ID:
    """Encode the name of a type and the ids that identify one object of it."""
    text = json.dumps([typename, *parts], separators=(",", ":"))
    return strawberry.ID(base64.urlsafe_b64encode(text.encode()).decode().rstrip("="))


def decode_node_id(node_id: str) -> tuple[str, tuple[str, ...]]:
    """Return the name of a type and the ids of an object.

    Raises InvalidInput if it is malformed.
    """
    try:
        padded = node_id + "=" * (-len(node_id) % 4)
        typename, *parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError, RecursionError) as cause:
        raise _invalid_node_id(node_id) from cause
    if not isinstance(typename, str) or not all(isinstance(part, str) for part in parts):
        raise _invalid_node_id(node_id)
    return typename, tuple(parts)


def _invalid_node_id(node_id: str) -> InvalidInput:
    return InvalidInput(f"nodeId must be a nodeId that this graph returned, not {quote(node_id)}.")


@strawberry.interface(description="An object that can be read again by its `nodeId`.")
class Node:
    @strawberry.field(
        description="The object's globally unique, opaque id. Pass it to `node(nodeId:)`."
    )
    def node_id(self) -> strawberry.ID:
        raise TypeError(f"{type(self).__name__} is a Node without a nodeId.")

    @classmethod
    def resolve_type(cls, value: object, _info: object, _type: object) -> str:
        """Return the name of the value's type, from the class that it reports (see ADR 0006)."""
        return get_object_definition(value.__class__, strict=True).name
