"""Faults inside of answers. Source: CONTRACT 5.2."""

from gateway.upstream.wire.resource import Attributes, PassedThrough, WireModel


class ServiceFault(WireModel):
    """CONTRACT 5.2."""

    code: str | int | None = None
    description: str | None = None
    data: PassedThrough = None
    source: str | None = None
    attributes: Attributes | None = None
