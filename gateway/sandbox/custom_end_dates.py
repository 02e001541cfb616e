"""The dates on which a term may end if it is to be aligned (CONTRACT 4.20, 10.4)."""

import calendar
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from gateway.sandbox.errors import VendorError, invalid_input_error
from gateway.sandbox.records import CommerceFamily, Customer, Subscription
from gateway.sandbox.renewals import TERM_DAYS

MONTH_END: Final = "calendarMonthAligned"
SUBSCRIPTION_END: Final = "subscriptionAligned"
_FIRST_UNCERTAIN_DAY: Final = 28
_LAST_UNCERTAIN_DAY: Final = 30


@dataclass(frozen=True, slots=True)
class CustomEndDate:
    """A date on which a term may end. The subscriptions of `subscription_ids` end then, too."""

    kind: str
    day: date
    subscription_ids: tuple[str, ...] = ()


def list_custom_end_dates(customer: Customer, term: str, start: date) -> list[CustomEndDate]:
    """List the allowed dates within the first term from `start`, in ascending order."""
    found = [*_iter_month_ends(term, start), *_iter_subscription_ends(customer, term, start)]
    return sorted(found, key=lambda each: (each.day, each.kind))


def check_custom_end_date(text: str, customer: Customer, term: str, start: date) -> None:
    """Raise VendorError 900245 or 900246 if a term from `start` may not end on this date."""
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError:
        raise invalid_input_error(f"customTermEndDate '{text}' is not a date") from None
    allowed = list_custom_end_dates(customer, term, start)
    if any(each.day == day for each in allowed):
        return
    is_outside = not start <= day < _compute_end(term, start)
    if is_outside or (term == "P1M" and _is_uncertain(day)):
        raise VendorError(
            400, 900245, f"The custom end date {day} is not within the first term after {start}."
        )
    raise VendorError(
        400, 900246, f"{day} is neither the end of an active subscription nor of a month."
    )


def to_day(epoch_s: float) -> date:
    return datetime.fromtimestamp(epoch_s, UTC).date()


def _compute_end(term: str, start: date) -> date:
    return start + timedelta(days=TERM_DAYS[term])


def _iter_month_ends(term: str, start: date) -> Iterator[CustomEndDate]:
    day = start
    while True:
        day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        if day >= _compute_end(term, start):
            return
        yield CustomEndDate(MONTH_END, day)
        day += timedelta(days=1)


def _iter_subscription_ends(customer: Customer, term: str, start: date) -> Iterator[CustomEndDate]:
    ids: dict[date, list[str]] = defaultdict(list)
    for each in customer.subscriptions.values():
        day = to_day(each.ends_s) if _can_be_target(each, term) else None
        if day is None or not start <= day < _compute_end(term, start):
            continue
        if term != "P1M" or not _is_uncertain(day):
            ids[day].append(each.id)
    for day, found in ids.items():
        yield CustomEndDate(SUBSCRIPTION_END, day, tuple(found))


def _can_be_target(target: Subscription, term: str) -> bool:
    """A longer term cannot be aligned to a monthly one."""
    return (
        target.commerce_family is CommerceFamily.NEW_COMMERCE
        and target.is_active
        and not target.is_trial
        and (term == "P1M" or target.term != "P1M")
    )


def _is_uncertain(day: date) -> bool:
    """Return whether a month lacks the day, although it is not the last one of its own month."""
    is_last = day.day == calendar.monthrange(day.year, day.month)[1]
    return _FIRST_UNCERTAIN_DAY <= day.day <= _LAST_UNCERTAIN_DAY and not is_last
