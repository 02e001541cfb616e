"""Catalog answers that a client may keep and ask about again: `ETag` and 304.

Offers and categories are the same for hours, and pages of them are large. All else is somebody's
own data of this moment. Source: RFC 9110, sections 8.8.3 and 13.1.2.
"""

import hashlib
import re
from collections.abc import Collection
from typing import Any, Final

import msgspec

from gateway.edge.http.http_response import EmptyResponse, HttpResponse

CATALOG_FIELDS: Final = frozenset({"__typename", "offer", "offers", "offerCategories"})
"""Root fields from which only the catalog is reached."""

_REVALIDATE: Final = (b"cache-control", b"private, no-cache")
_TAG: Final = re.compile(rb'(?:W/)?("[^"]*")')
_DIGEST_BYTES: Final = 16


def is_catalog_only(root_fields: Collection[str]) -> bool:
    """Whether a query reads nothing but the catalog."""
    return CATALOG_FIELDS.issuperset(root_fields)


def etag_of(data: Any) -> bytes:
    """Return the tag of an answer by its data alone: what it cost may differ from time to time.

    A weak one, as the same data is sent in several codings.
    """
    digest = hashlib.blake2b(msgspec.json.encode(data), digest_size=_DIGEST_BYTES)
    return b'W/"%b"' % digest.hexdigest().encode()


def conditional_response(
    reply: HttpResponse, tag: bytes, if_none_match: bytes
) -> HttpResponse | EmptyResponse:
    """Send the tag along, or only the tag to a client that has the answer."""
    headers = [each for each in reply.headers if each[0] != b"cache-control"]
    own = (_REVALIDATE, (b"etag", tag))
    if if_none_match.strip() == b"*" or tag.removeprefix(b"W/") in _TAG.findall(if_none_match):
        kept = [each for each in headers if each[0] == b"vary"]
        return EmptyResponse(304, (*kept, *own))
    return HttpResponse(reply.status, reply.media_type, reply.body, (*headers, *own))
