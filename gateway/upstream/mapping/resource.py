"""Attributes and links. Source: CONTRACT 5.1."""

import schema.resource as graph
from gateway.upstream.mapping.values import text
from gateway.upstream.wire import resource as wire


def attributes(sent: wire.Attributes | None) -> graph.ResourceAttributes | None:
    """Map ResourceAttributes."""
    if sent is None:
        return None
    return graph.ResourceAttributes(etag=text(sent.etag), object_type=text(sent.object_type))


def link(sent: wire.Link | None) -> graph.Link | None:
    """Map a Link as it was printed; it is never followed."""
    if sent is None:
        return None
    headers = [graph.LinkHeader(key=h.key, value=h.value) for h in sent.headers or ()]
    return graph.Link(uri=text(sent.uri), method=text(sent.method), headers=headers, body=sent.body)


def links(sent: wire.Links | None) -> graph.ResourceLinks | None:
    """Map the links every resource may have."""
    if sent is None:
        return None
    return graph.ResourceLinks(
        self_=link(sent.self_),
        next=link(sent.next),
        previous=link(sent.previous),
        attributes=attributes(sent.attributes),
    )
