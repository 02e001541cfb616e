"""What all resources share: attributes, links and the collection around lists."""

from collections.abc import Sequence
from typing import Any

Body = dict[str, Any]


def build_attributes(object_type: str, etag: str | None = None) -> Body:
    """`ResourceAttributes`; only updatable resources have an etag."""
    if etag is None:
        return {"objectType": object_type}
    return {"etag": etag, "objectType": object_type}


def build_link(uri: str, headers: Sequence[tuple[str, str]] = ()) -> Body:
    """A `Link` to follow with GET and the given headers."""
    pairs = [{"key": key, "value": value} for key, value in headers]
    return {"uri": uri, "method": "GET", "headers": pairs}


def build_collection(items: list[Body], links: Body | None = None) -> Body:
    """A collection; `totalCount` counts the items in this answer (Q12)."""
    body: Body = {"totalCount": len(items), "items": items}
    if links:
        body["links"] = links
    body["attributes"] = build_attributes("Collection")
    return body
