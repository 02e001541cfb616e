"""Parses the query of the audit feed (CONTRACT 4.22)."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from gateway.sandbox.audit_log import AuditEntry
from gateway.sandbox.errors import VendorError, malformed_value_error
from gateway.sandbox.timestamps import DAY_S

MAX_AGE_DAYS: Final = 90
MAX_WINDOW_DAYS: Final = 30
_US_FORMATS: Final = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y")
_OPERATORS: Final = {"companyname": "substring", "customerid": "equals", "resourcetype": "equals"}


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """A parsed query of the audit feed.

    Dates are days since 1970, both inclusive. `field` and `value` are in lower case.
    """

    start_day: int
    end_day: int
    field: str = ""
    value: str = ""

    def matches(self, entry: AuditEntry) -> bool:
        if not self.start_day <= int(entry.happened_s // DAY_S) <= self.end_day:
            return False
        profile = entry.write.profile
        if self.field == "companyname":
            return self.value in profile.company_name.lower()
        found = {"customerid": profile.id, "resourcetype": entry.write.resource_type}
        return not self.field or found[self.field] == self.value


def parse_audit_query(query: Mapping[str, str], now_s: float) -> AuditQuery:
    """Parse the dates and the filter. Names in `query` are in lower case. Raises VendorError."""
    today = int(now_s // DAY_S)
    end_day = _parse_day(query.get("enddate"), "endDate", today)
    start_day = _parse_day(query.get("startdate"), "startDate", end_day - MAX_WINDOW_DAYS)
    if today - start_day > MAX_AGE_DAYS:
        raise _date_error(f"startDate is more than {MAX_AGE_DAYS} days ago")
    if start_day > end_day:
        raise _date_error("startDate is after endDate")
    if end_day - start_day > MAX_WINDOW_DAYS:
        raise _date_error(f"startDate and endDate are more than {MAX_WINDOW_DAYS} days apart")
    return AuditQuery(start_day, end_day, *_parse_filter(query.get("filter", "")))


def format_day(day: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(day * DAY_S))


def _parse_day(text: str | None, name: str, default: int) -> int:
    """Parse a date in one of the three forms that are documented (Q36)."""
    if not text:
        return default
    moment = _parse_iso(text) or _parse_us(text)
    if moment is None:
        raise malformed_value_error(name, text, "a date like 2026-01-31")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() // DAY_S)


def _parse_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _parse_us(text: str) -> datetime | None:
    for form in _US_FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _parse_filter(text: str) -> tuple[str, str]:
    if not text:
        return "", ""
    try:
        members: dict[str, Any] = {key.lower(): each for key, each in json.loads(text).items()}
    except (ValueError, AttributeError):
        raise malformed_value_error("filter", text, "a JSON object") from None
    field = str(members.get("field", "")).lower()
    expected = _OPERATORS.get(field)
    if expected is None:
        raise malformed_value_error(
            "filter.Field", str(members.get("field")), "CompanyName, CustomerId or ResourceType"
        )
    if str(members.get("operator", "")).lower() != expected:
        raise malformed_value_error("filter.Operator", str(members.get("operator")), expected)
    return field, str(members.get("value", "")).lower()


def _date_error(text: str) -> VendorError:
    return VendorError(400, 2000, f"The dates are invalid: {text}.")
