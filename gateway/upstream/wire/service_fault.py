"""Faults inside of answers. Source: CONTRACT 5.2."""

from gateway.upstream.wire.resource import Attributes, PassedThrough, Text, WireModel


class ServiceFault(WireModel):
    """CONTRACT 5.2."""

    code: str | int | None = None
    description: Text | None = None
    data: PassedThrough = None
    source: Text | None = None
    attributes: Attributes | None = None
