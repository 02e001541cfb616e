"""Media types as headers write them. Source: RFC 9110, sections 5.6, 8.3.1 and 12.5.1."""

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
    def is_utf_8(self) -> bool:
        """Whether the text is in UTF-8; it is where no charset is named."""
        return self.parameters.get("charset", "utf-8").lower() in _UTF_8

    def specificity(self, name: str) -> int:
        """How closely this names a media type: 0 if not, 1 by `*/*`, 2 by `type/*`, 3 in full."""
        if self.name == name:
            return 3
        if self.name == "*/*":
            return 1
        return 2 if self.name == f"{name.partition('/')[0]}/*" else 0


def parse_media_type(text: str) -> MediaRange | None:
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
            parameters.setdefault(parameter[1].lower(), _unquote(parameter[2]))
        position = parameter.end()
    return MediaRange(f"{match[1]}/{match[2]}".lower(), parameters)


def parse_accept(text: str) -> Iterator[MediaRange]:
    """Read an `Accept` as widely as clients write it.

    What cannot be read is skipped, in a range its parameters alone: refusing a client for it would
    help nobody. `*` stands for `*/*`, as Java up to 8 sends it.
    """
    for element in _ELEMENT.findall(text):
        match = _ACCEPTED.match(element)
        if match is None:
            continue
        name = "*/*" if match[1] == "*" else "".join(match[1].split()).lower()
        given = _ACCEPTED_PARAMETER.findall(element, match.end())
        parameters = {label.lower(): _unquote(value) for label, value in given}
        yield MediaRange(name, parameters, _parse_weight(parameters.pop("q", "")))


def parse_weights(text: str) -> dict[str, float]:
    """Read an `Accept-Encoding`: the names in lower case, with their weights."""
    weights: dict[str, float] = {}
    for element in text.split(","):
        name, _, parameter = element.partition(";")
        label, _, weight = parameter.partition("=")
        is_weighted = label.strip().lower() == "q"
        weights[name.strip().lower()] = _parse_weight(weight if is_weighted else "")
    return weights


def _parse_weight(text: str) -> float:
    """Read a weight between 0 and 1; one that cannot be read counts as if it were not given.

    A leading 0 is optional, unlike in RFC 9110: Java up to 8 leaves it out.
    """
    match = _WEIGHT.fullmatch(text.strip())
    return min(float(match[0]), 1.0) if match else 1.0


def _unquote(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
