"""CORS headers, which let pages of allowed origins send requests and read responses.

Source: the Fetch standard, "CORS protocol". Credentials mode is not allowed: callers authenticate
with a header that pages set themselves, never with cookies.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from gateway.asgi import Header

METHODS: Final = b"GET, HEAD, POST, PUT, DELETE, OPTIONS"

# The headers that the gateway reads and those that GraphQL clients and tracing libraries add. A
# browser does not send the request if one of its headers is not allowed.
_REQUEST_HEADERS: Final = (
    b"accept, authorization, content-type, if-none-match, last-event-id,"
    b" cache-control, pragma, x-requested-with, x-graphql-event-stream-token,"
    b" graphql-require-preflight, graphql-preflight, apollo-require-preflight,"
    b" apollographql-client-name, apollographql-client-version,"
    b" graphql-client-name, graphql-client-version,"
    b" x-graphql-client-name, x-graphql-client-version,"
    b" x-apollo-operation-name, x-apollo-operation-id, x-apollo-operation-type,"
    b" traceparent, tracestate, baggage, sentry-trace,"
    b" x-request-id, x-correlation-id, x-client-request-id, request-id, request-context,"
    b" b3, x-b3-traceid, x-b3-spanid, x-b3-parentspanid, x-b3-sampled, x-b3-flags,"
    b" x-datadog-trace-id, x-datadog-parent-id, x-datadog-origin, x-datadog-sampling-priority,"
    b" elastic-apm-traceparent, newrelic, uber-trace-id, x-amzn-trace-id, x-cloud-trace-context"
)
_METHODS: Final = (b"access-control-allow-methods", b"GET, POST, PUT, DELETE")
_MAX_AGE: Final = (b"access-control-max-age", b"600")
_EXPOSED: Final = (
    b"access-control-expose-headers",
    b"retry-after, ratelimit, ratelimit-policy, www-authenticate",
)
_VARY: Final = (b"vary", b"origin")


def response_headers(origin: bytes) -> Sequence[Header]:
    """Return the headers that let a page of this origin read the response."""
    return ((b"access-control-allow-origin", origin), _EXPOSED, _VARY)


class Preflight:
    """Builds response headers for OPTIONS, which browsers send before a cross-origin request.

    Args:
        extra_headers: names of request headers to allow besides the common ones.
    """

    def __init__(self, extra_headers: Iterable[str]) -> None:
        names = [_REQUEST_HEADERS, *(name.lower().encode() for name in extra_headers)]
        self._allowed = (b"access-control-allow-headers", b", ".join(names))

    def build_headers(self, origin: bytes | None) -> Sequence[Header]:
        """Return the allowed methods, with CORS headers if the origin is allowed."""
        if origin is None:
            return ((b"allow", METHODS), _VARY)
        allow_origin = (b"access-control-allow-origin", origin)
        return ((b"allow", METHODS), allow_origin, _METHODS, self._allowed, _MAX_AGE, _VARY)
