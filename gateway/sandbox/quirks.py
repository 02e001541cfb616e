"""Bends bodies into the attested oddities of the wire; each quirk is one small function."""

from typing import Any

from gateway.sandbox.wire import BYTE_ORDER_MARK, Quirk, WireProfile, encode


def rendered(body: Any, wire: WireProfile) -> bytes:
    """The bytes of a body in this profile."""
    content = encode(body)
    return BYTE_ORDER_MARK + content if Quirk.BOM in wire else content
