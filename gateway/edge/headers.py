"""Reads the headers of a request into a dictionary."""

from typing import Final

from starlette.types import Scope

from gateway.asgi import Header
from gateway.edge.response import HttpError
from schema.errors import InvalidInput

RequestHeaders = dict[bytes, bytes]

# If two of these differ, a proxy in front may have acted on the other one.
_SINGLE_VALUE_HEADERS: Final = frozenset(
    {b"content-type", b"content-length", b"content-encoding", b"host", b"origin", b"sec-fetch-site"}
)


def read_headers(scope: Scope) -> RequestHeaders:
    """Return headers by lower-case name; repeated list headers are joined with commas.

    Raises HttpError if a header that allows one value is repeated.
    """
    pairs: list[Header] = scope["headers"]
    headers = dict(pairs)
    return headers if len(headers) == len(pairs) else _join_repeated(pairs)


def read_authorizations(scope: Scope) -> list[bytes]:
    """Return every `Authorization` header; several must not be joined into one."""
    return [value for name, value in scope["headers"] if name == b"authorization"]


def _join_repeated(pairs: list[Header]) -> RequestHeaders:
    headers: RequestHeaders = {}
    for name, value in pairs:
        if name not in headers:
            headers[name] = value
        elif name in _SINGLE_VALUE_HEADERS:
            text = f"The request has more than one {name.decode('latin-1')} header. Send one."
            raise HttpError(400, InvalidInput(text))
        else:
            headers[name] += b", " + value
    return headers
