"""Parses the bodies of error responses, which have many forms (CONTRACT 8.1)."""

import http
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from gateway.settings.masking import mask_secrets
from gateway.upstream.transport.base import UpstreamResponse
from gateway.upstream.transport.response_body import to_utf8
from schema.quoting import shorten

_MAX_DESCRIPTION_CHARS: Final = 500
_MAX_CODE_CHARS: Final = 60
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Names of members in lower case, the most specific first.
_CODE_NAMES: Final = ("code", "errorcode", "error_code")
_TEXT_NAMES: Final = ("description", "message", "detail", "error_description", "errormessage")
_NESTED_NAMES: Final = ("error", "odata.error", "errors")
_MAX_DEPTH: Final = 5
_MAX_EXPLANATIONS: Final = 500


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """An error of the vendor: its code, if any, and a text for people."""

    code: str | None
    description: str


_EMPTY: Final = ErrorBody(None, "")


def parse_error_body(response: UpstreamResponse) -> ErrorBody:
    """Parse an error response. If its body has no text, the text describes the status."""
    body = to_utf8(response.body, response.headers.get("Content-Type", ""))
    text = body.decode(errors="replace").strip()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        error = ErrorBody(None, sanitize(text))
    else:
        error = find_error(document)
        if error == _EMPTY and not isinstance(document, Mapping):
            error = ErrorBody(None, sanitize(text))
    return replace(error, description=error.description or _describe_status(response.status))


def find_error(document: object) -> ErrorBody:
    """Return the code and the text of an error in any form; the text is empty if there is none.

    The vendor, its front door, the token endpoint, RFC 9457 and OData have different names and
    depths of members. Outer members take precedence.
    """
    if isinstance(document, list):
        document = [item for item in document if isinstance(item, Mapping)]
    found = list(islice(_walk(document, 0), _MAX_EXPLANATIONS))
    codes = (_to_code(value) for kind, value in found if kind == "code")
    texts = (sanitize(value) for kind, value in found if kind == "text" and isinstance(value, str))
    return ErrorBody(next(filter(None, codes), None), next(filter(None, texts), ""))


def _walk(value: object, depth: int) -> Iterator[tuple[str, object]]:
    """Yield candidates for the code and the text. The title is last, as the least specific."""
    if isinstance(value, str):
        yield "text", value
    elif depth >= _MAX_DEPTH:
        return
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, Mapping):
        members = {name.lower(): member for name, member in value.items()}
        yield from (("code", code) for code in _find_codes(members))
        yield from (("text", _odata_text(members.get(name))) for name in _TEXT_NAMES)
        for name in _NESTED_NAMES:
            yield from _walk(members.get(name), depth + 1)
        if isinstance(by_field := members.get("errors"), Mapping):
            yield from _walk(list(by_field.values()), depth + 1)
        yield "text", members.get("title")


def _odata_text(text: object) -> object:
    """Return the text of OData's object of a language and a text."""
    return text.get("value") if isinstance(text, Mapping) else text


def _find_codes(members: Mapping[str, object]) -> Iterator[object]:
    yield from map(members.get, _CODE_NAMES)
    error = members.get("error")
    if isinstance(error, str) and error.isidentifier():  # the form of the token endpoint
        yield error


def sanitize(text: str, max_chars: int = _MAX_DESCRIPTION_CHARS) -> str:
    """Make a text from outside safe to show and log: one line, bounded, without secrets.

    Errors of vendors sometimes repeat request headers.
    """
    valid = text.encode(errors="replace").decode()  # JSON can contain lone surrogates
    return shorten(mask_secrets(_CONTROL.sub(" ", valid)).strip(), max_chars)


def _to_code(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return sanitize(str(value), _MAX_CODE_CHARS) or None


def _describe_status(status: int) -> str:
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = "no reason given"
    return f"Partner Center responded with HTTP {status} ({phrase}) and gave no reason."
