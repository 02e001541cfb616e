"""Requests as they are written: nothing that is given can end a line or begin another request."""

import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from gateway.upstream.transport import OutgoingRequest

# RFC 9110, 5.6.2: what methods and names of header fields are made of.
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Malformed(ValueError):
    """An address or a header that cannot be sent; says nothing of it, since it may be a secret."""


class Origin(NamedTuple):
    """Where connections lead."""

    host: str
    port: int
    is_tls: bool


class Head(NamedTuple):
    """A request as bytes, body included, and where it goes."""

    origin: Origin
    request: bytes


def written(request: OutgoingRequest) -> Head:
    """Write a request; raises `Malformed`."""
    scheme, _, rest = request.url.partition("://")
    authority, _, target = rest.partition("/")
    origin = _origin(scheme, authority)
    lines = [f"{request.method} /{target} HTTP/1.1", f"Host: {authority}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    lines.append("Accept-Encoding: gzip")
    if request.body is not None:
        lines.append(f"Content-Length: {len(request.body)}")
    lines += ["", ""]
    head = "\r\n".join(lines)
    _check(request, target, head, ends=len(lines) - 1)
    return Head(origin, _encoded(head) + (request.body or b""))


def _check(request: OutgoingRequest, target: str, head: str, ends: int) -> None:
    """Find what would end a line beside the ends that are ours."""
    if head.count("\n") != ends or head.count("\r") != ends or "\0" in head:
        raise Malformed
    if not (target.isascii() and target.isprintable()) or " " in target:
        raise Malformed
    if not _are_tokens((request.method, *[name for name, _ in request.headers])):
        raise Malformed


def _encoded(head: str) -> bytes:
    try:
        return head.encode("latin-1")
    except UnicodeEncodeError:
        raise Malformed from None  # whose text quotes the header


@lru_cache(maxsize=64)  # the names that are sent together are few
def _are_tokens(names: tuple[str, ...]) -> bool:
    return all(map(_TOKEN.fullmatch, names))


@lru_cache(maxsize=16)
def _origin(scheme: str, authority: str) -> Origin:
    try:
        split = urlsplit(f"{scheme}://{authority}")
        port = split.port
    except ValueError:
        raise Malformed from None
    default = _DEFAULT_PORTS.get(scheme)
    if default is None or not split.hostname or split.netloc != authority or "@" in authority:
        raise Malformed
    return Origin(split.hostname, port or default, scheme == "https")
