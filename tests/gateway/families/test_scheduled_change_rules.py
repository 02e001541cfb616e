"""Decisions about changes at the end of a term (CONTRACT 4.19, 10.4)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from strawberry import ID

from gateway.families.scheduled_change_rules import is_renewing
from schema.customer_subscription import CustomerSubscription
from schema.keys import SubscriptionKey
from schema.subscription_terms import CommerceFamily, SubscriptionStatus

LAST_DAY = datetime(2026, 12, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ends", "now", "expected"),
    [
        (LAST_DAY, datetime(2026, 12, 4, 23, 59, 59, tzinfo=UTC), False),
        (LAST_DAY, datetime(2026, 12, 5, tzinfo=UTC), True),
        (LAST_DAY.replace(hour=23, minute=59), datetime(2026, 12, 5, tzinfo=UTC), True),
        (LAST_DAY, datetime(2026, 12, 5, 1, tzinfo=timezone(timedelta(hours=2))), False),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2026, 12, 5, tzinfo=UTC), False),
        (None, datetime(2026, 12, 5, tzinfo=UTC), False),
    ],
)
def test_a_renewal_starts_on_the_day_after_the_last_one_in_utc(
    ends: datetime | None, now: datetime, expected: bool
) -> None:
    source = CustomerSubscription(
        id=ID("s"),
        status=SubscriptionStatus.ACTIVE,
        commerce=CommerceFamily.NEW_COMMERCE,
        key=SubscriptionKey("c", "s"),
        commitment_end_date=ends,
    )
    assert is_renewing(source, now) is expected
