"""Which web pages may make a browser ask, whatever the protocol.

A page elsewhere can make its visitor's browser send requests without a preflight: forms, images,
links, WebSocket handshakes. What they carry decides nothing here, as their shapes grow in number;
who sends them does, which browsers tell and pages cannot forge. Programs tell nothing of the kind
and need no protection: nobody makes them ask.

Source: the Fetch standard, "`Origin` header"; W3C Fetch Metadata, `Sec-Fetch-Site`.
"""

from collections.abc import Iterable

from gateway.edge.headers import RequestHeaders
from gateway.edge.http_error import HttpError
from schema.errors import Forbidden
from schema.quoting import quote

_OWN_SITES = {b"same-origin", b"none"}  # none: the user, by address bar or bookmark


class AllowedOrigins:
    """The gateway's own pages, and those elsewhere that are allowed.

    Args:
        allowed: such as `https://console.example`, in lower case.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = frozenset(origin.encode() for origin in allowed)

    def require_allowed(self, headers: RequestHeaders) -> None:
        """Raise HTTPRefusal for a request of a page that may not ask.

        Browsers that tell only the site, as for links and images, tell it of no allowed page.
        """
        origin = headers.get(b"origin")
        if origin is None:
            is_own = headers.get(b"sec-fetch-site", b"none") in _OWN_SITES
        else:
            is_own = origin in self._allowed or _is_own(origin, headers)
        if not is_own:
            raise HttpError(403, Forbidden(_refusal(origin)))

    def find_allowed_cross_origin(self, headers: RequestHeaders) -> bytes | None:
        """Return the origin of a page elsewhere that may ask, for CORS to say so."""
        origin = headers.get(b"origin")
        return origin if origin in self._allowed else None


def _refusal(origin: bytes | None) -> str:
    """Name the page as far as its browser does, and the setting that would let it in."""
    setting = "its operator allows origins with UPGRADE_GATEWAY_HTTP__ALLOWED_ORIGINS"
    if origin is None:
        return f"Pages of other sites may not ask this gateway; {setting}."
    return f"Pages of {quote(origin.decode('latin-1'))} may not ask this gateway; {setting}."


def _is_own(origin: bytes, headers: RequestHeaders) -> bool:
    """Whether a page came from here, by the browser's word or by the name we are called by.

    Of the origin only the host and port are compared: TLS may end before this process.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site == b"same-origin"
    _, _, authority = origin.partition(b"://")
    return authority != b"" and authority.lower() == headers.get(b"host", b"").lower()
