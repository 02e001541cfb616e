"""The headers of one request, by name."""

from typing import Final

from starlette.types import Scope

from gateway.asgi import Header
from gateway.edge.http_error import HttpError
from schema.errors import InvalidInput

RequestHeaders = dict[bytes, bytes]

# Where two of these disagree, whoever stands in front may have believed the other one.
_ONCE: Final = frozenset(
    {b"content-type", b"content-length", b"content-encoding", b"host", b"origin", b"sec-fetch-site"}
)


def read_headers(scope: Scope) -> RequestHeaders:
    """Return the headers by their names in lower case; those that are lists are joined.

    Raises HTTPRefusal where one is repeated that says one thing only.
    """
    pairs: list[Header] = scope["headers"]
    headers = dict(pairs)
    return headers if len(headers) == len(pairs) else _joined(pairs)


def read_authorizations(scope: Scope) -> list[bytes]:
    """Return every `Authorization` header, for two are not one that is longer."""
    return [value for name, value in scope["headers"] if name == b"authorization"]


def _joined(pairs: list[Header]) -> RequestHeaders:
    headers: RequestHeaders = {}
    for name, value in pairs:
        if name not in headers:
            headers[name] = value
        elif name in _ONCE:
            text = f"The header {name.decode('latin-1')} came twice; send it once."
            raise HttpError(400, InvalidInput(text))
        else:
            headers[name] += b", " + value
    return headers
