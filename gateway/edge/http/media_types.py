"""Media types as headers write them. Source: RFC 9110, sections 5.6, 8.3.1 and 12.5.1."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

_NAME: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_ELEMENT: Final = re.compile(rf"(?:[^,\"]|{_QUOTED})+")
_RANGE: Final = re.compile(rf"\s*({_NAME})/({_NAME})\s*(?=;|$)")
_PARAMETER: Final = re.compile(rf"\s*;\s*(?:({_NAME})\s*=\s*({_NAME}|{_QUOTED}))?\s*(?=;|$)")
_ESCAPED: Final = re.compile(r"\\(.)")
_WEIGHT: Final = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One media type, or many by `*`.

    Attributes:
        name: `type/subtype` in lower case.
        parameters: by name in lower case, without the weight.
        weight: from 0, not acceptable, to 1.
    """

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    weight: float = 1.0

    @property
    def charset(self) -> str:
        """The encoding in lower case, UTF-8 where none is named."""
        return self.parameters.get("charset", "utf-8").lower()

    def precision(self, name: str) -> int:
        """How closely this names a media type: 0 if not, 1 by `*/*`, 2 by `type/*`, 3 in full."""
        if self.name == name:
            return 3
        if self.name == "*/*":
            return 1
        return 2 if self.name == f"{name.partition('/')[0]}/*" else 0


def media_type(text: str) -> MediaRange | None:
    """Read a `Content-Type`; None where it is none."""
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
            parameters.setdefault(parameter[1].lower(), _unquoted(parameter[2]))
        position = parameter.end()
    return MediaRange(f"{match[1]}/{match[2]}".lower(), parameters)


def accepted_types(text: str) -> Iterator[MediaRange]:
    """Read an `Accept`; what is no media type in it is passed over."""
    for element in _ELEMENT.findall(text):
        found = media_type(element)
        if found is not None:
            parameters = dict(found.parameters)
            yield MediaRange(found.name, parameters, _weight(parameters.pop("q", "1")))


def weighted_names(text: str) -> dict[str, float]:
    """Read an `Accept-Encoding`: the names in lower case, with their weights."""
    weights: dict[str, float] = {}
    for element in text.split(","):
        name, _, parameter = element.partition(";")
        label, _, weight = parameter.partition("=")
        is_weighted = label.strip().lower() == "q"
        weights[name.strip().lower()] = _weight(weight.strip()) if is_weighted else 1.0
    return weights


def _weight(text: str) -> float:
    """Read a weight; an unreadable one counts as none."""
    return float(text) if _WEIGHT.fullmatch(text) else 0.0


def _unquoted(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
