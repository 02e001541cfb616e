"""How answers look on the wire: the vendor's samples by default, its attested oddities by name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import msgspec

from gateway.sandbox.enums import EnumNumber
from gateway.sandbox.timestamps import Timestamp

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Quirk(StrEnum):
    """One deviation each, all combinable; the numbers are rows of CONTRACT section 11."""

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
    """Every enumeration has a value that no client has heard of."""
    FAULT_CODE_STRING = "fault-code-string"
    """Q4: the code of a fault as a string, as the documents type it."""
    FAULT_WITHOUT_DATA = "fault-without-data"
    """Q6."""
    LOCATION_ABSOLUTE = "location-absolute"
    """Q7: the opposite of the sample: scheme, host, `/v1` and `/status` are there."""
    FRACTION_0 = "fraction-0"
    FRACTION_1 = "fraction-1"
    FRACTION_2 = "fraction-2"
    FRACTION_3 = "fraction-3"
    FRACTION_4 = "fraction-4"
    FRACTION_5 = "fraction-5"
    FRACTION_6 = "fraction-6"
    FRACTION_7 = "fraction-7"
    """Q10: so many fractional digits in every time."""
    DATE_WITHOUT_ZONE = "date-without-zone"
    """Q10: times do not end with Z."""
    DATE_SPACES = "date-spaces"
    """Q11: spaces inside times."""
    TRANSITION_ARRAY = "transition-array"
    """Q13: transitions are listed under `transition` and not counted."""
    LINKS_MISSING = "links-missing"
    LINKS_WITH_VERSION = "links-with-version"
    """Q14: every relative link starts with `/v1`; without this quirk none does."""
    LINKS_TWO_QUESTION_MARKS = "links-two-question-marks"
    ERROR_DETAILS_DESCRIPTION = "error-details-description"
    """Q15: `errorDetails.description` in place of `message`."""
    EXPIRES_AFTER = "expires-after"
    """Q15: `refundOptions.expiresAfter` in place of `expiresAt`."""
    IDS_NOT_ECHOED = "ids-not-echoed"
    """Q16: answers have request and correlation ids of their own."""
    NO_CONTENT_TYPE = "no-content-type"
    """Q17."""
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
    """Q23: `Monthly` in place of `monthly`."""
    OTHER_CUSTOMER = "other-customer"
    """Q26: eligibility answers name another customer than the one asked about."""
    NULLS = "nulls"
    """Absent members are there and null."""
    EXTRA_MEMBERS = "extra-members"
    """Members that no document knows."""
    MISSING_ARRAYS = "missing-arrays"
    """Empty arrays are left out."""
    EVENTS_NEWEST_FIRST = "events-newest-first"
    """The events of a transition are listed newest first."""
    REASONS_MISSING = "reasons-missing"
    """What is not eligible does not say why."""


@dataclass(frozen=True, slots=True)
class WireProfile:
    """The quirks that are switched on."""

    quirks: frozenset[Quirk] = field(default_factory=frozenset)

    @classmethod
    def from_names(cls, names: Iterable[str]) -> "WireProfile":
        """Switch on quirks by name.

        Raises ValueError naming what is unknown and what there is.
        """
        known = {quirk.value for quirk in Quirk}
        if unknown := sorted(set(names) - known):
            raise ValueError(
                f"unknown wire quirks {', '.join(unknown)}; known are {', '.join(sorted(known))}"
            )
        return cls(frozenset(Quirk(name) for name in names))

    def __contains__(self, quirk: Quirk) -> bool:
        return quirk in self.quirks


def encode(body: Any) -> bytes:
    """Write a body as the samples show it."""
    return msgspec.json.encode(body, enc_hook=_encode_value)


def _encode_value(value: object) -> object:
    if isinstance(value, EnumNumber):
        return value.member.number
    if isinstance(value, Timestamp):
        return value.format()
    raise TypeError(f"a body cannot hold {type(value).__name__}")
