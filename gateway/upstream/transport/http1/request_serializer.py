"""Serializes requests so that no value can end a line or start another request."""

import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from gateway.upstream.transport.base import OutgoingRequest

# RFC 9110, 5.6.2: methods and names of header fields.
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class UnsendableRequest(ValueError):
    """The URL or a header cannot be sent. Has no message, because the text may be a secret."""


class Origin(NamedTuple):
    """The scheme, host and port of a server."""

    host: str
    port: int
    is_tls: bool


class SerializedRequest(NamedTuple):
    """A request as bytes, and the server to send it to."""

    origin: Origin
    request: bytes


def serialize_request(request: OutgoingRequest) -> SerializedRequest:
    """Convert a request to bytes. Raises `UnsendableRequest`."""
    scheme, _, rest = request.url.partition("://")
    authority, _, target = rest.partition("/")
    origin = _parse_origin(scheme, authority)
    lines = [f"{request.method} /{target} HTTP/1.1", f"Host: {authority}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    lines.append("Accept-Encoding: gzip")
    if request.body is not None:
        lines.append(f"Content-Length: {len(request.body)}")
    lines += ["", ""]
    head = "\r\n".join(lines)
    _reject_injection(request, target, head, ends=len(lines) - 1)
    return SerializedRequest(origin, _encode(head) + (request.body or b""))


def _reject_injection(request: OutgoingRequest, target: str, head: str, ends: int) -> None:
    """Reject values that contain line breaks or are otherwise invalid."""
    if head.count("\n") != ends or head.count("\r") != ends or "\0" in head:
        raise UnsendableRequest
    if not (target.isascii() and target.isprintable()) or " " in target:
        raise UnsendableRequest
    if not _are_tokens((request.method, *[name for name, _ in request.headers])):
        raise UnsendableRequest


def _encode(head: str) -> bytes:
    try:
        return head.encode("latin-1")
    except UnicodeEncodeError:
        raise UnsendableRequest from None  # its message contains the header


@lru_cache(maxsize=64)  # few different sets of names are sent
def _are_tokens(names: tuple[str, ...]) -> bool:
    return all(map(_TOKEN.fullmatch, names))


@lru_cache(maxsize=16)
def _parse_origin(scheme: str, authority: str) -> Origin:
    try:
        split = urlsplit(f"{scheme}://{authority}")
        port = split.port
    except ValueError:
        raise UnsendableRequest from None
    default = _DEFAULT_PORTS.get(scheme)
    if default is None or not split.hostname or split.netloc != authority or "@" in authority:
        raise UnsendableRequest
    return Origin(split.hostname, port or default, scheme == "https")
