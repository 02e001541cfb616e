"""The shapes in which the vendor explains a refusal, read into one (CONTRACT 8.1)."""

import codecs
import http
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.settings.masking import masked
from gateway.upstream.transport import Answer
from schema.quoting import shorten

_MAX_DESCRIPTION_CHARS: Final = 500
_MAX_CODE_CHARS: Final = 60
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Fault:
    """What a refusal says: the vendor's code, if there is one, and a text for people."""

    code: str | None
    description: str


def read_fault(answer: Answer) -> Fault:
    """Read any refusal; what cannot be read is described by its status.

    Order: fault, throttle shape, token endpoint's shape, plain text, status phrase.
    """
    text = answer.body.removeprefix(codecs.BOM_UTF8).decode(errors="replace").strip()
    members = _members(text)
    if members is None:
        return Fault(None, printable(text) or _status_text(answer.status))
    code, description = _code_and_description(members)
    return Fault(_code(code), printable(_string(description)) or _status_text(answer.status))


def printable(text: str, max_chars: int = _MAX_DESCRIPTION_CHARS) -> str:
    """Make foreign text fit to show and log: one line, bounded, without secrets.

    Vendors have been seen to quote headers back.
    """
    return shorten(masked(_CONTROL.sub(" ", text)).strip(), max_chars)


def _members(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, Mapping):
        return None
    return {name.lower(): value for name, value in document.items()}


def _code_and_description(members: Mapping[str, Any]) -> tuple[object, object]:
    if members.keys() & {"code", "description", "data"}:
        return members.get("code"), members.get("description") or members.get("message")
    if members.keys() & {"statuscode", "message"}:
        return None, members.get("message")
    return members.get("error"), members.get("error_description")


def _code(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return printable(str(value), _MAX_CODE_CHARS) or None


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _status_text(status: int) -> str:
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = "no reason given"
    return f"Partner Center answered HTTP {status} ({phrase}) without saying why"
