"""Masks secrets in logs, in the errors of libraries, in URLs and in settings."""

import json
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, quote_plus

MASK: Final = "[masked]"
_MASK_IN_URL: Final = "***"
# Shorter ones would also match inside ordinary words.
_SHORTEST_SECRET: Final = 4

_NAMES: Final = r"(?:token|secret|passw(?:or)?d|passphrase|assertion)"
# The first group is kept; the secret follows it.
_PATTERNS: Final = (
    re.compile(r"(?i)(\bbearer\s+)[\w.~+/=-]{8,}"),
    # Every JSON Web Token begins with the encoding of `{"`.
    re.compile(r"()eyJ[\w-]{5,}(?:\.[\w-]*)*"),
    re.compile(r"(\bugk_[a-z0-9-]+_)[0-9a-f]{16,}"),  # this gateway's API keys
    re.compile(r"()(?<![\w/.])[01]\.A[\w.-]{40,}"),  # the vendor's refresh tokens
    re.compile(rf"""(?i)({_NAMES}(?:["']\s*:|\s*=)\s*["'])(?:\\.|[^"'\\])+"""),
    re.compile(rf"""(?i)({_NAMES}\s*=\s*)[^\s&"',;]+"""),
)
_SCHEME: Final = r"[A-Za-z][\w+.-]*://"
_LEADING_SCHEME: Final = re.compile(rf"\s*{_SCHEME}")
_URL_IN_TEXT: Final = re.compile(rf"""(?<![\w+.-])({_SCHEME})([^\s'"]+)""")
_NO_PORT: Final = re.compile(r"^(\[[^\]]*\]:|[^:/\[]*:)(?!\d*(?:/|$))[^/]+")
_HARMLESS_PARAMETERS: Final = ("host", "port")
# With other schemes the user name may be a token. The last two have no user name.
_SCHEMES_WITH_HARMLESS_USER: Final = ("postgres", "sqlite:", "file:")


def mask_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """Mask everything that looks like a secret, and the given secrets in any encoding."""
    for form in sorted(_encoded_forms(secrets), key=len, reverse=True):
        text = text.replace(form, MASK)
    text = _URL_IN_TEXT.sub(_mask_match, text)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\1{MASK}", text)
    return text


def mask_url(url: str) -> str:
    """Return a URL without its password, its fragment and the values of its query.

    Everything before the last `@` counts as user name and password, so that a password with a raw
    `/`, `?`, `#` or `@` is masked completely. Only database URLs keep the user name, because in
    others it may be a token.
    """
    found = _LEADING_SCHEME.match(url)
    scheme = found.group() if found else ""
    userinfo, at, rest = url[len(scheme) :].rpartition("@")
    address, question, query = rest.partition("#")[0].partition("?")
    parameters = "&".join(map(_mask_parameter, query.split("&")))
    user = _mask_userinfo(scheme, userinfo) if at else ""
    shown = address if at else _mask_port(address)
    return mask_secrets(f"{scheme}{user}{shown}{question}{parameters}")


def _mask_match(found: re.Match[str]) -> str:
    """Mask the user name and password of a URL in a text; in an HTTP URL only before the path."""
    scheme, rest = found.groups()
    is_http = scheme.lower().startswith("http")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0] if is_http else rest
    userinfo, at, _ = authority.rpartition("@")
    return scheme + _mask_userinfo(scheme, userinfo) + rest[len(userinfo) + len(at) :]


def _mask_userinfo(scheme: str, userinfo: str) -> str:
    is_harmless = scheme.strip().lower().startswith(_SCHEMES_WITH_HARMLESS_USER)
    if not userinfo or not is_harmless:
        return ""
    user, colon, _ = userinfo.partition(":")
    return f"{user}:{_MASK_IN_URL}@" if colon else f"{user}@"


def _mask_port(address: str) -> str:
    """Mask a password in the place of the port, in a URL without `@` and host."""
    return _NO_PORT.sub(rf"\1{_MASK_IN_URL}", address)


def _mask_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    if not parameter or name in _HARMLESS_PARAMETERS:
        return parameter
    return f"{name}={_MASK_IN_URL}" if equals else _MASK_IN_URL


def _encoded_forms(secrets: Iterable[str]) -> set[str]:
    """Return each secret as it is, and as URLs, Python and JSON encode it."""
    forms: set[str] = set()
    for each in secrets:
        forms |= {each, quote(each, safe=""), quote(each), quote_plus(each)}
        forms |= {repr(each)[1:-1], json.dumps(each)[1:-1]}
    return {each for each in forms if len(each) >= _SHORTEST_SECRET}
