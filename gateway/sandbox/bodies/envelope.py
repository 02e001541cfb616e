"""Attributes, links and collections, which all resources have in common."""

from collections.abc import Sequence
from typing import Any

Body = dict[str, Any]


def build_attributes(object_type: str, etag: str | None = None) -> Body:
    """Build `ResourceAttributes`. Only resources that can be updated have an etag."""
    if etag is None:
        return {"objectType": object_type}
    return {"etag": etag, "objectType": object_type}


def build_link(uri: str, headers: Sequence[tuple[str, str]] = ()) -> Body:
    """Build a `Link` that is followed with GET and these headers."""
    pairs = [{"key": key, "value": value} for key, value in headers]
    return {"uri": uri, "method": "GET", "headers": pairs}


def build_collection(items: list[Body], links: Body | None = None) -> Body:
    """Build a collection. `totalCount` counts only these items (Q12)."""
    body: Body = {"totalCount": len(items), "items": items}
    if links:
        body["links"] = links
    body["attributes"] = build_attributes("Collection")
    return body
