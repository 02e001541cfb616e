"""Parses media types and weights in headers. Source: RFC 9110, 5.6, 8.3.1 and 12.5.1."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

_NAME: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_ELEMENT: Final = re.compile(rf"(?:[^,\"]|{_QUOTED})+")
_RANGE: Final = re.compile(rf"\s*({_NAME})/({_NAME})\s*(?=;|$)")
_ACCEPTED: Final = re.compile(rf"\s*({_NAME}\s*/\s*{_NAME}|\*)\s*(?=;|$)")
_PARAMETER: Final = re.compile(rf"\s*;\s*(?:({_NAME})\s*=\s*({_NAME}|{_QUOTED}))?\s*(?=;|$)")
_ACCEPTED_PARAMETER: Final = re.compile(rf";\s*({_NAME})\s*=\s*({_QUOTED}|{_NAME})")
_UTF_8: Final = {"utf-8", "utf8"}
_ESCAPED: Final = re.compile(r"\\(.)")
_WEIGHT: Final = re.compile(r"\d+\.?\d*|\.\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class MediaRange:
    """A media type, or a wildcard such as `text/*`.

    Attributes:
        name: `type/subtype` in lower case.
        parameters: values by lower-case name, without the weight.
        weight: 0 (not acceptable) to 1.
    """

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    weight: float = 1.0

    @property
    def is_utf_8(self) -> bool:
        """Whether the charset is UTF-8, which is the default."""
        return self.parameters.get("charset", "utf-8").lower() in _UTF_8

    def specificity(self, name: str) -> int:
        """Return how closely this matches a type: 0 not at all, 1 `*/*`, 2 `type/*`, 3 exactly."""
        if self.name == name:
            return 3
        if self.name == "*/*":
            return 1
        return 2 if self.name == f"{name.partition('/')[0]}/*" else 0


def parse_media_type(text: str) -> MediaRange | None:
    """Parse a `Content-Type`; None if it is invalid."""
    match = _RANGE.match(text)
    if match is None:
        return None
    parameters: dict[str, str] = {}
    position = match.end()
    while position < len(text):
        parameter = _PARAMETER.match(text, position)
        if parameter is None:
            return None
        if parameter[1] is not None:
            parameters.setdefault(parameter[1].lower(), _unquote(parameter[2]))
        position = parameter.end()
    return MediaRange(f"{match[1]}/{match[2]}".lower(), parameters)


def parse_accept(text: str) -> Iterator[MediaRange]:
    """Parse an `Accept` header leniently.

    Invalid ranges and parameters are skipped, because rejecting the request would help no client.
    `*` means `*/*`; Java up to 8 sends it.
    """
    for element in _ELEMENT.findall(text):
        match = _ACCEPTED.match(element)
        if match is None:
            continue
        name = "*/*" if match[1] == "*" else "".join(match[1].split()).lower()
        pairs = _ACCEPTED_PARAMETER.findall(element, match.end())
        parameters = {label.lower(): _unquote(value) for label, value in pairs}
        yield MediaRange(name, parameters, _parse_weight(parameters.pop("q", "")))


def parse_weights(text: str) -> dict[str, float]:
    """Parse an `Accept-Encoding` header into weights by lower-case name."""
    weights: dict[str, float] = {}
    for element in text.split(","):
        name, _, parameter = element.partition(";")
        label, _, weight = parameter.partition("=")
        is_weighted = label.strip().lower() == "q"
        weights[name.strip().lower()] = _parse_weight(weight if is_weighted else "")
    return weights


def _parse_weight(text: str) -> float:
    """Parse a weight between 0 and 1; an invalid or missing weight is 1.

    A leading 0 is optional, unlike in RFC 9110: Java up to 8 omits it.
    """
    match = _WEIGHT.fullmatch(text.strip())
    return min(float(match[0]), 1.0) if match else 1.0


def _unquote(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
