"""What allowed pages elsewhere are told, so that their browsers let them ask and read.

Source: the Fetch standard, "CORS protocol". Credentials are not allowed: the gateway knows callers
by a header that pages set themselves, never by cookies.
"""

from collections.abc import Sequence
from typing import Final

from gateway.asgi import Header

METHODS: Final = b"GET, HEAD, POST, PUT, DELETE, OPTIONS"

_PREFLIGHT: Final[Sequence[Header]] = (
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE"),
    (
        b"access-control-allow-headers",
        b"accept, authorization, content-type, last-event-id, graphql-require-preflight,"
        b" apollo-require-preflight, apollographql-client-name, apollographql-client-version,"
        b" x-requested-with, x-graphql-event-stream-token",
    ),
    (b"access-control-max-age", b"600"),
)
_EXPOSED: Final = (
    b"access-control-expose-headers",
    b"retry-after, ratelimit, ratelimit-policy, www-authenticate",
)
_VARY: Final = (b"vary", b"origin")


def answer_headers(origin: bytes) -> Sequence[Header]:
    """Let an allowed page read the answer."""
    return ((b"access-control-allow-origin", origin), _EXPOSED, _VARY)


def preflight_headers(origin: bytes | None) -> Sequence[Header]:
    """Answer OPTIONS: what can be done here, and by an allowed page."""
    if origin is None:
        return ((b"allow", METHODS), _VARY)
    return ((b"allow", METHODS), (b"access-control-allow-origin", origin), *_PREFLIGHT, _VARY)
