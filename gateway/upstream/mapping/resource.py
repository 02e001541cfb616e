"""Attributes and links. Source: CONTRACT 5.1."""

from typing import Final, cast

from msgspec import MsgspecError, Raw

import schema.resource as graph
from gateway.upstream.decoding import Decoder
from gateway.upstream.errors import InvalidResponse
from gateway.upstream.mapping.values import text
from gateway.upstream.wire import resource as wire

_LINKS: Final = Decoder(cast("type[wire.Links | None]", wire.Links | None))


def attributes(sent: wire.Attributes | None) -> graph.ResourceAttributes | None:
    """Take ResourceAttributes for what they stand in for."""
    return cast("graph.ResourceAttributes | None", sent)


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


def read_links(sent: Raw) -> wire.Links | None:
    """Read links that were left as they came; raises `InvalidAnswer` for what is no JSON."""
    if sent is wire.NOTHING:
        return None
    try:
        return _LINKS(bytes(sent))
    except (MsgspecError, ValueError, RecursionError) as cause:
        raise InvalidResponse("Partner Center's answer has links that cannot be read") from cause


def links_in(sent: Raw) -> graph.ResourceLinks | None:
    """Read and map the links every resource may have."""
    return links(read_links(sent))
