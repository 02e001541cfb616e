"""Errors inside successful responses. Source: CONTRACT 5.2."""

import schema.upgrade as graph
from gateway.upstream.models.base import WireJson, WireModel, WireText, to_json
from gateway.upstream.models.enums import raw_enum
from gateway.upstream.models.resource import WireAttributes, to_attributes


class WireServiceFault(WireModel):
    code: str | int | None = None
    description: WireText | None = None
    data: WireJson = None
    source: WireText | None = None
    attributes: WireAttributes | None = None


def to_service_fault(wire: WireServiceFault) -> graph.ServiceFault:
    """Convert an error: its code to text, and missing data to an empty list (Q4, Q6)."""
    return graph.ServiceFault(
        code=raw_enum(wire.code),
        description=wire.description,
        data=to_json([] if wire.data is None else wire.data),
        source=wire.source,
        attributes=to_attributes(wire.attributes),
    )
