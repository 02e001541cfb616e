"""The wire profile: the vendor's samples by default, with its quirks switched on by name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import msgspec

from gateway.sandbox.enums import EnumNumber
from gateway.sandbox.timestamps import Timestamp

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Quirk(StrEnum):
    """A deviation from the vendor's samples. Quirks combine. Q numbers are rows of CONTRACT 11."""

    BOM = "bom"
    """Q1: a byte order mark before the JSON."""
    PASCAL_CASE = "pascal-case"
    """Q2: every member name starts with a capital letter."""
    MIXED_CASE = "mixed-case"
    """Q2: some member names start with a capital letter."""
    ENUM_STRINGS = "enum-strings"
    """Q3: every enumeration as its snake_case name, error codes too."""
    ENUM_INTEGERS = "enum-integers"
    """Q3: every enumeration as its number."""
    ENUM_PASCAL = "enum-pascal"
    """Q3: every enumeration as its PascalCase name."""
    ENUM_UNKNOWN = "enum-unknown"
    """Every enumeration has a value that no client knows."""
    FAULT_CODE_STRING = "fault-code-string"
    """Q4: the code of an error as a string, as documented."""
    FAULT_WITHOUT_DATA = "fault-without-data"
    """Q6: errors without `data`."""
    LOCATION_ABSOLUTE = "location-absolute"
    """Q7: `Location` is an absolute URL with `/v1` and `/status`."""
    FRACTION_0 = "fraction-0"
    FRACTION_1 = "fraction-1"
    FRACTION_2 = "fraction-2"
    FRACTION_3 = "fraction-3"
    FRACTION_4 = "fraction-4"
    FRACTION_5 = "fraction-5"
    FRACTION_6 = "fraction-6"
    FRACTION_7 = "fraction-7"
    """Q10: every time has this number of fractional digits."""
    DATE_WITHOUT_ZONE = "date-without-zone"
    """Q10: times do not end with Z."""
    DATE_SPACES = "date-spaces"
    """Q11: spaces inside times."""
    TRANSITION_ARRAY = "transition-array"
    """Q13: transitions are listed under `transition`, without `totalCount`."""
    LINKS_MISSING = "links-missing"
    LINKS_WITH_VERSION = "links-with-version"
    """Q14: every relative link starts with `/v1`. Without this quirk none does."""
    LINKS_TWO_QUESTION_MARKS = "links-two-question-marks"
    ERROR_DETAILS_DESCRIPTION = "error-details-description"
    """Q15: `errorDetails.description` instead of `message`."""
    EXPIRES_AFTER = "expires-after"
    """Q15: `refundOptions.expiresAfter` instead of `expiresAt`."""
    IDS_NOT_ECHOED = "ids-not-echoed"
    """Q16: responses have other request and correlation ids than the request."""
    NO_CONTENT_TYPE = "no-content-type"
    """Q17: responses without `Content-Type`."""
    EMPTY_STRINGS = "empty-strings"
    """Q18: absent texts are empty strings."""
    UPPER_CASE_IDS = "upper-case-ids"
    """Q19: every GUID in capital letters."""
    LEARN_MORE_MISSING = "learn-more-missing"
    """Q21: `learnMore` without a `uri`."""
    LEARN_MORE_SPACE = "learn-more-space"
    """Q21: a space in `learnMore.uri`."""
    TRAILING_SPACES = "trailing-spaces"
    """Q23: statuses of events end with a space."""
    SDK_EVENT_NAMES = "sdk-event-names"
    """Q23: `SeatReassignment` and `InProgress`."""
    CAPITAL_CYCLES = "capital-cycles"
    """Q23: `Monthly` instead of `monthly`."""
    OTHER_CUSTOMER = "other-customer"
    """Q26: the eligibility names another customer than the request."""
    NULLS = "nulls"
    """Missing members are present and null."""
    EXTRA_MEMBERS = "extra-members"
    """Objects have undocumented members."""
    MISSING_ARRAYS = "missing-arrays"
    """Empty arrays are missing."""
    EVENTS_NEWEST_FIRST = "events-newest-first"
    """The events of a transition are listed newest first."""
    REASONS_MISSING = "reasons-missing"
    """Eligibilities that are false have no reasons."""


@dataclass(frozen=True, slots=True)
class WireProfile:
    """The set of quirks that are switched on."""

    quirks: frozenset[Quirk] = field(default_factory=frozenset)

    @classmethod
    def from_names(cls, names: Iterable[str]) -> "WireProfile":
        """Create a profile from names of quirks. Raises ValueError for unknown names."""
        known = {quirk.value for quirk in Quirk}
        if unknown := sorted(set(names) - known):
            expected = ", ".join(sorted(known))
            raise ValueError(f"unknown quirks {', '.join(unknown)}; expected any of {expected}")
        return cls(frozenset(Quirk(name) for name in names))

    def __contains__(self, quirk: Quirk) -> bool:
        return quirk in self.quirks


def encode(body: Any) -> bytes:
    """Encode a body as in the vendor's samples, without quirks."""
    return msgspec.json.encode(body, enc_hook=_encode_value)


def _encode_value(value: object) -> object:
    if isinstance(value, EnumNumber):
        return value.member.number
    if isinstance(value, Timestamp):
        return value.format()
    raise TypeError(f"a body cannot hold {type(value).__name__}")
