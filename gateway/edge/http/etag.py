"""Conditional requests (`ETag`, 304) for queries that read only the catalog.

Offers and categories change every few hours, and pages of them are large. Other data is private to
a customer and current. Source: RFC 9110, sections 8.8.3 and 13.1.2.
"""

import hashlib
import re
from collections.abc import Collection
from typing import Any, Final

import msgspec

from gateway.edge.http.http_response import EmptyResponse, HttpResponse

CATALOG_FIELDS: Final = frozenset({"__typename", "offer", "offers", "offerCategories"})
"""Root fields that reach nothing but the catalog."""

_REVALIDATE: Final = (b"cache-control", b"private, no-cache")
_ETAG: Final = re.compile(rb'(?:W/)?("[^"]*")')
_DIGEST_BYTES: Final = 16


def is_catalog_only(root_fields: Collection[str]) -> bool:
    return CATALOG_FIELDS.issuperset(root_fields)


def etag_of(data: Any) -> bytes:
    """Return the ETag of a response, which depends on its `data` but not on its `extensions`.

    It is weak because the same data is sent with different content codings.
    """
    digest = hashlib.blake2b(msgspec.json.encode(data), digest_size=_DIGEST_BYTES)
    return b'W/"%b"' % digest.hexdigest().encode()


def conditional_response(
    response: HttpResponse, etag: bytes, if_none_match: bytes
) -> HttpResponse | EmptyResponse:
    """Add the ETag to a response, or return 304 if the client already has it."""
    headers = [each for each in response.headers if each[0] != b"cache-control"]
    own = (_REVALIDATE, (b"etag", etag))
    if if_none_match.strip() == b"*" or etag.removeprefix(b"W/") in _ETAG.findall(if_none_match):
        kept = [each for each in headers if each[0] == b"vary"]
        return EmptyResponse(304, (*kept, *own))
    return HttpResponse(response.status, response.media_type, response.body, (*headers, *own))
