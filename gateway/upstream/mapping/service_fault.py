"""Faults inside of answers. Source: CONTRACT 5.2."""

import schema.upgrade as graph
from gateway.upstream.mapping import enums
from gateway.upstream.mapping.resource import attributes
from gateway.upstream.mapping.values import passed_through, text
from gateway.upstream.wire import service_fault as wire


def service_fault(sent: wire.ServiceFault) -> graph.ServiceFault:
    """Map a ServiceFault: its code is a string whatever it was, its data [] (Q4, Q6)."""
    return graph.ServiceFault(
        code=enums.raw_text(sent.code),
        description=text(sent.description),
        data=passed_through([] if sent.data is None else sent.data),
        source=text(sent.source),
        attributes=attributes(sent.attributes),
    )
