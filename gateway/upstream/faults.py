"""The shapes in which the vendor explains a refusal, read into one (CONTRACT 8.1)."""

import http
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from gateway.settings.masking import mask_secrets
from gateway.upstream.response_body import to_utf8
from gateway.upstream.transport import Answer
from schema.quoting import shorten

_MAX_DESCRIPTION_CHARS: Final = 500
_MAX_CODE_CHARS: Final = 60
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Names in lower case, in the order of what they say.
_CODES: Final = ("code", "errorcode", "error_code")
_TEXTS: Final = ("description", "message", "detail", "error_description", "errormessage")
_NESTED: Final = ("error", "odata.error", "errors")
_MAX_DEPTH: Final = 5
_MAX_EXPLANATIONS: Final = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """What a refusal says: the vendor's code, if there is one, and a text for people."""

    code: str | None
    description: str


_NOTHING: Final = Fault(None, "")


def read_fault(answer: Answer) -> Fault:
    """Read any refusal; what explains nothing is described by its status."""
    body = to_utf8(answer.body, answer.headers.get("Content-Type", ""))
    text = body.decode(errors="replace").strip()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        fault = Fault(None, printable(text))
    else:
        fault = fault_in(document)
        if fault == _NOTHING and not isinstance(document, Mapping):
            fault = Fault(None, printable(text))
    return replace(fault, description=fault.description or _status_text(answer.status))


def fault_in(document: object) -> Fault:
    """Find a code and a text in any shape of a fault; the text is empty where there is none.

    The shapes of the vendor, its front door, the token endpoint, RFC 9457 and OData differ in the
    names of their members and in how deep they are: what stands further out comes first.
    """
    if isinstance(document, list):
        document = [item for item in document if isinstance(item, Mapping)]
    found = list(islice(_explanations(document, 0), _MAX_EXPLANATIONS))
    codes = (_code(value) for kind, value in found if kind == "code")
    texts = (printable(value) for kind, value in found if kind == "text" and isinstance(value, str))
    return Fault(next(filter(None, codes), None), next(filter(None, texts), ""))


def _explanations(value: object, depth: int) -> Iterator[tuple[str, object]]:
    """Yield what may be a code or a text, a title last: it says less than the rest."""
    if isinstance(value, str):
        yield "text", value
    elif depth >= _MAX_DEPTH:
        return
    elif isinstance(value, list):
        for item in value:
            yield from _explanations(item, depth + 1)
    elif isinstance(value, Mapping):
        members = {name.lower(): member for name, member in value.items()}
        yield from (("code", code) for code in _codes(members))
        yield from (("text", _in_any_language(members.get(name))) for name in _TEXTS)
        for name in _NESTED:
            yield from _explanations(members.get(name), depth + 1)
        if isinstance(by_field := members.get("errors"), Mapping):
            yield from _explanations(list(by_field.values()), depth + 1)
        yield "text", members.get("title")


def _in_any_language(text: object) -> object:
    """Take the text of OData's, which comes with a language."""
    return text.get("value") if isinstance(text, Mapping) else text


def _codes(members: Mapping[str, object]) -> Iterator[object]:
    yield from map(members.get, _CODES)
    error = members.get("error")
    if isinstance(error, str) and error.isidentifier():  # the token endpoint's
        yield error


def printable(text: str, max_chars: int = _MAX_DESCRIPTION_CHARS) -> str:
    """Make foreign text fit to show and log: one line, bounded, without secrets.

    Vendors have been seen to quote headers back.
    """
    sound = text.encode(errors="replace").decode()  # JSON can hold half of a surrogate pair
    return shorten(mask_secrets(_CONTROL.sub(" ", sound)).strip(), max_chars)


def _code(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return printable(str(value), _MAX_CODE_CHARS) or None


def _status_text(status: int) -> str:
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = "no reason given"
    return f"Partner Center answered HTTP {status} ({phrase}) without saying why"
