"""Protection against cross-site requests, for HTTP and WebSocket.

A page of another site can make its visitor's browser send requests without a preflight: forms,
images, links, WebSocket handshakes. The check looks only at the origin, which browsers send and
pages cannot forge. Clients that are not browsers send no origin and need no protection.

Source: the Fetch standard, "`Origin` header"; W3C Fetch Metadata, `Sec-Fetch-Site`.
"""

from collections.abc import Iterable

from gateway.edge.headers import RequestHeaders
from gateway.edge.response import HttpError
from schema.errors import Forbidden
from schema.quoting import quote

_SAME_SITES = {b"same-origin", b"none"}  # none: the user typed the URL or used a bookmark


class AllowedOrigins:
    """The origins whose pages may send requests: the gateway's own, and those of the settings.

    Args:
        allowed: origins such as `https://console.example`, in lower case.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = frozenset(origin.encode() for origin in allowed)

    def require_allowed(self, headers: RequestHeaders) -> None:
        """Raise HttpError if the request comes from a page of an origin that is not allowed."""
        origin = headers.get(b"origin")
        if origin is None:
            # Browsers send only this header for links and images, which no allowed page needs.
            is_allowed = headers.get(b"sec-fetch-site", b"none") in _SAME_SITES
        else:
            is_allowed = origin in self._allowed or _is_same_origin(origin, headers)
        if not is_allowed:
            raise HttpError(403, Forbidden(_rejection_text(origin)))

    def find_allowed_cross_origin(self, headers: RequestHeaders) -> bytes | None:
        """Return the origin if the settings allow it, so that responses need CORS headers."""
        origin = headers.get(b"origin")
        return origin if origin in self._allowed else None


def _rejection_text(origin: bytes | None) -> str:
    pages = "other sites" if origin is None else quote(origin.decode("latin-1"))
    return (
        f"Pages of {pages} may not send requests to this gateway. Its operator allows origins with"
        " UPGRADE_GATEWAY_HTTP__ALLOWED_ORIGINS."
    )


def _is_same_origin(origin: bytes, headers: RequestHeaders) -> bool:
    """Compare by `Sec-Fetch-Site`, or else the origin's host and port with the Host header.

    The scheme is not compared, because a proxy may terminate TLS.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site == b"same-origin"
    _, _, authority = origin.partition(b"://")
    return authority != b"" and authority.lower() == headers.get(b"host", b"").lower()
